import type { FlowVersionRef, RunStatus } from "@noukai/engine";
import { ApiError } from "./errors.ts";
import { zRunStatus } from "./generated/zod.gen.ts";

const slugForm = /^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])$/;
const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** A node's id, inside sub-flows behind those of the flow steps around it. */
const stepIdForm = /^[A-Za-z_][A-Za-z0-9_-]{0,63}(?:\.[A-Za-z_][A-Za-z0-9_-]{0,63}){0,31}$/;
const versionForm = /^v(0|[1-9]\d{0,9})$/;
const wholeNumber = /^\d{1,15}$/;

/** Versions are 32-bit in every client. */
const largestVersion = 2_147_483_647;

/** Throws 400 `INVALID_REQUEST` that names the parameter. */
export function requireSlug(name: string, value: string): string {
  if (slugForm.test(value)) return value;
  throw invalid(
    name,
    "must be lowercase letters, digits and hyphens, 2 to 50 characters, with no hyphen at either end",
  );
}

/** An id in the form in which runs and flows are stored; `undefined` for what cannot be one, which is not looked up. */
export function toUuid(value: string): string | undefined {
  return uuidForm.test(value) ? value.toLowerCase() : undefined;
}

/** The status that a list is to hold; undefined: all. */
export function toRunStatus(value: string | undefined): RunStatus | undefined {
  if (value === undefined || value === "") return undefined;
  const { success, data } = zRunStatus.safeParse(value);
  if (success) return data;
  throw invalid("status", `must be one of ${zRunStatus.options.join(", ")}`);
}

export function isStepId(value: string): boolean {
  return stepIdForm.test(value);
}

/** No segment: production. `v0`: the draft. `vN`: version N. */
export function toVersionRef(segment: string | undefined): FlowVersionRef {
  if (segment === undefined) return "production";
  const digits = versionForm.exec(segment)?.[1];
  const version = digits === undefined ? Number.NaN : Number(digits);
  if (!(version <= largestVersion)) {
    throw new ApiError(
      "INVALID_VERSION",
      `"${segment.slice(0, 50)}" is not a version. Write v0 for the draft, v1, v2 … for a published version, or leave the segment out for production.`,
    );
  }
  return version === 0 ? "draft" : version;
}

export function toSessionId(value: string | undefined): string | undefined {
  if (value === undefined || value === "") return undefined;
  if (uuidForm.test(value)) return value.toLowerCase();
  throw invalid("X-Session-Id", "must be a UUID");
}

export function toIdempotencyKey(value: string | undefined): string | undefined {
  if (value === undefined || value === "") return undefined;
  if (value.length <= 255) return value;
  throw invalid("Idempotency-Key", "must be at most 255 characters long");
}

/** Is the run to be cancelled when its caller's connection goes? */
export function toCancelsOnDisconnect(value: string | undefined): boolean {
  if (value === undefined || value === "" || value === "continue") return false;
  if (value === "cancel") return true;
  throw invalid("X-Noukai-On-Disconnect", "must be cancel or continue");
}

/** Throws 400 for what is no UUID. */
export function requireSessionId(value: string): string {
  if (uuidForm.test(value)) return value.toLowerCase();
  throw invalid("sessionId", "must be a UUID");
}

/** The cursor in `Last-Event-ID`; 0 when there is none. */
export function toCursor(value: string | undefined): number {
  if (value === undefined || value === "") return 0;
  return toWholeNumber("Last-Event-ID", value, 0);
}

/** Which attempts of a step are wanted. */
export function toAttempt(value: string | undefined): number | "latest" | "all" {
  if (value === undefined || value === "") return "latest";
  return value === "all" ? "all" : toWholeNumber("attempt", value, 1);
}

export function toLoopIndex(value: string | undefined): number | undefined {
  return value === undefined || value === "" ? undefined : toWholeNumber("loop_index", value, 0);
}

/** How many entries a page holds: 1 to 100, default 20. */
export function toPageLimit(value: string | undefined): number {
  if (value === undefined || value === "") return 20;
  const limit = toWholeNumber("limit", value, 1);
  if (limit > 100) throw invalid("limit", "must be at most 100");
  return limit;
}

export function invalid(path: string, message: string): ApiError {
  return new ApiError("INVALID_REQUEST", `${path} ${message}.`, { issues: [{ path, message }] });
}

function toWholeNumber(name: string, value: string, least: number): number {
  if (wholeNumber.test(value) && Number(value) >= least) return Number(value);
  throw invalid(name, `must be a whole number from ${least}${name === "attempt" ? ', or "all"' : ""}`);
}

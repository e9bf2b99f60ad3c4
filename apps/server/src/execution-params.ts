import {
  type ExecutionQuery,
  type ExecutionStatus,
  executionStatuses,
  firstChange,
  isChangeCursor,
} from "@noukai/engine";
import type { ServerContext } from "./context.ts";
import { zTimestamp } from "./generated/zod.gen.ts";
import { invalid, toUuid } from "./params.ts";

/** What a list of executions is asked for. Throws 400 `INVALID_REQUEST` that names the parameter. */
export function readExecutionQuery(c: ServerContext): ExecutionQuery {
  const flowId = requireUuid("flow_id", c.req.query("flow_id"));
  const start = c.req.query("start_from_execution_id");
  const limit = toNumberIn("page_size", c.req.query("page_size"), { least: 1, most: 1_000, absent: 10 });
  const page = toNumberIn("page", c.req.query("page"), { least: 1, most: 10_000, absent: 1 });
  return {
    flowId,
    statuses: readStatuses(c),
    sortField: toOneOf("sort_field", c.req.query("sort_field"), { updated_at: "updatedAt", created_at: "createdAt" }),
    isDescending: toOneOf("sort_direction", c.req.query("sort_direction"), { desc: true, asc: false }),
    ...(start && { behind: requireUuid("start_from_execution_id", start) }),
    offset: (page - 1) * limit,
    limit,
    ...readBounds(c),
  };
}

/** Throws 400 unless it is `true` or `false`; absent: false. */
export function toFlag(name: string, value: string | undefined): boolean {
  if (value === undefined || value === "") return false;
  if (value === "true" || value === "false") return value === "true";
  throw invalid(name, "must be true or false");
}

/** The change behind which to go on; `absent` when there is none. */
export function toChangeCursor<Absent>(name: string, value: string | undefined, absent: Absent): string | Absent {
  if (value === undefined || value === "") return absent;
  if (isChangeCursor(value)) return value;
  throw invalid(name, `is none that a change came with; the first one is ${firstChange}`);
}

/** Throws 400 for what is no UUID, and when it is missing. */
export function requireUuid(name: string, value: string | undefined): string {
  const id = toUuid(value ?? "");
  if (id === undefined) throw invalid(name, value ? "must be a UUID" : "is required");
  return id;
}

function readStatuses(c: ServerContext): readonly ExecutionStatus[] {
  const read = (name: string): readonly ExecutionStatus[] =>
    (c.req.queries(name) ?? [])
      .filter((value) => value !== "")
      .map((value) => {
        const status = executionStatuses.find((known) => known === value);
        if (status === undefined) throw invalid(name, `must be of ${executionStatuses.join(", ")}`);
        return status;
      });
  const wanted = [...read("status[]"), ...read("status")];
  const unwanted = [...read("status_exclude[]"), ...read("status_exclude")];
  const all = wanted.length === 0 ? executionStatuses : wanted;
  return all.filter((status) => !unwanted.includes(status));
}

const boundNames = {
  created_after: "createdAfter",
  created_before: "createdBefore",
  updated_after: "updatedAfter",
  updated_before: "updatedBefore",
} as const;

type Bounds = Pick<ExecutionQuery, (typeof boundNames)[keyof typeof boundNames]>;

function readBounds(c: ServerContext): Bounds {
  const bounds = Object.entries(boundNames).flatMap(([name, member]) => {
    const value = c.req.query(name);
    if (value === undefined || value === "") return [];
    if (!zTimestamp.safeParse(value).success) throw invalid(name, "must be a moment such as 2026-11-20T09:30:00Z");
    return [[member, Date.parse(value)] as const];
  });
  return Object.fromEntries(bounds);
}

function toOneOf<Value>(name: string, value: string | undefined, values: Readonly<Record<string, Value>>): Value {
  const names = Object.keys(values);
  const [first = ""] = names;
  const chosen = value === undefined || value === "" ? first : value;
  const found = Object.hasOwn(values, chosen) ? values[chosen] : undefined;
  if (found === undefined) throw invalid(name, `must be ${names.join(" or ")}`);
  return found;
}

function toNumberIn(
  name: string,
  value: string | undefined,
  { least, most, absent }: { readonly least: number; readonly most: number; readonly absent: number },
): number {
  if (value === undefined || value === "") return absent;
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw invalid(name, `must be a whole number from ${least} to ${most}`);
}

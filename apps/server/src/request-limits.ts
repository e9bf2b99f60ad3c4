import type { Allowances, Project } from "@noukai/engine";
import type { Principal } from "./auth.ts";
import { ApiError } from "./errors.ts";
import type { Limiter } from "./rate-limiter.ts";

/** Refuses (429 `RATE_LIMITED`) what is more than a project's requests per minute. `path` is what the request's path names. */
export async function admitRequest(
  { allowances, limiter }: { readonly allowances: Allowances; readonly limiter: Limiter },
  principal: Principal,
  path: { readonly org?: string; readonly project?: string },
): Promise<void> {
  const project = projectOf(principal, path);
  if (project === undefined) return;
  const { requestsPerMinute } = await allowances.limits(project.id);
  if (requestsPerMinute === undefined) return;
  refuseUntil(
    await limiter.take(project.id, requestsPerMinute),
    `The project may make ${requestsPerMinute} requests a minute.`,
  );
}

/** Throws 429 when there is something to wait for; `rule` says why. */
export function refuseUntil(waitMs: number, rule: string): void {
  if (waitMs <= 0) return;
  const seconds = Math.ceil(waitMs / 1_000);
  throw new ApiError("RATE_LIMITED", `${rule} Try again in ${seconds} ${seconds === 1 ? "second" : "seconds"}.`, {
    headers: { "retry-after": String(seconds) },
  });
}

/** The project that the path names, else the only one that the key opens; a request for no one project in particular counts for none. */
function projectOf(
  { projects }: Principal,
  { org, project: slug }: { org?: string; project?: string },
): Project | undefined {
  const named = projects.find((project) => project.org === org && project.slug === slug);
  return named ?? (projects.length === 1 ? projects[0] : undefined);
}

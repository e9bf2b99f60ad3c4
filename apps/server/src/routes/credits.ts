import { randomUUID } from "node:crypto";
import type { Project } from "@noukai/engine";
import { type Principal, requireProject } from "../auth.ts";
import { parseBody, readBody } from "../body.ts";
import type { Handler, ServerContext, Services } from "../context.ts";
import { ApiError } from "../errors.ts";
import { zCreditsAddRequest, zCreditsSetRequest } from "../generated/zod.gen.ts";
import { requireSlug, toIdempotencyKey } from "../params.ts";
import { json } from "../respond.ts";

/** What a project may spend on its runs. */
export function creditRoutes({ engine: { credits } }: Services) {
  const getCredits: Handler = async (c, principal) => json(c, 200, await credits.account(readProject(c, principal).id));

  const setCredits: Handler = async (c, principal) => {
    const project = readProject(c, principal);
    const { balanceUsd } = parseBody(await readBody(c), zCreditsSetRequest);
    return json(c, 200, await credits.set(project.id, balanceUsd));
  };

  const removeCreditBound: Handler = async (c, principal) =>
    json(c, 200, await credits.set(readProject(c, principal).id, null));

  const addCredits: Handler = async (c, principal) => {
    const project = readProject(c, principal);
    // Without a key no repeat can be told from a second call.
    const key = toIdempotencyKey(c.req.header("idempotency-key")) ?? randomUUID();
    const { amountUsd } = parseBody(await readBody(c), zCreditsAddRequest);
    const granted = await credits.add(project.id, { key, amountUsd });
    switch (granted.outcome) {
      case "granted":
        return json(c, 200, granted.account);
      case "keyReused":
        throw new ApiError(
          "IDEMPOTENCY_KEY_REUSED",
          "This Idempotency-Key was used to add another amount. Send a fresh key for a new call.",
        );
      case "unlimited":
        throw new ApiError(
          "CREDITS_UNLIMITED",
          "The project has no balance to add to. Set one with PUT, in place of this call.",
        );
    }
  };

  return { getCredits, setCredits, removeCreditBound, addCredits };
}

function readProject(c: ServerContext, principal: Principal): Project {
  const org = requireSlug("org", c.req.param("org") ?? "");
  const project = requireSlug("project", c.req.param("project") ?? "");
  return requireProject(principal, org, project);
}

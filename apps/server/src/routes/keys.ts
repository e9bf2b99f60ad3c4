import type { Project } from "@noukai/engine";
import { hasScope, type Principal } from "../auth.ts";
import { parseBody, readBody } from "../body.ts";
import type { Handler, Services } from "../context.ts";
import { ApiError } from "../errors.ts";
import { zKeyCreateRequest } from "../generated/zod.gen.ts";
import { type KeyScope, makeKey } from "../keys.ts";
import { invalid } from "../params.ts";
import { json } from "../respond.ts";
import { toApiKey } from "../wire.ts";

/** Keys that a project may have at once; revoked and expired ones do not count. */
const maxKeys = 10;

const defaultScopes: readonly KeyScope[] = ["run", "trace:read"];

/** API keys of the project of the key that asks. */
export function keyRoutes({ engine: { store }, auth, now }: Services) {
  const listKeys: Handler = async (c, principal) => {
    const items: object[] = [];
    for (const project of principal.projects) {
      const keys = await store.keys(project.id);
      items.push(...keys.filter((key) => key.revokedAt === null).map((key) => toApiKey(key, project)));
    }
    return json(c, 200, { items: items.toReversed() });
  };

  const createKey: Handler = async (c, principal) => {
    const body = parseBody(await readBody(c), zKeyCreateRequest);
    const project = body.organisation === true ? firstOfOrganisation(principal) : onlyProject(principal);
    const scopes = body.scopes ?? defaultScopes;
    requireOwnScopes(principal, scopes);
    const expiresAt = body.expiresAt == null ? undefined : Date.parse(body.expiresAt);
    if (expiresAt !== undefined && expiresAt <= now()) throw invalid("expiresAt", "must lie in the future");
    const { record, secret } = makeKey({
      projectId: project.id,
      name: body.name,
      mode: body.mode ?? "live",
      scopes,
      expiresAt,
      opensOrganisation: body.organisation === true,
      now: now(),
    });
    if (!(await store.saveKey(record, { most: maxKeys, at: now() }))) {
      throw new ApiError(
        "TOO_MANY_KEYS",
        `The project has ${maxKeys} keys, which is all it may have. Revoke one first.`,
      );
    }
    return json(c, 201, { key: toApiKey(record, project), secret });
  };

  const revokeKey: Handler = async (c, principal) => {
    const key = await store.key(c.req.param("keyId") ?? "");
    if (key === undefined || !principal.projects.some((project) => project.id === key.projectId)) {
      throw new ApiError(
        "KEY_NOT_FOUND",
        "There is no such key here. The id is the eight characters behind nk_live_ or nk_test_.",
      );
    }
    await store.revokeKey(key.id, now());
    auth.forget(key.id);
    return new Response(null, { status: 204, headers: { "x-request-id": c.get("call").requestId } });
  };

  const verifyKey: Handler = (c, principal) => {
    const [project, ...others] = principal.projects;
    if (project === undefined)
      throw new ApiError("FORBIDDEN", "This key opens no project: the flows directory has none.");
    const key = toApiKey(principal.key, project);
    return json(c, 200, others.length === 0 ? key : { ...key, project: null });
  };

  return { listKeys, createKey, revokeKey, verifyKey };
}

function onlyProject({ projects }: Principal): Project {
  const [project, ...others] = projects;
  if (project !== undefined && others.length === 0) return project;
  throw new ApiError(
    "INVALID_REQUEST",
    `This key opens ${projects.length} projects. Make the new key with a key of the one project it is for.`,
  );
}

/** Where a key of a whole organisation is kept: only one that opens as much may make it. */
function firstOfOrganisation({ key, projects }: Principal): Project {
  const [project] = projects;
  const isOne = projects.every(({ org }) => org === project?.org);
  if (project !== undefined && isOne && (key.opensOrganisation === true || key.projectId === "")) return project;
  throw new ApiError("FORBIDDEN", "Only a key of the whole organisation, or the operator's, can make another one.");
}

function requireOwnScopes({ key }: Principal, scopes: readonly KeyScope[]): void {
  const lacking = scopes.filter((scope) => !hasScope(key, scope));
  if (lacking.length === 0) return;
  throw new ApiError("FORBIDDEN", `A key cannot give what it lacks: ${lacking.join(", ")}.`);
}

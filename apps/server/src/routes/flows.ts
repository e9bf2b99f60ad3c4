import type { FlowRecord, Project } from "@noukai/engine";
import { type Principal, requireProject } from "../auth.ts";
import { objectAsItCame, parseBody, readBody } from "../body.ts";
import { zDraftUpdateRequest, zFlowCreateRequest } from "../contract/flow-definition.ts";
import type { Handler, ServerContext, Services } from "../context.ts";
import { ApiError } from "../errors.ts";
import { zFlowValidateRequest, zPromoteRequest, zPublishRequest } from "../generated/zod.gen.ts";
import { toPage } from "../page.ts";
import { requireSlug, toPageLimit } from "../params.ts";
import { json } from "../respond.ts";
import { toFlow, toFlowVersion } from "../wire.ts";

const definition = objectAsItCame("must be the flow's draft, an object");
const createBody = zFlowCreateRequest.extend({ definition });
const draftBody = zDraftUpdateRequest.extend({ definition });

/** Flow management: drafts, versions, the production pointer. */
export function flowRoutes({ engine: { catalog, store } }: Services) {
  const projectOf = (c: ServerContext, principal: Principal): Project => {
    const org = requireSlug("org", c.req.param("org") ?? "");
    const slug = requireSlug("project", c.req.param("project") ?? "");
    return requireProject(principal, org, slug);
  };

  const slugOf = (c: ServerContext): string => requireSlug("flow", c.req.param("flow") ?? "");

  const find = async (
    c: ServerContext,
    principal: Principal,
  ): Promise<{ readonly project: Project; readonly flow: FlowRecord }> => {
    const slug = slugOf(c);
    const project = projectOf(c, principal);
    const flow = await catalog.flow(project.id, slug);
    if (flow === undefined) throw noSuchFlow(slug);
    return { project, flow };
  };

  const toFlowDetail = async (flow: FlowRecord, project: Project): Promise<object> => {
    const text = await catalog.definitionText(flow.draftHash);
    return { ...toFlow(flow, project), draft: text === undefined ? null : JSON.parse(text) };
  };

  const listFlows: Handler = async (c, principal) => {
    const limit = toPageLimit(c.req.query("limit"));
    const project = projectOf(c, principal);
    const page = toPage(await catalog.flows(project.id), {
      limit,
      cursor: c.req.query("cursor"),
      positionOf: (flow) => flow.slug,
    });
    return json(c, 200, { ...page, items: page.items.map((flow) => toFlow(flow, project)) });
  };

  const createFlow: Handler = async (c, principal) => {
    const project = projectOf(c, principal);
    const { slug, name, description, definition } = parseBody(await readBody(c), createBody);
    if ((await catalog.flow(project.id, slug)) !== undefined) {
      throw new ApiError(
        "FLOW_EXISTS",
        `There is a flow "${slug}" already. Choose another slug, or replace its draft with PUT.`,
      );
    }
    const flow = await catalog.saveDraft(project.id, slug, {
      ...definition,
      ...(name != null && { name }),
      ...(description != null && { description }),
    });
    return json(c, 201, toFlow(flow, project));
  };

  const getFlow: Handler = async (c, principal) => {
    const { project, flow } = await find(c, principal);
    return json(c, 200, await toFlowDetail(flow, project));
  };

  const replaceDraft: Handler = async (c, principal) => {
    const { project, flow } = await find(c, principal);
    const { definition } = parseBody(await readBody(c), draftBody);
    return json(c, 200, await toFlowDetail(await catalog.saveDraft(project.id, flow.slug, definition), project));
  };

  const archiveFlow: Handler = async (c, principal) => {
    const { project, flow } = await find(c, principal);
    await catalog.archive(flow);
    return json(c, 200, toFlow((await store.flowById(flow.id)) ?? flow, project));
  };

  const validateFlow: Handler = async (c, principal) => {
    const project = projectOf(c, principal);
    const slug = slugOf(c);
    const { definition } = parseBody(await readBody(c), zFlowValidateRequest);
    const issues = await catalog.check(project.id, slug, definition ?? (await storedDraft(c, principal)));
    return json(c, 200, { valid: issues.length === 0, issues: issues.map(({ path, message }) => ({ path, message })) });
  };

  const storedDraft = async (c: ServerContext, principal: Principal): Promise<unknown> => {
    const { flow } = await find(c, principal);
    return JSON.parse((await catalog.definitionText(flow.draftHash)) ?? "null");
  };

  const listFlowVersions: Handler = async (c, principal) => {
    const limit = toPageLimit(c.req.query("limit"));
    const { flow } = await find(c, principal);
    const newestFirst = (await catalog.versions(flow)).toSorted((a, b) => b.version - a.version);
    const page = toPage(newestFirst, {
      limit,
      cursor: c.req.query("cursor"),
      positionOf: ({ version }) => String(version),
    });
    return json(c, 200, { ...page, items: page.items.map(toFlowVersion) });
  };

  const publishFlow: Handler = async (c, principal) => {
    const { flow } = await find(c, principal);
    const { note } = parseBody(await readBody(c), zPublishRequest);
    const newest = (await catalog.versions(flow)).find(({ version }) => version === flow.latestVersion);
    const isUnchanged = newest !== undefined && newest.definitionHash === flow.draftHash;
    return json(c, 201, toFlowVersion(isUnchanged ? newest : await catalog.publish(flow, note ?? null)));
  };

  const promoteFlow: Handler = async (c, principal) => {
    const { project, flow } = await find(c, principal);
    const { version } = parseBody(await readBody(c), zPromoteRequest);
    if (!(await catalog.promote(flow, version))) {
      throw new ApiError(
        "VERSION_NOT_FOUND",
        `Flow "${flow.slug}" has no version ${version}; the newest is ${flow.latestVersion}.`,
      );
    }
    return json(c, 200, toFlow((await catalog.flow(project.id, flow.slug)) ?? flow, project));
  };

  return {
    listFlows,
    createFlow,
    getFlow,
    replaceDraft,
    archiveFlow,
    validateFlow,
    listFlowVersions,
    publishFlow,
    promoteFlow,
  };
}

function noSuchFlow(slug: string): ApiError {
  return new ApiError("FLOW_NOT_FOUND", `There is no flow "${slug}" in this project. Is the slug right?`);
}

import type { PublicHandler, ServerContext, Services } from "../context.ts";
import { fileSchemas } from "../generated/schemas.gen.ts";
import { json } from "../respond.ts";

const flowSchema = JSON.stringify(fileSchemas["flow.schema.json"]);
const projectSchema = JSON.stringify(fileSchemas["project.schema.json"]);

/** Probes, figures, the contract itself, and the schemas that editors complete from. `metrics` gives the figures as text. */
export function operationRoutes({ engine, isDraining }: Services, document: object, metrics: () => Promise<string>) {
  const documentText = JSON.stringify(document);

  const getHealth: PublicHandler = (c) => json(c, 200, { status: "ok" });

  const getReadiness: PublicHandler = async (c) => {
    const isStoreReady = await engine.store.ping().then(
      () => true,
      () => false,
    );
    const status = isDraining() ? "draining" : isStoreReady ? "ready" : "degraded";
    const checks = { store: isStoreReady ? "ok" : "does not take writes" };
    return status === "ready"
      ? json(c, 200, { status, checks })
      : json(c, 503, { status, checks }, { "retry-after": "2" });
  };

  const getOpenApiDocument: PublicHandler = (c) => text(c, documentText, "application/json");

  const getFlowSchema: PublicHandler = (c) => text(c, flowSchema, "application/schema+json");

  const getProjectSchema: PublicHandler = (c) => text(c, projectSchema, "application/schema+json");

  const getMetrics: PublicHandler = async (c) => text(c, await metrics(), "text/plain; version=0.0.4; charset=utf-8");

  return { getHealth, getReadiness, getOpenApiDocument, getFlowSchema, getProjectSchema, getMetrics };
}

function text(c: ServerContext, body: string, type: string): Response {
  return new Response(body, { headers: { "content-type": type, "x-request-id": c.get("call").requestId } });
}

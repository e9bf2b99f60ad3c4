import type { PublicHandler, ServerContext, Services } from "../context.ts";
import { fileSchemas } from "../generated/schemas.gen.ts";
import { formatMetrics, type RequestCounts } from "../metrics.ts";
import { json } from "../respond.ts";

const flowSchema = JSON.stringify(fileSchemas["flow.schema.json"]);
const projectSchema = JSON.stringify(fileSchemas["project.schema.json"]);

/** Probes, figures, the contract itself, and the schemas that editors complete from. */
export function operationRoutes({ engine, isDraining }: Services, document: object, requests: RequestCounts) {
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

  const getMetrics: PublicHandler = (c) => {
    const { journalCommits, journalEntries, runsInWork, webhooks } = engine.stats();
    const metrics = formatMetrics([
      {
        name: "noukai_http_requests_total",
        type: "counter",
        help: "Answers, by operation and status; a stream counts when it opens.",
        samples: requests.samples(),
      },
      {
        name: "noukai_journal_commits_total",
        type: "counter",
        help: "Commits of the journal.",
        samples: [{ value: journalCommits }],
      },
      {
        name: "noukai_journal_entries_total",
        type: "counter",
        help: "Entries that those commits wrote.",
        samples: [{ value: journalEntries }],
      },
      {
        name: "noukai_runs_in_work",
        type: "gauge",
        help: "Runs that this process holds.",
        samples: [{ value: runsInWork }],
      },
      {
        name: "noukai_webhook_attempts_total",
        type: "counter",
        help: "Attempts to deliver webhooks, by how they ended; one that failed is tried again, one that was given up is not.",
        samples: (["delivered", "failed", "givenUp"] as const).map((outcome) => ({
          labels: { outcome: outcome === "givenUp" ? "given_up" : outcome },
          value: webhooks[outcome],
        })),
      },
      {
        name: "noukai_webhooks_under_way",
        type: "gauge",
        help: "Webhooks that this process is delivering.",
        samples: [{ value: webhooks.underWay }],
      },
      {
        name: "process_resident_memory_bytes",
        type: "gauge",
        help: "Resident memory.",
        samples: [{ value: process.memoryUsage.rss() }],
      },
    ]);
    return text(c, metrics, "text/plain; version=0.0.4; charset=utf-8");
  };

  return { getHealth, getReadiness, getOpenApiDocument, getFlowSchema, getProjectSchema, getMetrics };
}

function text(c: ServerContext, body: string, type: string): Response {
  return new Response(body, { headers: { "content-type": type, "x-request-id": c.get("call").requestId } });
}

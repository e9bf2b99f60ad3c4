import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { operations as table, routePattern, type Operation } from "../../src/contract/operations.ts";
import { errorStatus } from "../../src/generated/error-status.gen.ts";
import { operations, schemas } from "./document.ts";

/** A router with every operation on it, each answering its own name and the version segment. */
function routerOfAll(): Hono {
  const router = new Hono();
  for (const operation of table) {
    router.on(operation.method.toUpperCase(), routePattern(operation), (c) =>
      c.text([operation.operationId, c.req.param("version") ?? ""].join(" ").trim()),
    );
  }
  return router;
}

async function routeOf(router: Hono, { method, path }: Pick<Operation, "method" | "path">): Promise<string> {
  const url = path.replace("v{version}", "v3").replaceAll(/\{\w+\}/g, "some-id");
  return (await router.request(url, { method: method.toUpperCase() })).text();
}

describe("the table of operations", () => {
  test("has every operation of the document once", () => {
    const ids = table.map(({ operationId }) => operationId);
    expect(ids).toEqual(operations.map(({ operationId }) => operationId));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("routes each address to its own operation, none hidden behind another", async () => {
    const router = routerOfAll();
    for (const operation of table) {
      const expected = operation.path.includes("v{version}") ? `${operation.operationId} v3` : operation.operationId;
      expect(await routeOf(router, operation)).toBe(expected);
    }
  });

  test("routes a version segment that is no version to the versioned operation, which can say so", async () => {
    const answer = await routerOfAll().request("/api/v1/seq/acme/spelling/grade-3/v1.5/execute", { method: "POST" });
    expect(await answer.text()).toBe("executeFlowVersion v1.5");
  });

  test("opens without a key only what operators ask", () => {
    const open = table.filter(({ isPublic }) => isPublic).map(({ path }) => path);
    expect(open).toEqual([
      "/healthz",
      "/readyz",
      "/openapi.json",
      "/schemas/flow.schema.json",
      "/schemas/project.schema.json",
      "/metrics",
    ]);
  });

  test("names only scopes that a key can have", () => {
    const scopes = new Set<unknown>(table.flatMap((operation): readonly string[] => operation.scopes));
    expect(scopes).toEqual(new Set(schemas["KeyScope"]?.enum));
  });

  test("streams where the document says text/event-stream", () => {
    const streams = table.filter(({ isStream }) => isStream).map(({ operationId }) => operationId);
    expect(streams).toEqual([
      "stepFlow",
      "stepFlowVersion",
      "streamRunTrace",
      "streamFlowRunTrace",
      "streamFlowExecution",
    ]);
  });
});

describe("the operations of the document", () => {
  const guarded = table.filter(({ isPublic }) => !isPublic).map(({ operationId }) => operationId as string);

  test.each(operations.filter(({ operationId }) => guarded.includes(operationId)))(
    "$operationId says how it refuses a bad key, a scope or project, a rate, and how it fails",
    ({ responses }) => {
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(["401", "403", "429", "500"]));
    },
  );

  test.each(operations.filter(({ requestBody }) => requestBody !== undefined))(
    "$operationId says how it refuses a body",
    ({ responses }) => {
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(["400", "413", "415"]));
    },
  );
});

describe("the table of error statuses", () => {
  test("has the document's codes", () => {
    expect(Object.keys(errorStatus)).toEqual(schemas["ErrorCode"]?.enum);
  });

  test("gives a failed run 422, so that no client runs it twice", () => {
    const { STEP_FAILED, MODEL_PROVIDER_ERROR, CODE_ERROR, OUTPUT_SCHEMA_MISMATCH, STEP_TIMEOUT } = errorStatus;
    expect([STEP_FAILED, MODEL_PROVIDER_ERROR, CODE_ERROR, OUTPUT_SCHEMA_MISMATCH, STEP_TIMEOUT]).toEqual(
      Array.from({ length: 5 }, () => 422),
    );
  });
});

import { expect, test } from "vitest";
import { bundleDocument, lintDocument } from "./bundle.mjs";
import { eventSchemas } from "./document.mjs";
import { generateOutputs } from "./outputs.mjs";
import { errorStatusTable, operationTable } from "./server.mjs";
import { writtenByHand } from "./zod.mjs";

const document = await bundleDocument();

test("the document passes the strict lint", async () => {
  await expect(lintDocument()).resolves.toBeUndefined();
});

test("the bundle stands alone: every reference stays inside it, every example is in place", () => {
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"([^"]*)"/g)].map(([, target]) => target);
  expect(references.filter((target) => !target?.startsWith("#/components/"))).toEqual([]);
  expect(text).not.toContain("externalValue");
});

test("the same document gives the same files, each with its warning on top", async () => {
  const [first, second] = [await generateOutputs(), await generateOutputs()];
  expect(second).toEqual(first);
  for (const text of first.values())
    expect(text).toMatch(/^(\/\/ |\{\n.*\n  "\$comment": ")Generated from openapi\/ .*do not edit/);
});

test("a type that is imported says what the document says of its schema", async () => {
  const code = (await generateOutputs()).get("packages/core/src/generated/openapi.ts");
  expect(code).toContain(
    "/** An image by its address. */\nexport type Attachment = components['schemas']['Attachment'];\n",
  );
});

test.each(["packages/core/src/generated/openapi.ts", "apps/server/src/generated/zod.gen.ts"])(
  "%s lets no type go",
  async (path) => {
    const code = (await generateOutputs()).get(path)?.replaceAll(/\/\*[\s\S]*?\*\//g, "");
    expect(code).toMatch(/ExecuteRequest/);
    expect(code).not.toMatch(/\bany\b|z\.lazy/);
  },
);

test("only the step tree and what contains it is left to be written by hand", () => {
  expect([...writtenByHand(document)].toSorted()).toEqual([
    "BranchCase",
    "BranchStep",
    "DraftUpdateRequest",
    "FlowCreateRequest",
    "FlowDefinition",
    "FlowDetail",
    "FlowDraft",
    "LoopStep",
    "ParallelStep",
    "Step",
    "Steps",
  ]);
});

test("every event of the contract has a shape", () => {
  expect(eventSchemas(document)).toEqual([
    ["run_started", "RunStartedData"],
    ["step_started", "StepStartedData"],
    ["step_input", "StepInputData"],
    ["step_output", "StepOutputData"],
    ["step_completed", "StepCompletedData"],
    ["step_error", "StepErrorData"],
    ["step_paused", "StepPausedData"],
    ["step_paused_for_tool_calls", "StepPausedForToolCallsData"],
    ["flow_completed", "FlowCompletedData"],
    ["step_progress", "StepProgressData"],
    ["loop_completed", "LoopCompletedData"],
    ["step_retrying", "StepRetryingData"],
    ["step_resumed", "StepResumedData"],
  ]);
});

/** A document of one operation that answers 404 with `notFound` and 409 with `conflict`, and declares `declared`. */
function withCodes({ notFound = ["A"], conflict = ["B"], declared = ["A", "B"] }) {
  const responses = {
    200: { content: { "text/event-stream": {} } },
    404: { $ref: "#/components/responses/NotFound" },
    409: { "x-error-codes": conflict },
  };
  return {
    servers: [{ url: "/api/v1" }],
    security: [{ apiKey: ["run"] }, { apiKey: ["admin"] }],
    "x-route-errors": {},
    paths: {
      "/things/{id}": { get: { operationId: "getThing", responses } },
      "/up": { servers: [{ url: "/" }], get: { operationId: "getUp", security: [], responses: { 204: {} } } },
    },
    components: {
      responses: { NotFound: { "x-error-codes": notFound } },
      schemas: { ErrorCode: { enum: declared } },
    },
  };
}

test("an error code has the status of the answer that lists it", () => {
  expect(errorStatusTable(withCodes({}))).toContain("  A: 404,\n  B: 409,\n");
});

test.each([
  ["two statuses", { conflict: ["A", "B"] }, "A has two statuses"],
  ["no status", { declared: ["A", "B", "C"] }, "do not both name C"],
  ["no declaration", { declared: ["A"] }, "do not both name B"],
])("an error code with %s stops the generator", (_, codes, message) => {
  expect(() => errorStatusTable(withCodes(codes))).toThrow(message);
});

test("an operation's row has its whole path, its scopes, and whether it streams or is open to all", () => {
  const table = operationTable(withCodes({}));
  expect(table).toContain(
    '{"operationId":"getThing","method":"get","path":"/api/v1/things/{id}","successStatus":200,"isStream":true,"isPublic":false,"scopes":["run","admin"]}',
  );
  expect(table).toContain(
    '{"operationId":"getUp","method":"get","path":"/up","successStatus":204,"isStream":false,"isPublic":true,"scopes":[]}',
  );
});

import { expect, test } from "vitest";
import { fileSchemas } from "../src/generated/schemas.gen.ts";
import { startTestServer } from "./harness.ts";

test("each schema is served at an address that stays, to whoever asks", async () => {
  const server = await startTestServer();
  for (const [name, schema] of Object.entries(fileSchemas)) {
    const response = await server.call("GET", `/schemas/${name}`, { key: null });
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/schema+json"]);
    expect(await response.json()).toEqual(schema);
  }
});

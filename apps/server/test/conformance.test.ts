import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describePostgres } from "@noukai/postgres-for-tests";
import { beforeAll, describe, test } from "vitest";
import { CHECKS } from "../../../packages/sdk/conformance/server/checks.ts";
import { Target } from "../../../packages/sdk/conformance/server/target.ts";
import { startServer } from "../src/index.ts";
import { writeFlows } from "./harness.ts";

/** Runs every check against one server; without a database's URL it is the embedded one. */
function holdToTheContract(createDatabase?: () => Promise<{ readonly url: string }>): void {
  let target: Target;

  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), "noukai-conformance-"));
    // A project comes into being with its first flow.
    await writeFlows(directory, { "flows/acme/demo/keep.yaml": "steps: [{ id: keep, type: passthrough }]\n" });
    const server = await startServer({
      drainMs: 0,
      dataDir: join(directory, "data"),
      flowsDir: join(directory, "flows"),
      databaseUrl: (await createDatabase?.())?.url,
    });
    const apiKey = server.newKeys.find(({ project }) => project === "demo")?.secret ?? "";
    target = new Target({ baseUrl: `${server.url}/api/v1`, apiKey, org: "acme", project: "demo" });
    await target.prepare();
    return async () => {
      await server.close();
      await rm(directory, { recursive: true, force: true });
    };
  });

  test.each(CHECKS)("$name", { timeout: 120_000 }, ({ run }) => run(target));
}

describe("a server on its embedded database keeps the contract", () => {
  holdToTheContract();
});

describePostgres("a server on PostgreSQL keeps the contract", (postgres) => {
  holdToTheContract(() => postgres.createDatabase());
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describePostgres } from "@noukai/postgres-for-tests";
import { expect, onTestFinished, test } from "vitest";
import { sourceThreads } from "../../../vitest.shared.ts";
import { Cluster } from "./cluster.ts";
import { nameConnections } from "./database.ts";
import { lookAt } from "./view.ts";

const key = `nk_test_cluster0_${"0".repeat(32)}`;
const slow = `
steps:
  - { id: wait, type: llm, model: "noukai/echo?delayMs=600000", prompt: "{{message}}" }
`;

/** From source, as all tests are. */
const source = {
  program: join(import.meta.dirname, "../../../apps/server/src/main.ts"),
  nodeArgs: [...sourceThreads, "--conditions=@noukai/source"],
};

function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "noukai-cluster-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function startCluster(databaseUrl: string): Promise<Cluster> {
  const directory = makeDirectory();
  mkdirSync(join(directory, "flows/acme/slow"), { recursive: true });
  writeFileSync(join(directory, "flows/acme/slow/wait.yaml"), slow);
  const cluster = new Cluster({
    api: 1,
    workers: 2,
    databaseUrl,
    urlFor: (name) => nameConnections(databaseUrl, name),
    env: { NOUKAI_API_KEY: key, NOUKAI_FLOWS_DIR: join(directory, "flows"), NOUKAI_DRAIN_MS: "0" },
    directory,
    more: () => source,
  });
  onTestFinished(async () => {
    await Promise.all(cluster.nodes.map((node) => node.kill()));
  });
  await cluster.start();
  return cluster;
}

async function submit(cluster: Cluster): Promise<string> {
  const response = await fetch(`${cluster.apiNodes[0]?.url}/api/v1/seq/acme/slow/wait/jobs`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ message: "hello" }),
  });
  return ((await response.json()) as { executionId: string }).executionId; // contract §5
}

describePostgres("a cluster", (postgres) => {
  test("tells which node holds a run, also after that one was killed and another took over", async () => {
    const { url, drop } = await postgres.createDatabase();
    onTestFinished(drop);
    const cluster = await startCluster(url);
    const runId = await submit(cluster);
    await expect.poll(() => cluster.holderOf(runId).then((node) => node?.role), { timeout: 20_000 }).toBe("worker");
    const first = await cluster.holderOf(runId);
    await first?.kill();
    const next = (): Promise<string | undefined> => cluster.holderOf(runId).then((node) => node?.name);
    await expect.poll(next, { timeout: 20_000 }).toBe(cluster.workers.find((node) => node !== first)?.name);
    const look = async (): Promise<unknown> => {
      const { nodes, database } = await lookAt(cluster, undefined);
      return [database.health, ...nodes.map(({ name, health, runs }) => [name, health, runs])];
    };
    const expected = cluster.nodes.map((node) =>
      node === first ? [node.name, "ended", 0] : [node.name, "ready", Number(node.role === "worker")],
    );
    await expect.poll(look, { timeout: 20_000 }).toEqual(["up", ...expected]);
    await cluster.stop();
    expect(cluster.nodes.map(({ state }) => state)).toEqual(["ended", "ended", "ended"]);
  }, 90_000);

  test("does not start in part: when a node cannot, why is told and the others end", async () => {
    const { url, drop } = await postgres.createDatabase();
    onTestFinished(drop);
    const broken = new Cluster({
      api: 1,
      workers: 1,
      databaseUrl: url,
      urlFor: (name) => (name === "worker-1" ? "nowhere" : url),
      env: {},
      directory: makeDirectory(),
      more: () => source,
    });
    await expect(broken.start()).rejects.toThrow(/worker-1 ended \(exit 1\) before it listened: .*DATABASE_URL/s);
    expect(broken.nodes.map(({ state }) => state)).toEqual(["ended", "ended"]);
  }, 60_000);
});

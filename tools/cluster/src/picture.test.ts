import { expect, test } from "vitest";
import { drawCluster } from "./picture.ts";

test("every node is tied to the one database, with what is known of it", () => {
  const nodes = [
    { name: "api-1", url: "http://127.0.0.1:8080", pid: 11, health: "ready", runs: 0 },
    { name: "worker-1", url: "http://127.0.0.1:8081", pid: 12, health: "ready", runs: 1 },
    { name: "worker-2", url: "", pid: undefined, health: "ended", runs: undefined },
  ];
  expect(drawCluster({ nodes, database: { pid: 10, health: "up" } })).toBe(
    [
      "  api-1     http://127.0.0.1:8080  pid 11  ready  0 runs  ──┐",
      "  worker-1  http://127.0.0.1:8081  pid 12  ready  1 run   ──┼── PostgreSQL  pid 10  up",
      "  worker-2  -                      -       ended          ──┘",
    ].join("\n"),
  );
});

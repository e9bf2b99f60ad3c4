import { describe, expect, it } from "vitest";
import { RememberingRouter } from "./router.ts";

function newRouter(): RememberingRouter<string> {
  const router = new RememberingRouter<string>();
  router.add("GET", "/flows/:flow/runs", "runs");
  router.add("POST", "/flows/:flow/:version/runs", "versioned");
  return router;
}

describe("a router that remembers", () => {
  it("gives the same for a path as often as it is asked", () => {
    const router = newRouter();
    const first = router.match("GET", "/flows/a/runs");
    expect(first).toEqual([[["runs", { flow: "a" }]]]);
    expect(router.match("GET", "/flows/a/runs")).toEqual(first);
  });

  it("tells paths and methods apart", () => {
    const router = newRouter();
    router.match("GET", "/flows/a/runs");
    expect(router.match("GET", "/flows/b/runs")).toEqual([[["runs", { flow: "b" }]]]);
    expect(router.match("POST", "/flows/a/runs")).toEqual([[]]);
    expect(router.match("POST", "/flows/a/v1/runs")).toEqual([[["versioned", { flow: "a", version: "v1" }]]]);
  });

  it("knows a route that was added after its path was asked for", () => {
    const router = newRouter();
    expect(router.match("GET", "/flows/a")).toEqual([[]]);
    router.add("GET", "/flows/:flow", "flow");
    expect(router.match("GET", "/flows/a")).toEqual([[["flow", { flow: "a" }]]]);
  });

  it("matches more paths than it keeps, and those too long to be kept", () => {
    const router = newRouter();
    for (const flow of [...Array.from({ length: 2_500 }, (_, index) => `flow-${index % 1_250}`), "x".repeat(300)])
      expect(router.match("GET", `/flows/${flow}/runs`)).toEqual([[["runs", { flow }]]]);
  });
});

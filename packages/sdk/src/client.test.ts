import { afterEach, describe, expect, test, vi } from "vitest";
import { clientOf, KEY } from "../test/recorded-run.ts";
import { Noukai, type NoukaiOptions, ValueError } from "./index.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("a client", () => {
  test("takes its settings from the environment", () => {
    vi.stubEnv("NOUKAI_API_KEY", KEY);
    vi.stubEnv("NOUKAI_ENV", "dev");
    expect(() => new Noukai()).not.toThrow();
  });

  test("without a key, or with one that is none, says what to do", () => {
    vi.stubEnv("NOUKAI_API_KEY", "");
    expect(() => new Noukai()).toThrow(ValueError);
    expect(() => new Noukai()).toThrow("NOUKAI_API_KEY");
    expect(() => new Noukai({ apiKey: "sk-1" })).toThrow("begins with `nk_`");
  });

  test("has organisation and project, or neither", () => {
    expect(() => new Noukai({ apiKey: KEY, org: "acme" })).toThrow("an `org` but no `project`");
    expect(() => new Noukai({ apiKey: KEY, project: "spelling" })).toThrow("a `project` but no `org`");
    expect(() => new Noukai({ apiKey: KEY, org: "Acme", project: "spelling" })).toThrow("`org`");
    const untyped = { apiKey: KEY, org: null, project: null } as unknown as NoukaiOptions; // untyped code gives anything
    expect(() => new Noukai(untyped)).toThrow("`org` is null");
    expect(new Noukai({ apiKey: KEY, org: "acme", project: "spelling" }).flow("grade-3")).toMatchObject({
      org: "acme",
      project: "spelling",
      slug: "grade-3",
    });
  });

  test("does not send a key in the clear over the network", () => {
    expect(() => new Noukai({ apiKey: KEY, baseUrl: "http://far.test/api/v1" })).toThrow("https");
  });

  test("aborts all its calls by its own signal", async () => {
    const controller = new AbortController();
    const noukai = clientOf(() => new Promise(() => {}), { signal: controller.signal });
    const calls = Promise.allSettled([noukai.run("run-1").trace(), noukai.flow("grade-3").events().next()]);
    const reason = new Error("shutting down");
    controller.abort(reason);
    const aborted = { reason: { name: "AbortError", cause: reason } };
    expect(await calls).toMatchObject([aborted, aborted]);
    await expect(noukai.run("run-1").trace()).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("a closed client", () => {
  test("has ended what was under way, and cancelled no run", async () => {
    const requests: Request[] = [];
    const noukai = clientOf((request) => {
      requests.push(request);
      return new Promise(() => {});
    });
    const call = noukai.flow("grade-3").execute();
    const told = expect(call).rejects.toMatchObject({ name: "AbortError", code: "CLIENT_CLOSED" });
    await vi.waitFor(() => expect(requests).toHaveLength(1));
    await noukai.close();
    await told;
    expect(requests).toHaveLength(1);
    expect(requests[0]?.signal.aborted).toBe(true);
  });

  test("says of each call what is known of it: its run, and whether it can have cost anything", async () => {
    const phases: string[] = [];
    const headers = { "x-noukai-execution-id": "run-1" };
    const noukai = clientOf(() => new Response(new ReadableStream(), { headers }), {
      onLog: ({ phase }) => phases.push(phase),
    });
    const told = Promise.allSettled([noukai.flow("grade-3").execute(), noukai.run("run-1").trace()]);
    await vi.waitFor(() => expect(phases.filter((phase) => phase === "response")).toHaveLength(2));
    await noukai.close();
    expect(await told).toMatchObject([
      { reason: { code: "CLIENT_CLOSED", billed: "possibly", executionId: "run-1" } },
      { reason: { code: "CLIENT_CLOSED", billed: "no", executionId: "run-1" } },
    ]);
  });

  test("takes no further calls", async () => {
    const noukai = clientOf(() => Response.json({}));
    await noukai.close();
    await expect(noukai.run("run-1").trace()).rejects.toMatchObject({ name: "ValueError" });
  });

  test("is what `await using` leaves behind", async () => {
    let kept: Noukai;
    {
      await using noukai = clientOf(() => Response.json({}));
      kept = noukai;
    }
    await expect(kept.run("run-1").trace()).rejects.toThrow("the client is closed");
  });
});

import { afterEach, describe, expect, test, vi } from "vitest";
import { type Config, type ConnectionOptions, makeConfig, parseUrl } from "./config.ts";
import { ValueError } from "./errors.ts";

const TARGET = { baseUrl: "https://app.test/agent" };

function fault(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(ValueError);
    return String(error);
  }
  throw new Error("was accepted");
}

function make(options: ConnectionOptions = {}): Config {
  return makeConfig(TARGET, options);
}

describe("a config", () => {
  test("needs no key and no environment", () => {
    vi.stubEnv("NOUKAI_API_KEY", "nk_canary");
    vi.stubEnv("NOUKAI_BASE_URL", "https://elsewhere.test");
    const config = make();
    expect(config).toMatchObject({ baseUrl: "https://app.test/agent", authorization: undefined });
    vi.unstubAllEnvs();
  });

  test("hands on who gives the tickets", () => {
    const authorization = (): string => "nkt_1";
    expect(makeConfig({ ...TARGET, authorization }, {}).authorization).toBe(authorization);
  });

  test("has the contract's defaults", () => {
    expect(make()).toMatchObject({
      timeoutMs: 300_000,
      firstByteTimeoutMs: 60_000,
      idleTimeoutMs: 30_000,
      maxRetries: 2,
      logPayloads: false,
      onLog: undefined,
    });
  });
});

describe("a limit", () => {
  test.each(["timeout", "firstByteTimeout", "idleTimeout"] as const)("%s is milliseconds above 0", (name) => {
    for (const ms of [1, 0.5, Infinity]) expect(make({ [name]: ms })[`${name}Ms`]).toBe(ms);
    for (const ms of [0, -1, NaN]) expect(fault(() => make({ [name]: ms }))).toContain(`\`${name}\` is ${ms}.`);
  });

  test.each([-1, 1.5, NaN, Infinity])("maxRetries may not be %d", (maxRetries) => {
    expect(fault(() => make({ maxRetries }))).toContain("`maxRetries`");
  });

  test("maxRetries may be 0", () => {
    expect(make({ maxRetries: 0 }).maxRetries).toBe(0);
  });
});

test("reserved headers cannot be set, in any spelling", () => {
  const defaultHeaders = {
    Authorization: "Bearer other",
    "X-Noukai-API-Version": "1999-01-01",
    "USER-AGENT": "other",
    "x-request-id": "other",
    "Content-Type": "text/plain",
    cookie: "other",
    "X-Trace-Id": "mine",
  };
  expect(make({ defaultHeaders }).headers).toEqual({ "x-trace-id": "mine" });
});

describe("an address", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });
  const about = { name: "`url`", example: "/agent/execute" };

  test("may be relative to its page", () => {
    vi.stubGlobal("location", { href: "https://app.test/notes/7?x#y" });
    expect(parseUrl("/agent/execute", about).href).toBe("https://app.test/agent/execute");
  });

  test.each(["/agent/execute", "localhost:8080", "ftp://far.test", ""])(
    "%j is none, where there is no page",
    (text) => {
      expect(fault(() => parseUrl(text, about))).toContain("`url` is not a web address. It looks like /agent/execute.");
    },
  );
});

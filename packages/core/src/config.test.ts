import { describe, expect, test } from "vitest";
import { type ConfigOptions, resolveConfig } from "./config.ts";
import { ValueError } from "./errors.ts";

const KEY = "nk_test_k7Qm2xVa_0123456789abcdef0123456789abcdef";
type Environment = Readonly<Record<string, string>>;

function resolve(options: ConfigOptions = {}, environment: Environment = {}) {
  return resolveConfig({ apiKey: KEY, ...options }, (name) => environment[name]);
}

function fault(options: ConfigOptions, environment: Environment = {}): string {
  try {
    resolve(options, environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ValueError);
    return String(error);
  }
  throw new Error("was accepted");
}

describe("where the server is", () => {
  const PRODUCTION = "https://api.noukai.dev/api/v1";
  const LOCAL = "http://localhost:8080/api/v1";

  test.each<[string, ConfigOptions, Environment, string]>([
    ["nothing is set", {}, {}, PRODUCTION],
    ["env is production", { env: "production" }, {}, PRODUCTION],
    ["env is dev", { env: "dev" }, {}, LOCAL],
    ["env is development", { env: "development" }, {}, LOCAL],
    ["NOUKAI_ENV is dev", {}, { NOUKAI_ENV: "dev" }, LOCAL],
    ["the option env wins over NOUKAI_ENV", { env: "production" }, { NOUKAI_ENV: "dev" }, PRODUCTION],
    ["NOUKAI_BASE_URL wins over env", { env: "dev" }, { NOUKAI_BASE_URL: "https://a.test/v" }, "https://a.test/v"],
    [
      "the option baseUrl wins over all",
      { baseUrl: "https://b.test/v", env: "dev" },
      { NOUKAI_BASE_URL: "https://a.test/v" },
      "https://b.test/v",
    ],
    ["slashes at its end do not count", { baseUrl: "https://b.test/api/v1//" }, {}, "https://b.test/api/v1"],
    ["credentials, query and fragment are left out", { baseUrl: "https://u:p@b.test/v?q#f" }, {}, "https://b.test/v"],
  ])("%s", (_name, options, environment, expected) => {
    expect(resolve(options, environment).baseUrl).toBe(expected);
  });

  test("another env is refused, naming the three", () => {
    // @ts-expect-error: no such env
    expect(fault({ env: "staging" })).toMatch(/`env`.*"staging".*"dev", "development" or "production"/);
    expect(fault({}, { NOUKAI_ENV: "toString" })).toContain("NOUKAI_ENV");
  });

  test.each(["api.noukai.dev", "/api/v1", "localhost:8080/api/v1", "ftp://far.test/v", "https://", ""])(
    "%j is no address",
    (baseUrl) => {
      expect(fault({ baseUrl })).toContain("https://host/api/v1");
    },
  );

  test.each([
    "http://localhost:1/v",
    "http://127.0.0.1:1/v",
    "http://127.9.9.9/v",
    "http://[::1]:1/v",
    "http://api.localhost/v",
    "https://far.test/v",
  ])("the key may go to %s", (baseUrl) => {
    expect(resolve({ baseUrl }).baseUrl).toBe(baseUrl);
  });

  test.each([
    "http://far.test/v",
    "http://10.0.0.1/v",
    "http://localhost.far.test/v",
    "http://127.0.0.1.far.test/v",
    "http://[::2]/v",
    "http://0.0.0.0/v",
  ])("the key does not go to %s unless that is asked for", (baseUrl) => {
    expect(fault({ baseUrl })).toContain("allowInsecureBaseUrl");
    expect(resolve({ baseUrl, allowInsecureBaseUrl: true }).apiKey).toBe(KEY);
  });
});

describe("the key", () => {
  test("comes from the option, else from the environment", () => {
    expect(resolve({ apiKey: "nk_a" }, { NOUKAI_API_KEY: "nk_b" }).apiKey).toBe("nk_a");
    expect(resolve({ apiKey: undefined }, { NOUKAI_API_KEY: "nk_b" }).apiKey).toBe("nk_b");
  });

  test("loses the line break that a file gives it", () => {
    expect(resolve({ apiKey: "nk_a\n" }).apiKey).toBe("nk_a");
  });

  test.each([undefined, "", "  "])("is asked for when it is %j, saying where", (apiKey) => {
    expect(fault({ apiKey })).toMatch(/`apiKey`.*NOUKAI_API_KEY/);
  });

  test.each(["sk_live_canary", "NK_canary", "nk_", "nk_can ary", "nk_can\nary", "nk_canäry"])(
    "%j is malformed, and not repeated",
    (apiKey) => {
      const message = fault({ apiKey });
      expect(message).toContain("begins with `nk_`");
      expect(message).not.toMatch(/can.?ary/s);
    },
  );
});

describe("limits", () => {
  test("have the contract's defaults", () => {
    expect(resolve()).toMatchObject({ timeoutMs: 300_000, maxRetries: 2, logPayloads: false });
  });

  test.each([1, 0.5, Infinity])("timeout may be %d", (timeout) => {
    expect(resolve({ timeout }).timeoutMs).toBe(timeout);
  });

  test.each([0, -1, NaN])("timeout may not be %d", (timeout) => {
    expect(fault({ timeout })).toContain("`timeout`");
  });

  test.each([-1, 1.5, NaN, Infinity])("maxRetries may not be %d", (maxRetries) => {
    expect(fault({ maxRetries })).toContain("`maxRetries`");
  });

  test("maxRetries may be 0", () => {
    expect(resolve({ maxRetries: 0 }).maxRetries).toBe(0);
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
  expect(resolve({ defaultHeaders }).headers).toEqual({ "x-trace-id": "mine" });
});

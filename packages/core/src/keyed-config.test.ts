import { afterEach, describe, expect, test, vi } from "vitest";
import { ValueError } from "./errors.ts";
import { type ConfigOptions, resolveConfig } from "./keyed-config.ts";

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
    expect(resolve({ baseUrl, allowInsecureBaseUrl: true }).baseUrl).toBe(baseUrl);
  });
});

describe("the key", () => {
  test("comes from the option, else from the environment", () => {
    expect(resolve({ apiKey: "nk_a" }, { NOUKAI_API_KEY: "nk_b" }).authorization?.()).toBe("nk_a");
    expect(resolve({ apiKey: undefined }, { NOUKAI_API_KEY: "nk_b" }).authorization?.()).toBe("nk_b");
  });

  test("loses the line break that a file gives it", () => {
    expect(resolve({ apiKey: "nk_a\n" }).authorization?.()).toBe("nk_a");
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

describe("a browser", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  const page = (): void => {
    vi.stubGlobal("window", {});
    vi.stubGlobal("document", {});
  };
  const worker = (): void => {
    vi.stubGlobal("WorkerGlobalScope", () => {});
    vi.stubGlobal("navigator", { userAgent: "Mozilla/5.0 (X11; Linux x86_64)" });
  };

  test.each([
    ["page", page],
    ["web worker", worker],
  ])("gets no key into a %s, unless that is asked for", (_name, enter) => {
    enter();
    const message = fault({});
    expect(message).toMatch(/`createRelayFlow`.*`dangerouslyAllowBrowser: true`/);
    expect(message).not.toContain(KEY);
    expect(resolve({ dangerouslyAllowBrowser: true }).authorization?.()).toBe(KEY);
  });

  test("is not an edge runtime, whose programs are workers too", () => {
    vi.stubGlobal("WorkerGlobalScope", () => {});
    vi.stubGlobal("navigator", { userAgent: "Cloudflare-Workers" });
    expect(resolve().authorization?.()).toBe(KEY);
  });
});

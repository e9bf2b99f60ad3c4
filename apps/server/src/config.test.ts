import { expect, test } from "vitest";
import { ConfigError, describeSettings, readConfig } from "./config.ts";
import { defaultLimits } from "./limits.ts";

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

test("an empty environment gives the defaults, on loopback", () => {
  const { config, warnings } = readConfig({ PATH: "/bin", NOUKAI_LOG: "" });
  expect(config).toEqual({
    port: 8080,
    host: "127.0.0.1",
    databaseUrl: undefined,
    role: "all",
    dataDir: ".noukai",
    flowsDir: "flows",
    promoteFlows: false,
    isDev: false,
    apiKey: undefined,
    corsOrigins: [],
    egressAllow: [],
    drainMs: 30_000,
    limits: defaultLimits,
    logLevel: "info",
    models: {},
  });
  expect(warnings).toEqual([]);
});

test("reads what is set", () => {
  const { config } = readConfig({
    PORT: "0",
    NOUKAI_FLOWS_PROMOTE: "1",
    NOUKAI_API_KEY: "nk_test_abc",
    NOUKAI_CORS_ORIGINS: "https://app.example.com, http://localhost:5173",
    OPENAI_BASE_URL: "http://localhost:11434/v1",
  });
  expect(config).toMatchObject({
    port: 0,
    promoteFlows: true,
    apiKey: "nk_test_abc",
    corsOrigins: ["https://app.example.com", "http://localhost:5173"],
    models: { openai: { baseUrl: "http://localhost:11434/v1" } },
  });
});

test("reports every fault at once, the models' among them", () => {
  const faults = faultsOf({
    PORT: "80800",
    NOUKAI_LOG: "loud",
    NOUKAI_DRAIN_MS: "-1",
    NOUKAI_FLOWS_PROMOTE: "yes",
    NOUKAI_CORS_ORIGINS: "*",
    OPENAI_BASE_URL: "ollama",
  });
  expect(faults.map((fault) => fault.split(" ")[0])).toEqual([
    "PORT",
    "NOUKAI_FLOWS_PROMOTE",
    "NOUKAI_CORS_ORIGINS",
    "NOUKAI_DRAIN_MS",
    "NOUKAI_LOG",
    "OPENAI_BASE_URL",
  ]);
});

test("takes the URL of a PostgreSQL as it is", () => {
  for (const url of ["postgres://noukai:secret@db:5432/noukai", "postgresql://noukai@/noukai?host=%2Ftmp"]) {
    expect(readConfig({ DATABASE_URL: url })).toMatchObject({ config: { databaseUrl: url }, warnings: [] });
  }
});

test("refuses a DATABASE_URL of something else, without a word of what it says", () => {
  for (const url of ["mysql://noukai:secret@db/noukai", "noukai:secret@db", "secret"]) {
    const faults = faultsOf({ DATABASE_URL: url });
    expect(faults).toEqual([expect.stringMatching(/^DATABASE_URL must look like postgres:\/\/.*NOUKAI_DATA_DIR/)]);
    expect(faults.join()).not.toContain("secret");
  }
});

test("warns of a setting that does not exist, and names the one that was likely meant", () => {
  const { warnings } = readConfig({ NOUKAI_DATADIR: "x", NOUKAI_ENV: "dev", NOUKAI_WHATEVER_ELSE: "y" });
  expect(warnings).toEqual([
    "NOUKAI_DATADIR is not a setting of this server. Did you mean NOUKAI_DATA_DIR?",
    "NOUKAI_WHATEVER_ELSE is not a setting of this server.",
  ]);
});

test("warns beside faults too, and of settings that no version has", () => {
  expect(() => readConfig({ PORT: "http", NOUKAI_DEBUG: "1", NOUKAI_API_KEY: "secret" })).toThrow(
    expect.objectContaining({
      faults: [expect.stringMatching(/^PORT /)],
      warnings: [
        "NOUKAI_DEBUG is not a setting of this server. Did you mean NOUKAI_DEV?",
        "NOUKAI_API_KEY does not begin with nk_ and is not used.",
      ],
    }),
  );
});

test("warns of a NOUKAI_API_KEY that is not a key instead of accepting it", () => {
  const { config, warnings } = readConfig({ NOUKAI_API_KEY: "secret" });
  expect(config.apiKey).toBeUndefined();
  expect(warnings).toEqual([expect.stringContaining("NOUKAI_API_KEY")]);
  expect(warnings.join()).not.toContain("secret");
});

test("describes each setting with its default", () => {
  const lines = describeSettings().split("\n");
  expect(lines.find((line) => line.includes("NOUKAI_DATA_DIR"))).toMatch(/\.noukai\s+directory/);
});

test("limits that cannot be used are told with what is wrong with each", () => {
  const read = () => readConfig({ NOUKAI_LIMITS: '{"bodyBytes": 0, "bodySize": 1}' });
  expect(read).toThrow(/NOUKAI_LIMITS.*bodyBytes/);
  expect(readConfig({ NOUKAI_LIMITS: '{"fanOut": 8}' }).config.limits.definition.fanOut).toBe(8);
});

test("places that webhooks may go to are told with what is wrong with each", () => {
  const read = () => readConfig({ NOUKAI_EGRESS_ALLOW: "hooks.internal, 10.0.0.0/33, http://" });
  expect(read).toThrow(/NOUKAI_EGRESS_ALLOW has "10\.0\.0\.0\/33".*\n.*NOUKAI_EGRESS_ALLOW has "http:\/\/"/);
  const { egressAllow } = readConfig({ NOUKAI_EGRESS_ALLOW: "hooks.internal, http://127.0.0.1:9000" }).config;
  expect(egressAllow).toMatchObject([
    { host: "hooks.internal", allowsHttp: false },
    { port: 9000, allowsHttp: true },
  ]);
});

test("a process that does half of the work needs the database that it shares", () => {
  const databaseUrl = "postgres://noukai:secret@db/noukai";
  for (const role of ["api", "worker"]) {
    expect(readConfig({ NOUKAI_ROLE: role, DATABASE_URL: databaseUrl }).config).toMatchObject({ role });
    const [fault, ...others] = faultsOf({ NOUKAI_ROLE: role });
    expect([fault, others]).toEqual([expect.stringMatching(/^NOUKAI_ROLE is .* DATABASE_URL is not set/), []]);
  }
  expect(readConfig({ NOUKAI_ROLE: "all" }).config).toMatchObject({ role: "all" });
  expect(faultsOf({ NOUKAI_ROLE: "boss" })).toEqual(["NOUKAI_ROLE must be one of all, api, worker."]);
});

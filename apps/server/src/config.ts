import {
  type EgressRule,
  type ModelsConfig,
  modelsConfigFromEnv,
  parseEgressAllow,
  type Role,
  roles,
} from "@noukai/engine";
import { z } from "zod";
import { closest } from "./closest.ts";
import { defaultLimits, limitNames, parseLimits, type ServerLimits } from "./limits.ts";
import { logLevels, type LogLevel } from "./log.ts";

/** What a server process is told by its environment. */
export interface Config {
  /** The first one to try; 0 takes any free one. */
  readonly port: number;
  readonly host: string;
  /** PostgreSQL; undefined: the embedded database in `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** What this process does of the work that all on one database share. */
  readonly role: Role;
  readonly dataDir: string;
  readonly flowsDir: string;
  /** Promote what is loaded even when the flow has a production version. */
  readonly promoteFlows: boolean;
  /** Load what changes in the flows directory at once. */
  readonly isDev: boolean;
  /** Opens every project of the flows directory. */
  readonly apiKey: string | undefined;
  readonly corsOrigins: readonly string[];
  /** Where webhooks may go beside public addresses over https. */
  readonly egressAllow: readonly EgressRule[];
  readonly drainMs: number;
  readonly logLevel: LogLevel;
  readonly limits: ServerLimits;
  readonly models: ModelsConfig;
}

interface Setting {
  readonly name: string;
  readonly default: string;
  readonly about: string;
}

/** Every setting that `readConfig` reads, for `--help` and the documents. */
export const settings: readonly Setting[] = [
  { name: "PORT", default: "8080", about: "port to listen on; the next free one is taken when it is in use" },
  {
    name: "HOST",
    default: "127.0.0.1",
    about: "address to listen on; another one than loopback needs an API key, but for a worker",
  },
  {
    name: "DATABASE_URL",
    default: "(embedded)",
    about: "PostgreSQL ≥ 15 to keep everything in: postgres://user:password@host:5432/database",
  },
  {
    name: "NOUKAI_ROLE",
    default: "all",
    about:
      "all | api | worker: api serves the API and leaves runs to others, worker works runs off and serves probes and figures alone; both need DATABASE_URL",
  },
  {
    name: "NOUKAI_DATA_DIR",
    default: ".noukai",
    about: "directory of the embedded database; not used with DATABASE_URL",
  },
  {
    name: "NOUKAI_FLOWS_DIR",
    default: "flows",
    about: "definitions loaded on start: <org>/<project>/<flow>.yaml; not by a worker",
  },
  { name: "NOUKAI_FLOWS_PROMOTE", default: "0", about: "1: loaded definitions go to production at once" },
  { name: "NOUKAI_DEV", default: "0", about: "1: what changes in the flows directory is loaded at once" },
  { name: "NOUKAI_API_KEY", default: "(made)", about: "a key nk_… that opens every project of the flows directory" },
  {
    name: "NOUKAI_CORS_ORIGINS",
    default: "(none)",
    about: "origins whose pages may call directly, separated by commas",
  },
  {
    name: "NOUKAI_EGRESS_ALLOW",
    default: "(none)",
    about: "where webhooks may go beside public addresses over https: hooks.internal,10.0.0.0/8,http://127.0.0.1:9000",
  },
  {
    name: "NOUKAI_DRAIN_MS",
    default: "30000",
    about: "how long a stopping process lets steps and answers in flight end",
  },
  {
    name: "NOUKAI_LIMITS",
    default: "(built in)",
    about: `bounds, as JSON: ${limitNames.join(", ")}`,
  },
  { name: "NOUKAI_LOG", default: "info", about: logLevels.join(" | ") },
  { name: "OPENAI_API_KEY", default: "(none)", about: "key for models openai/…" },
  {
    name: "OPENAI_BASE_URL",
    default: "(OpenAI's)",
    about: "an OpenAI-compatible server for openai/…, such as http://localhost:11434/v1",
  },
  { name: "ANTHROPIC_API_KEY", default: "(none)", about: "key for models anthropic/…" },
  { name: "GOOGLE_GENERATIVE_AI_API_KEY", default: "(none)", about: "key for models google/…" },
  { name: "OPENROUTER_API_KEY", default: "(none)", about: "key for models openrouter/…" },
  {
    name: "NOUKAI_PROVIDERS",
    default: "(none)",
    about: 'more OpenAI-compatible services, as JSON: {"name": {"baseUrl": "…", "apiKey": "…"}}',
  },
  {
    name: "NOUKAI_PRICES",
    default: "(built in)",
    about: "prices by provider/model, as JSON, before those of the list",
  },
];

/** Names that are ours without being settings of this process: the clients', and the versions' to come. */
const otherNames = ["NOUKAI_DEMO_MODEL", "NOUKAI_ENV", "NOUKAI_BASE_URL", "NOUKAI_REPLAY_ENABLED"];

/** Settings that cannot be used; `faults` has all of them, each with its name and a way out, `warnings` what else the operator should read. */
export class ConfigError extends Error {
  override readonly name: string = "ConfigError";
  readonly faults: readonly string[];
  readonly warnings: readonly string[];

  constructor(faults: readonly string[], warnings: readonly string[]) {
    super(faults.join("\n"));
    this.faults = faults;
    this.warnings = warnings;
  }
}

const wholeNumber = z
  .string()
  .regex(/^\d{1,9}$/, "must be a whole number")
  .transform(Number);

const environment = z.object({
  PORT: wholeNumber
    .refine((port) => port <= 65_535, "must be between 0 and 65535 (0 takes any free port)")
    .default(8080),
  HOST: z.string().default("127.0.0.1"),
  NOUKAI_DATA_DIR: z.string().default(".noukai"),
  NOUKAI_FLOWS_DIR: z.string().default("flows"),
  NOUKAI_FLOWS_PROMOTE: z.enum(["0", "1"], "must be 0 or 1").default("0"),
  NOUKAI_DEV: z.enum(["0", "1"], "must be 0 or 1").default("0"),
  NOUKAI_CORS_ORIGINS: z.string().transform(toOrigins).default([]),
  NOUKAI_EGRESS_ALLOW: z.string().transform(toEgressRules).default([]),
  NOUKAI_DRAIN_MS: wholeNumber.default(30_000),
  NOUKAI_LIMITS: z.string().transform(toLimits).default(defaultLimits),
  NOUKAI_LOG: z.enum(logLevels, `must be one of ${logLevels.join(", ")}`).default("info"),
  NOUKAI_ROLE: z.enum(roles, `must be one of ${roles.join(", ")}`).default("all"),
  // The value is in no message: it holds the password.
  DATABASE_URL: z
    .string()
    .regex(
      /^postgres(ql)?:\/\//,
      "must look like postgres://user:password@host:5432/database. Unset it to use the embedded database in NOUKAI_DATA_DIR",
    )
    .optional(),
});

/** Reads the settings; an empty variable counts as unset. Throws `ConfigError` with every fault. Warnings are for the operator to read. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): {
  readonly config: Config;
  readonly warnings: readonly string[];
} {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = environment.safeParse(given);
  const models = modelsConfigFromEnv(env);
  const faults = [
    ...(parsed.error?.issues ?? []).map((issue) => `${issue.path.join(".")} ${issue.message}.`),
    ...models.faults,
    ...roleFaults(given),
  ];
  const warnings = unknownNames(given);
  const apiKey = given["NOUKAI_API_KEY"]?.startsWith("nk_") === true ? given["NOUKAI_API_KEY"] : undefined;
  if (given["NOUKAI_API_KEY"] !== undefined && apiKey === undefined) {
    warnings.push("NOUKAI_API_KEY does not begin with nk_ and is not used.");
  }
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults, warnings);
  const values = parsed.data;
  return {
    config: {
      port: values.PORT,
      host: values.HOST,
      databaseUrl: values.DATABASE_URL,
      role: values.NOUKAI_ROLE,
      dataDir: values.NOUKAI_DATA_DIR,
      flowsDir: values.NOUKAI_FLOWS_DIR,
      promoteFlows: values.NOUKAI_FLOWS_PROMOTE === "1",
      isDev: values.NOUKAI_DEV === "1",
      apiKey,
      corsOrigins: values.NOUKAI_CORS_ORIGINS,
      egressAllow: values.NOUKAI_EGRESS_ALLOW,
      drainMs: values.NOUKAI_DRAIN_MS,
      limits: values.NOUKAI_LIMITS,
      logLevel: values.NOUKAI_LOG,
      models: models.config,
    },
    warnings,
  };
}

/** What `--help` prints of the settings. */
export function describeSettings(): string {
  return settings
    .map(({ name, default: value, about }) => `  ${name.padEnd(28)} ${value.padEnd(12)} ${about}`)
    .join("\n");
}

/** A process that does half of the work shares its database with those that do the other half. */
function roleFaults({ NOUKAI_ROLE: role, DATABASE_URL: databaseUrl }: Readonly<Record<string, unknown>>): string[] {
  if ((role !== "api" && role !== "worker") || databaseUrl !== undefined) return [];
  return [
    `NOUKAI_ROLE is ${role}, which works with other processes on one PostgreSQL, and DATABASE_URL is not set. Set DATABASE_URL, or leave NOUKAI_ROLE out.`,
  ];
}

function toOrigins(text: string, context: z.core.$RefinementCtx<string>): string[] {
  const origins = text.split(",").map((origin) => origin.trim());
  for (const origin of origins) {
    if (URL.parse(origin)?.origin === origin) continue;
    context.addIssue(`must be origins such as https://app.example.com, separated by commas; "${origin}" is not one`);
  }
  return origins;
}

function toEgressRules(text: string, context: z.core.$RefinementCtx<string>): readonly EgressRule[] {
  const allow = parseEgressAllow(text);
  if (!("faults" in allow)) return allow.rules;
  for (const fault of allow.faults) context.addIssue(fault);
  return [];
}

function toLimits(text: string, context: z.core.$RefinementCtx<string>): ServerLimits {
  const limits = parseLimits(text);
  if (!("faults" in limits)) return limits;
  for (const fault of limits.faults) context.addIssue(fault);
  return defaultLimits;
}

function unknownNames(env: Readonly<Record<string, unknown>>): string[] {
  const known = new Set([...settings.map(({ name }) => name), ...otherNames]);
  return Object.keys(env)
    .filter((name) => name.startsWith("NOUKAI_") && !known.has(name))
    .map((name) => {
      const meant = closest(name, known);
      return `${name} is not a setting of this server.${meant === undefined ? "" : ` Did you mean ${meant}?`}`;
    });
}

import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Noukai } from "@noukai/sdk";
import { apiKey, Caller, UnansweredError } from "./caller.ts";
import { checkAll } from "./checks.ts";
import { readReferences, readRuns, readSpent } from "./collect.ts";
import { Job, waitMs } from "./crew.ts";
import { EmbeddedWorld } from "./embedded-world.ts";
import { writeFlows } from "./flows.ts";
import type { History } from "./history.ts";
import { ModelService, prices } from "./model-service.ts";
import type { Options } from "./options.ts";
import { Namespaces } from "./namespaces.ts";
import { plantInHistory, tamperingOf } from "./plants.ts";
import { PostgresWorld, workerNames } from "./postgres-world.ts";
import { Random } from "./random.ts";
import { Recorder } from "./recorder.ts";
import { isGreen, type Outcome } from "./report.ts";
import { awaitRest, awaitWebhooks } from "./settle.ts";
import { rage, strikeCalmly } from "./storm.ts";
import { takeoverTimes } from "./takeover.ts";
import { WebhookReceiver } from "./webhook-receiver.ts";
import { mix, works } from "./works.ts";
import type { World, WorldName } from "./world.ts";

/** Time between two faults, in milliseconds: five processes have more to lose than one. */
const pauses = { postgres: { leastMs: 100, mostMs: 700 }, embedded: { leastMs: 300, mostMs: 1_800 } };

/** Kills of workers before anything else fails, in the long form and in the short one. */
const calmKills = { long: 5, short: 2 };

/** Every caller gives up by itself before so many milliseconds are over. */
const hangMs = 2 * waitMs;

/** One store under callers and faults, from its start to its verdict. */
export class Campaign {
  readonly recorder = new Recorder();
  readonly #store: WorldName;
  readonly #options: Options;
  readonly #directory: string;
  readonly #random: Random;
  readonly #model: ModelService;
  readonly #receiver: WebhookReceiver;
  readonly #world: World;
  readonly #surprises: string[] = [];
  /** Kinds of the works that have begun and not ended, by their tags. */
  readonly #underWay = new Map<string, string>();
  readonly #startedAt = performance.now();
  /** Aborts when no more work is to begin, and nothing more to fail. */
  readonly #over = new AbortController();
  #storm: Promise<void> = Promise.resolve();

  private constructor(parts: {
    readonly store: WorldName;
    readonly options: Options;
    readonly directory: string;
    readonly random: Random;
    readonly model: ModelService;
    readonly receiver: WebhookReceiver;
    readonly world: World;
  }) {
    this.#store = parts.store;
    this.#options = parts.options;
    this.#directory = parts.directory;
    this.#random = parts.random;
    this.#model = parts.model;
    this.#receiver = parts.receiver;
    this.#world = parts.world;
  }

  /** Starts the servers, and what they and their callers talk to. */
  static async open(store: WorldName, options: Options, parent: string): Promise<Campaign> {
    const directory = join(parent, store);
    mkdirSync(directory, { mode: 0o755 });
    const random = new Random(options.seed).fork(store);
    const namespaces = store === "postgres" ? Namespaces.open(workerNames, process.pid) : undefined;
    const host = namespaces instanceof Namespaces ? namespaces.meetingAddress : "127.0.0.1";
    const model = await ModelService.start(options.seed, host);
    const receiver = await WebhookReceiver.start(random.fork("receiver"), host);
    writeFlows(join(directory, "flows"));
    const preloads = ["clock.mjs", ...(options.plants.includes("doubled") ? ["double-call.mjs"] : [])];
    try {
      const world = await (store === "postgres" ? PostgresWorld : EmbeddedWorld).open({
        directory,
        env: settingsOf(directory, model, receiver),
        program: options.program,
        namespaces,
        preloads: preloads.map((name) => join(import.meta.dirname, name)),
      });
      return new Campaign({ store, options, directory, random, model, receiver, world });
    } catch (error) {
      model.close();
      receiver.close();
      if (namespaces instanceof Namespaces) namespaces.close();
      throw error;
    }
  }

  /** Works and rages, waits for rest, and judges what was seen. */
  async run(): Promise<Outcome> {
    this.#storm = this.#rage(this.#over.signal);
    this.#storm.catch(() => this.#over.abort());
    // Callers who wait for the end of what they began are waited for when the storm is over.
    const working = this.#work(this.#over);
    await aborted(this.#over.signal);
    this.#log("no more work is begun");
    await this.#storm;
    await this.#world.heal();
    this.#log("everything is well again");
    await Promise.race([working, delay(hangMs, undefined, { ref: false })]);
    for (const [tag, kind] of this.#underWay) this.#surprises.push(`${tag} ${kind} never came to an end`);
    this.#log("all callers are done");
    const caller = this.#caller("settling");
    await awaitRest(caller);
    this.#log("all runs are at rest");
    await awaitWebhooks(this.recorder, this.#receiver.told);
    this.#log("everybody was told");
    const outcome = this.#judge(await this.#collect(caller));
    writeFileSync(join(this.#directory, "surprises.log"), this.#surprises.join("\n"));
    return outcome;
  }

  /** Also before `run` is done, which then means nothing any more. */
  async close(keep: boolean): Promise<void> {
    this.#over.abort();
    await this.#storm.catch(() => undefined);
    this.#model.close();
    this.#receiver.close();
    await this.#world.dispose(keep);
  }

  /** First kills alone, to see how long it takes others to go on; then everything. */
  async #rage(signal: AbortSignal): Promise<void> {
    if (this.#options.calm) return aborted(signal);
    const { faults } = this.#world;
    const log = (line: string): void => this.#log(line);
    const storm = { faults, random: this.#random.fork("faults"), recorder: this.recorder, log, ...pauses[this.#store] };
    const kill = faults.find(({ name }) => name === "kill worker");
    const times = this.#options.short ? calmKills.short : calmKills.long;
    if (kill !== undefined) await strikeCalmly(kill, { ...storm, times, calmMs: 1_200 }, signal);
    await rage(storm, signal);
  }

  /** All callers, until there were enough runs or time is up: then `over` aborts. */
  async #work(over: AbortController): Promise<void> {
    const { runs, minutes, callers } = this.#options;
    const timer = setTimeout(() => over.abort(), minutes * 60_000);
    let begun = 0;
    const callOn = async (index: number): Promise<void> => {
      await delay(index * 20);
      while (begun < runs && !over.signal.aborted) await this.#doOne((begun += 1));
      over.abort();
    };
    await Promise.all(Array.from({ length: callers }, (_, index) => callOn(index)));
    clearTimeout(timer);
  }

  async #doOne(number: number): Promise<void> {
    const random = this.#random.fork(`work ${number}`);
    const kind = random.weighted(mix);
    const caller = new Caller(() => this.#world.urls(), random);
    const sdk = new Noukai({ apiKey, baseUrl: "http://127.0.0.1:1/api/v1", fetch: caller.fetch, maxRetries: 12 });
    const job = new Job({
      kind,
      tag: `${this.#options.seed}-${number}`,
      random,
      caller,
      sdk,
      recorder: this.recorder,
      webhookOrigin: this.#receiver.origin,
    });
    this.#underWay.set(job.tag, kind);
    try {
      await works[kind](job);
      this.recorder.count(kind);
    } catch (error) {
      if (error instanceof UnansweredError) this.recorder.unanswered += 1;
      else this.#surprises.push(`${job.tag} ${kind}: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.#underWay.delete(job.tag);
  }

  async #collect(caller: Caller): Promise<History> {
    const references = await readReferences(caller, this.recorder.readings);
    const spentUsd = await readSpent(caller);
    await this.#world.stop();
    const stored = { references, spentUsd };
    const runs = await this.#readRuns();
    const isTampered = await this.#tamper(runs);
    return this.#toHistory({ ...stored, runs: isTampered ? await this.#readRuns() : runs });
  }

  /** Plants faults in the database, each in a run of its own that somebody was told of. */
  async #tamper(runs: History["runs"]): Promise<boolean> {
    const known = new Set(this.recorder.accepted.map(({ executionId }) => executionId));
    const victims = runs.filter(({ status, id }) => status === "completed" && known.has(id));
    const changes = this.#options.plants.flatMap((plant, index) => {
      const victim = victims[index];
      return victim === undefined ? [] : (tamperingOf(plant, victim) ?? []);
    });
    for (const change of changes) await this.#world.tamper(change);
    return changes.length > 0;
  }

  async #readRuns(): Promise<History["runs"]> {
    const store = await this.#world.openStore();
    try {
      return await readRuns(store);
    } finally {
      await store.close();
    }
  }

  #toHistory(stored: Pick<History, "references" | "spentUsd" | "runs">): History {
    const { accepted, told, readings, keys, webhooksWanted, faults } = this.recorder;
    const { calls } = this.#model;
    const seen = { accepted, told, readings, keys, webhooksWanted, faults, calls, webhooksTold: this.#receiver.told };
    const history: History = { ...seen, ...stored };
    return this.#options.plants.reduce((planted, plant) => plantInHistory(plant, planted), history);
  }

  #judge(history: History): Outcome {
    const { done, faults, unanswered } = this.recorder;
    const outcome = {
      store: this.#store,
      seconds: (performance.now() - this.#startedAt) / 1_000,
      done,
      unanswered,
      surprises: this.#surprises,
      faults,
      refused: this.#world.refused,
      findings: checkAll(history),
      takeovers: takeoverTimes(history),
    };
    if (!isGreen(outcome)) writeFileSync(join(this.#directory, "history.json"), toJson(history));
    return outcome;
  }

  #log(line: string): void {
    appendFileSync(join(this.#directory, "faults.log"), `${this.#clock()} ${line}\n`);
  }

  #caller(name: string): Caller {
    return new Caller(() => this.#world.urls(), this.#random.fork(name));
  }

  #clock(): string {
    return ((performance.now() - this.#startedAt) / 1_000).toFixed(3).padStart(8);
  }
}

function settingsOf(directory: string, model: ModelService, receiver: WebhookReceiver): Record<string, string> {
  return {
    NOUKAI_API_KEY: apiKey,
    NOUKAI_FLOWS_DIR: join(directory, "flows"),
    NOUKAI_PROVIDERS: JSON.stringify({ chaos: { baseUrl: model.url } }),
    NOUKAI_PRICES: JSON.stringify(prices),
    NOUKAI_EGRESS_ALLOW: receiver.origin,
    NOUKAI_DRAIN_MS: "3000",
    NOUKAI_LOG: "warn",
  };
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

function toJson(history: History): string {
  return JSON.stringify(
    history,
    (_, value: unknown) => (value instanceof Map || value instanceof Set ? [...(value as Iterable<unknown>)] : value),
    1,
  );
}

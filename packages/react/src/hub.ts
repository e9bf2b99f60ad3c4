import type { EventsOptions, ExecutableTool, Noukai, RelayFlow, Run } from "@noukai/sdk";
import type { AnyFlow } from "./flow-types.ts";
import { keptRun, NOT_KEPT } from "./kept-run.ts";
import type { DehydratedRun } from "./prefetch.ts";
import { RunStore, type RunStoreOptions } from "./run-store.ts";
import type { BegunCalls, ToolShelf } from "./tool-shelf.ts";

/** How flows are reached. */
export interface HubOptions {
  /** A client with a key, or one whose `fetch` needs none. */
  readonly client?: (Pick<Noukai, "flow" | "run"> & Partial<Pick<Noukai, "execution">>) | undefined;
  /** A flow behind a relay, or several by name. */
  readonly relay?: AnyFlow | Readonly<Record<string, AnyFlow>> | undefined;
  /** Milliseconds that a run is followed, and a request is kept, after the last component that showed it has left. Default 1 000. */
  readonly graceMs?: number | undefined;
}

/** Which run of a flow is meant, and how it is kept. */
export interface RunPlace {
  readonly key: string | undefined;
  readonly start: EventsOptions | undefined;
  readonly adopt: DehydratedRun | undefined;
  readonly resume: boolean;
}

/** What the components under one provider share. */
export class Hub {
  readonly options: HubOptions;
  /** Made by the first tool on the page: most pages have none. */
  shelf: ToolShelf | undefined;
  readonly #flows = new Map<string, RelayFlow>();
  readonly #names = new WeakMap<object, string>();
  readonly #taken = new Set<string>();
  /** What is shared, by what it is shared under. */
  readonly stores = new Map<string, object>();

  constructor(options: HubOptions) {
    this.options = options;
  }

  get graceMs(): number {
    return this.options.graceMs ?? GRACE_MS;
  }

  /** The flow that a component names. Throws where nothing leads to it. */
  flow(source: AnyFlow | string | undefined): RelayFlow {
    if (typeof source === "object") return called(source);
    const { client, relay } = this.options;
    if (source === undefined) {
      if (isFlow(relay)) return called(relay);
      throw new TypeError(
        "Which flow? Give its name or the flow itself, or <NoukaiProvider relay={createRelayFlow(…)}>.",
      );
    }
    const relayed = isFlow(relay) ? undefined : relay?.[source];
    if (relayed) return called(relayed);
    if (!client)
      throw new TypeError(
        `Nothing leads to the flow "${source}". Give <NoukaiProvider> a client, or a relay of that name.`,
      );
    const known = this.#flows.get(source) ?? called(client.flow(source));
    this.#flows.set(source, known);
    return known;
  }

  /** The run of that id, by what leads to it. */
  run(executionId: string, source: AnyFlow | string | undefined): Run {
    const { client } = this.options;
    if (source === undefined && client) return client.run(executionId);
    return this.flow(source).run(executionId);
  }

  /** The store of a flow's runs under one key. */
  flowStore(source: AnyFlow | string | undefined, { key, start, adopt, resume }: RunPlace): RunStore {
    const flow = this.flow(source);
    const name = `${this.nameOf(flow)} ${key ?? adopt?.executionId ?? (start ? fingerprint(JSON.stringify(start)) : "")}`;
    return this.store(`flow ${name}`, (onForgotten) =>
      this.#runStore({
        flow,
        openRun: (id) => flow.run(id),
        known: knownOf(adopt),
        kept: resume ? keptRun(name) : NOT_KEPT,
        onForgotten,
      }),
    );
  }

  /** The store of one run. */
  runStore(run: Run, adopt: DehydratedRun | undefined): RunStore {
    const { executionId } = run;
    const known = { ...knownOf(adopt), executionId };
    return this.store(`run ${executionId}`, (onForgotten) =>
      this.#runStore({ flow: undefined, openRun: () => run, known, kept: NOT_KEPT, onForgotten }),
    );
  }

  /** What a flow is kept under: its path, which a reload does not change, and which of the flows of that path it is. */
  nameOf(flow: AnyFlow | RelayFlow): string {
    const known = this.#names.get(flow);
    if (known !== undefined) return known;
    const { org = "", project = "", slug = "" } = flow as { org?: string; project?: string; slug?: string }; // flows of the SDK have them
    const path = [org, project, slug].join("/");
    const name = this.#taken.has(path) ? `${path}#${this.#taken.size}` : path;
    this.#taken.add(name);
    this.#names.set(flow, name);
    return name;
  }

  /** What the page offers to the model of this flow; `undefined` when that is nothing. A call that is in `begun` does not run a second time. */
  toolsFor(flow: RelayFlow, begun?: BegunCalls): readonly ExecutableTool[] | undefined {
    const tools = this.shelf?.toolsFor(flow, begun);
    return tools?.length ? tools : undefined;
  }

  /** What is shared under a name, which says what kind it is of; made when it is not there. */
  store<Store extends { readonly isUsed: boolean }>(name: string, make: (onForgotten: () => void) => Store): Store {
    const known = this.stores.get(name) as Store | undefined; // a name says which
    if (known) return known;
    const forget = (): void => {
      if (this.stores.get(name) === store) this.stores.delete(name);
    };
    const store = make(forget);
    this.stores.set(name, store);
    // A component may be given up before it is on the page. A server gives up the whole hub.
    if (typeof document !== "undefined") setTimeout(() => store.isUsed || forget(), UNUSED_MS);
    return store;
  }

  #runStore(options: Omit<RunStoreOptions<unknown>, "graceMs" | "tools">): RunStore {
    const { flow } = options;
    const begun: BegunCalls = new Map();
    return new RunStore({ ...options, graceMs: this.graceMs, tools: () => flow && this.toolsFor(flow, begun) });
  }
}

/** Enough for StrictMode, a list that is sorted anew and a change of pages and back; short enough that nobody pays for what nobody sees. */
const GRACE_MS = 1_000;
/** How long a component may take from its first rendering to being on the page. */
const UNUSED_MS = 60_000;

/** Names inputs, which may be long, and are nobody else's business in a browser's storage. Two 32-bit hashes after FNV-1a. */
function fingerprint(text: string): string {
  let [first, second] = [0x811c9dc5, 0x01234567];
  for (let index = 0; index < text.length; index++) {
    first = Math.imul(first ^ text.charCodeAt(index), 0x01000193);
    second = Math.imul(second ^ text.charCodeAt(index), 0x01000193) + first;
  }
  return [first, second].map((hash) => (hash >>> 0).toString(36)).join("");
}

function knownOf(adopt: DehydratedRun | undefined): RunStoreOptions<unknown>["known"] {
  return { executionId: adopt?.executionId, ...adopt?.state };
}

function isFlow(relay: HubOptions["relay"]): relay is AnyFlow {
  return typeof relay?.["events" as never] === "function";
}

/** Hooks type what a flow takes; in here any inputs are taken. */
function called(flow: AnyFlow): RelayFlow {
  return flow as unknown as RelayFlow; // its methods are those, with narrower parameters
}

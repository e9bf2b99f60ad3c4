import { type Clock, type ConfigOptions, resolveConfig, systemClock, Transport } from "@noukai/core";
import { ClientContext } from "./context.ts";
import { Flow } from "./flow.ts";
import { checkProject, type FlowReference, type ProjectDefaults, resolveFlow } from "./identifiers.ts";
import { Run } from "./run.ts";

/** How a client is made. An option wins over its environment variable, which wins over the default. */
export interface NoukaiOptions extends ConfigOptions {
  /** The organisation of flows that are named by their slug alone. With `project`, or not at all. */
  readonly org?: string | undefined;
  /** The project of flows that are named by their slug alone. With `org`, or not at all. */
  readonly project?: string | undefined;
}

/**
 * Calls flows on a Noukai server. One client serves a whole program: it holds no connection of its own.
 * Throws `ValueError` when a setting is missing or wrong, saying what to do.
 */
export class Noukai implements AsyncDisposable {
  readonly #context: ClientContext;
  readonly #defaults: ProjectDefaults;

  /** `clock` is for tests: what retries and reconnects wait by. */
  constructor(options: NoukaiOptions = {}, clock: Clock = systemClock) {
    const { org, project, ...config } = options;
    checkProject({ org, project }, "The client");
    this.#defaults = { org, project };
    this.#context = new ClientContext(new Transport(resolveConfig(config), clock));
  }

  /** A flow, by its slug or by `org/project/slug`. Sends nothing; throws `ValueError` for what cannot be a flow's name. */
  flow(reference: FlowReference): Flow {
    return new Flow(this.#context, resolveFlow(reference, this.#defaults));
  }

  /** A run of any flow of the key's project, by its id. Sends nothing. */
  run(executionId: string): Run {
    return new Run(this.#context, { executionId });
  }

  /** Ends what is under way with `AbortError` and waits until cancels that were asked for are sent, at most 5 s. Runs go on. `await using` calls it. */
  close(): Promise<void> {
    return this.#context.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

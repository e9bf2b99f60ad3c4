import { type Clock, type ConfigOptions, resolveConfig, systemClock, Transport } from "@noukai/core";
import { ClientContext } from "./context.ts";
import type { StoredResumeOptions } from "./execute-call.ts";
import { Execution } from "./executions/execution.ts";
import { Executions } from "./executions/executions.ts";
import { Flow } from "./flow.ts";
import { loaded } from "./loaded.ts";
import type { Middleware } from "./middleware.ts";
import { checkProject, type FlowReference, type ProjectDefaults, resolveFlow } from "./flow-reference.ts";
import type { PauseJson } from "./pause-json.ts";
import type { ExecuteResult, PausedResult } from "./results.ts";
import { Run } from "./run.ts";
import { Runs } from "./runs.ts";
import type { FlowSchemas, InputOf, OutputOf } from "./typed-flow/flow-schemas.ts";
import { withAmbientSession } from "./session/session.ts";
import { Sessions } from "./session/sessions.ts";

/** How a client is made. An option wins over its environment variable, which wins over the default. */
export interface NoukaiOptions extends ConfigOptions {
  /** The organisation of flows that are named by their slug alone. With `project`, or not at all. */
  readonly org?: string | undefined;
  /** The project of flows that are named by their slug alone. With `org`, or not at all. */
  readonly project?: string | undefined;
  /** The session of every call that names none itself: a UUID. */
  readonly sessionId?: string | undefined;
  /** Layers around every operation, the outermost first. */
  readonly middleware?: readonly Middleware[] | undefined;
}

/**
 * Calls flows on a Noukai server. One client serves a whole program: it holds no connection of its own.
 * Throws `ValueError` when a setting is missing or wrong, saying what to do.
 */
export class Noukai implements AsyncDisposable {
  /** What was recorded under a session's id. */
  readonly sessions: Sessions;
  readonly #context: ClientContext;
  readonly #defaults: ProjectDefaults;

  /** `clock` is for tests: what retries and reconnects wait by. */
  constructor(options: NoukaiOptions = {}, clock: Clock = systemClock) {
    const { org, project, sessionId, middleware = [], ...config } = options;
    checkProject({ org, project }, "The client");
    this.#defaults = { org, project };
    this.#context = new ClientContext(new Transport(withAmbientSession(resolveConfig(config)), clock), {
      sessionId,
      middleware,
    });
    this.sessions = new Sessions(this.#context);
  }

  /**
   * A flow, by its slug or by `org/project/slug`. With `schemas` its inputs are checked before they are sent and its output before it is
   * given, and both are typed. Sends nothing; throws `ValueError` for what cannot be a flow's name.
   */
  flow<const Schemas extends FlowSchemas = object>(
    reference: FlowReference,
    schemas?: Schemas,
  ): Flow<InputOf<Schemas>, OutputOf<Schemas>> {
    const address = resolveFlow(reference, this.#defaults);
    return new Flow(this.#context, { address, defaultVersion: "draft", schemas: schemas ?? {} });
  }

  /** The project's runs: `list()`, `get(id)`. */
  get runs(): Runs {
    return new Runs(this.#context);
  }

  /** A run of any flow of the key's project, by its id. Sends nothing. */
  run(executionId: string): Run {
    return new Run(this.#context, { executionId });
  }

  /** Executions by their id: work that outlives the call that began it. `create`, `list`, `get`, `reexecute`, and what else they can do. */
  get executions(): Executions {
    return new Executions(this.#context);
  }

  /** One execution, by its id. Sends nothing. */
  execution(id: string): Execution {
    return new Execution(this.executions, id);
  }

  /**
   * Goes on from a pause that was written down with `JSON.stringify(paused)`, perhaps in another process, or that `flow.run(id).pause()` gave:
   * takes its text, the parsed JSON or the pause itself, and the results of its calls or the tools that run them. Throws `ValueError` for what
   * is no pause; otherwise it is `paused.resume(…)`.
   */
  async resume(
    pause: PausedResult | PauseJson | string,
    options?: StoredResumeOptions,
  ): Promise<ExecuteResult | PausedResult> {
    return (await loaded(import("./execute-call.ts"))).resumeStored(this.#context, pause, options);
  }

  /** @deprecated What `traceScope` of older versions took as `transport`. Pass the client itself, as `client`. */
  get _transport(): Sessions {
    return this.sessions;
  }

  /** Ends what is under way with `AbortError` and waits until cancels that were asked for are sent, at most 5 s. Runs go on. `await using` calls it. */
  close(): Promise<void> {
    return this.#context.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

import type { ExecutableTool, ToolContext } from "@noukai/sdk";

/** A tool call that a person must decide on. Each decision counts once; later ones do nothing. */
export interface WaitingApproval {
  readonly toolCallId: string;
  /** The tool's name. */
  readonly name: string;
  /** What it would be called with, as the tool's schema reads it. */
  readonly args: unknown;
  readonly executionId: string;
  /** Runs the call. */
  readonly approve: () => void;
  /** Tells the model that a person refused, and why. */
  readonly refuse: (reason?: string) => void;
}

/** What a call of a tool is given. */
export type ToolRun = (args: unknown, context: ToolContext) => unknown;

/** A tool on the page. */
export interface ShelvedTool {
  readonly name: string;
  /** The flow it is for. */
  readonly flow: object;
  /** As it is offered now, to be run so. */
  readonly make: (run: ToolRun) => ExecutableTool;
  /** Must a person agree first? */
  readonly needsApproval: (args: unknown) => boolean | Promise<boolean>;
  readonly run: ToolRun;
}

/** Calls of the tools of one run at a time, by run, step and id: at work, done or failed. */
export type BegunCalls = Map<string, Promise<unknown>>;

interface AskedCall {
  readonly name: string;
  readonly args: unknown;
  readonly context: ToolContext;
}

/** The tools that are on the page, and the calls among theirs that wait for a person. */
export class ToolShelf {
  readonly #tools = new Set<ShelvedTool>();
  readonly #listeners = new Set<() => void>();
  #waiting: readonly WaitingApproval[] = [];

  /** Gives what takes it away again. */
  add(tool: ShelvedTool): () => void {
    this.#tools.add(tool);
    return () => this.#tools.delete(tool);
  }

  /** What a call of this flow offers. What a call in `begun` came to, or will, is given again; one that failed or was given up runs anew. */
  toolsFor(flow: object, begun: BegunCalls = new Map()): readonly ExecutableTool[] {
    const run = (name: string): ToolRun => {
      return (args, context) => {
        const { executionId, stepId, toolCallId } = context;
        const key = `${executionId} ${stepId} ${toolCallId}`;
        for (const known of begun.keys()) if (!known.startsWith(executionId)) begun.delete(known);
        const begin = (): Promise<unknown> => this.#run(flow, { name, args, context });
        const work = begun.get(key)?.catch(begin) ?? begin();
        begun.set(key, work);
        return work;
      };
    };
    return Array.from(this.#fitting(flow).values(), (tool) => tool.make(run(tool.name)));
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getSnapshot = (): readonly WaitingApproval[] => this.#waiting;

  async #run(flow: object, call: AskedCall): Promise<unknown> {
    const { name, args, context } = call;
    const isAsked = await this.#find(name, flow).needsApproval(args);
    if (isAsked) await this.#decision(call);
    return this.#find(name, flow).run(args, context); // the page may have changed meanwhile
  }

  /** By name. Of two tools with one name, the one that came last. */
  #fitting(flow: object): ReadonlyMap<string, ShelvedTool> {
    const fitting = [...this.#tools].filter((tool) => tool.flow === flow);
    return new Map(fitting.map((tool) => [tool.name, tool]));
  }

  /** Throws what the model is told when there is no such tool any more. */
  #find(name: string, flow: object): ShelvedTool {
    const tool = this.#fitting(flow).get(name);
    if (tool) return tool;
    throw new Error(`The tool ${name} is not on the page any more.`);
  }

  /** Resolves when a person agrees; throws what the model is told when they do not, and when the call is given up. */
  #decision({ name, args, context: { toolCallId, executionId, signal } }: AskedCall): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error); // while it was found out whether to ask
      const settle = (settled: () => void): void => {
        if (!this.#waiting.includes(approval)) return;
        signal.removeEventListener("abort", giveUp);
        this.#set(this.#waiting.filter((each) => each !== approval));
        settled();
      };
      const giveUp = (): void => settle(() => reject(signal.reason as Error)); // what aborts says why
      const approval: WaitingApproval = {
        toolCallId,
        name,
        args,
        executionId,
        approve: () => settle(resolve),
        refuse: (reason) => settle(() => reject(refusal(reason))),
      };
      signal.addEventListener("abort", giveUp, { once: true });
      this.#set([...this.#waiting, approval]);
    });
  }

  #set(waiting: readonly WaitingApproval[]): void {
    this.#waiting = waiting;
    for (const listener of this.#listeners) listener();
  }
}

/** In the words of the SDK's own approvals, so that models learn one way. */
function refusal(reason: string | undefined): Error {
  return new Error(reason === undefined ? "A person refused this call." : `A person refused this call: ${reason}`);
}

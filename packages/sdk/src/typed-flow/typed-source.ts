import { sourceOver } from "../streaming.ts";
import type { FlowTarget } from "../flow-target.ts";
import type { ExecuteOptions } from "../options.ts";
import type { StreamEvent } from "../events.ts";
import type { EventSource } from "../stream-source.ts";
import type { FlowSchemas } from "./flow-schemas.ts";
import { readInput, readOutput } from "./typed-calls.ts";

export interface TypedSourceOptions<Options extends ExecuteOptions> {
  readonly target: FlowTarget;
  readonly options: Options;
  /** Opens the stream itself. Sends nothing yet. */
  readonly open: (options: Options) => EventSource;
}

/** The stream of a flow with schemas: its input is checked before anything is sent, its output before `flow_completed` is handed on. */
export async function openTyped<Options extends ExecuteOptions>({
  target,
  options,
  open,
}: TypedSourceOptions<Options>): Promise<EventSource> {
  return withOutput(target.schemas, open(await readInput(target, options)));
}

/** The same stream, whose output is checked before `flow_completed` is handed on. */
export function withOutput(schemas: FlowSchemas, source: EventSource): EventSource {
  /** What is wrong with the output, told once the events before it are handed on. */
  let fault: unknown;
  const checked = async (events: readonly StreamEvent[]): Promise<readonly StreamEvent[]> => {
    const last = events.at(-1);
    if (last?.type !== "flow_completed") return events;
    const before = events.slice(0, -1);
    const origin = { operation: source.operation ?? "", executionId: source.executionId };
    try {
      return [...before, { ...last, result: await readOutput(schemas, last.result, origin) }];
    } catch (error) {
      if (before.length === 0) throw error;
      fault = error;
      return before;
    }
  };
  return sourceOver(() => source, {
    next: async () => {
      if (fault !== undefined) throw fault;
      const events = await source.next();
      return events && checked(events);
    },
    close: () => source.close(),
    cancel: async () => source.cancel?.(),
  });
}

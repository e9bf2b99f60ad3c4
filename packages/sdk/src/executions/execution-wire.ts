import { type Billed, FlowExecutionError } from "@noukai/core";
import type {
  ExecutionChange as WireChange,
  FlowExecution as WireExecution,
  TaskExecution as WireTask,
} from "@noukai/core/schema";
import type { ExecutionChange, FlowExecution, TaskExecution } from "./execution-shapes.ts";

/** Where the wire's snake_case becomes our camelCase. What a caller or a flow named (inputs, outputs) is left as it is. */

type CamelCase<Name> = Name extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<CamelCase<Tail>>}` : Name;
/** A shape of the wire under our names. */
export type Camelized<Wire> = { readonly [Name in keyof Wire as CamelCase<Name>]: Wire[Name] };

/** Renames a shape's own members. */
function camelized<Wire extends object>(wire: Wire): Camelized<Wire> {
  const entries = Object.entries(wire).map(([name, value]) => [
    name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.fromEntries(entries) as Camelized<Wire>; // which is what it was made after
}

export function toFlowExecution(wire: WireExecution): FlowExecution {
  const { error, ...rest } = wire;
  return { ...camelized(rest), ...(error !== undefined && { error: error && camelized(error) }) };
}

export function toTaskExecution({ error, ...rest }: WireTask): TaskExecution {
  return { ...camelized(rest), error: error && camelized(error) };
}

export function toExecutionChange(cursor: string, wire: WireChange): ExecutionChange {
  return { cursor, ...camelized(wire) };
}

interface AnswerContext {
  readonly operation: string;
  readonly response: Response;
  readonly billed: Billed;
}

/** Checks that an answer is what was asked for: something between us and the server may answer with JSON of its own. */
export function checkAnswer(answer: unknown, { operation, response, billed }: AnswerContext): void {
  if ([answer].flat().every(hasId)) return;
  const message = `${operation}: ${response.status}, with an answer that is no execution's. Does \`baseUrl\` lead to the API?`;
  throw new FlowExecutionError(message, {
    statusCode: response.status,
    code: "UNEXPECTED_ANSWER",
    requestId: response.headers.get("x-request-id") ?? undefined,
    responseBody: answer,
    billed,
  });
}

function hasId(answer: unknown): boolean {
  return typeof answer === "object" && answer !== null && "id" in answer && typeof answer.id === "string";
}

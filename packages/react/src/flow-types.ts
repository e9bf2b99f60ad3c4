import type { EventStream, ExecuteResult, Job, JobHandle, PausedResult, RelayFlow, Run } from "@noukai/sdk";

/** A flow that can be called: of a client (`noukai.flow(…)`), or behind a relay (`createRelayFlow(…)`). */
// Parameters of `never`: every function fits, whatever the flow's inputs are.
export interface AnyFlow {
  execute(...given: never[]): Promise<ExecuteResult | PausedResult>;
  events(...given: never[]): EventStream;
  executeAsync(...given: never[]): Promise<Job>;
  job(executionId: string): JobHandle;
  run(executionId: string): Run;
}

/** What a call of a flow gives. */
export type OutputOf<Flow extends AnyFlow> = Extract<
  Awaited<ReturnType<Flow["execute"]>>,
  { readonly status: "completed" }
>["result"];

/** What `execute`, `events` or `executeAsync` of a flow is given. */
export type ArgumentsOf<Flow extends AnyFlow, Method extends "execute" | "events" | "executeAsync"> = Parameters<
  Flow[Method]
>;

/** A flow, the name of one, or nothing for the provider's only relay. */
export type FlowSource = AnyFlow | string | undefined;

/** What is known of the flow that a source names. */
export type FlowOf<Source extends FlowSource> = Source extends AnyFlow ? Source : RelayFlow;

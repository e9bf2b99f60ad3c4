import type { Clock } from "@noukai/core";
import type { ExecuteRequest, JobRequest, StepRequest, TriggerType } from "@noukai/core/schema";
import { noSuchRun, Refusal } from "./refusal.ts";
import type { Route } from "./routes.ts";
import type { FlowScript, ScriptedCall, StepScript } from "./script.ts";
import { ScriptedRun } from "./scripted-run.ts";

/** A request for a run, of any kind; null counts as absent. */
export type RunBody = Partial<ExecuteRequest & StepRequest & JobRequest>;

/** Where the answer to one call begins in its run's log. */
export interface CallPlace {
  readonly run: ScriptedRun;
  readonly index: number;
}

/** One request that makes a run, or goes on with one. */
export interface RunRequest {
  readonly route: Route & { readonly flow: string };
  readonly body: RunBody;
  readonly text: string;
  readonly idempotencyKey: string | undefined;
  readonly sessionId: string | undefined;
}

interface NewRun extends Pick<RunRequest, "body" | "sessionId"> {
  readonly flow: string;
  /** As in the path. */
  readonly version: string | undefined;
}

export interface RunBookOptions {
  readonly flows: Readonly<Record<string, FlowScript | readonly FlowScript[]>>;
  readonly clock: Clock;
}

/** The runs of one server, and which call made which. */
export class RunBook {
  readonly runs: ScriptedRun[] = [];
  readonly #options: RunBookOptions;
  readonly #calls = new Map<string, { readonly asked: string; readonly place: CallPlace }>();
  /** How many of a list of scripts are used. */
  readonly #used = new Map<string, number>();

  constructor(options: RunBookOptions) {
    this.#options = options;
  }

  /** Scripts of lists that no call has asked for. */
  get unused(): readonly string[] {
    return Object.entries(this.#options.flows).flatMap(([flow, script]) => {
      const left = Array.isArray(script) ? script.length - (this.#used.get(flow) ?? 0) : 0;
      return left > 0 ? [`${left} of the ${flow} scripts`] : [];
    });
  }

  find(executionId: string | undefined, flow: string | undefined): ScriptedRun {
    const run = this.runs.find(({ options }) => options.executionId === executionId);
    if (run && (flow === undefined || run.options.flow === flow)) return run;
    throw noSuchRun();
  }

  findByKey(key: string | undefined, flow: string): ScriptedRun {
    const run = this.#calls.get(key ?? "")?.place.run;
    if (run?.options.flow === flow) return run;
    throw noSuchRun();
  }

  /** The name of the flow with this id. */
  flowOf(flowId: string): string {
    const flow = Object.keys(this.#options.flows).find((name) => this.flowId(name) === flowId);
    if (flow !== undefined) return flow;
    throw new Refusal(404, "FLOW_NOT_FOUND", { message: "No flow of this flow_id is scripted." });
  }

  flowId(flow: string): string {
    return idOf("2", Object.keys(this.#options.flows).indexOf(flow) + 1);
  }

  /** Begins a run of a published flow. `kept`: what steps gave before, which do not run again. */
  begin(
    flow: string,
    { input, kept }: { readonly input: Readonly<Record<string, unknown>>; readonly kept: ReadonlyMap<string, unknown> },
  ): ScriptedRun {
    const { message, ...parameters } = input;
    const body = { parameters, ...(typeof message === "string" ? { message } : { parameters: input }) };
    return this.#begin({ flow, version: "1", body, sessionId: undefined }, "api", kept);
  }

  /** Makes the call, or finds the one that an equal request made. */
  call(request: RunRequest, trigger: "execute" | "step" | "job"): CallPlace & { readonly isRepeated: boolean } {
    const { idempotencyKey: key, route, text } = request;
    const asked = `${route.flow} ${route.version ?? ""} ${trigger}\n${text}`;
    const known = key === undefined ? undefined : this.#calls.get(key);
    if (known && known.asked !== asked) {
      throw new Refusal(422, "IDEMPOTENCY_KEY_REUSED", { message: "This key was used for another call." });
    }
    if (known) return { ...known.place, isRepeated: true };
    const place = this.#place(request, trigger);
    if (key !== undefined) this.#calls.set(key, { asked, place });
    return { ...place, isRepeated: false };
  }

  #place(request: RunRequest, trigger: "execute" | "step" | "job"): CallPlace {
    const { body, route } = request;
    if (!body.executionId)
      return { run: this.#begin({ ...request, flow: route.flow, version: route.version }, trigger), index: 0 };
    const run = this.runs.find(({ options }) => options.executionId === body.executionId);
    if (run?.options.flow !== route.flow || run.options.trigger !== trigger) {
      throw new Refusal(400, "EXECUTION_ID_INVALID", { message: `executionId names no run that /${trigger} began.` });
    }
    const { toolCallMessages, pausedAtStep, stepIndex, runRemaining, inputOverrides } = body;
    if (toolCallMessages) {
      const at = trigger === "step" ? { stepIndex: stepIndex ?? 0 } : { pausedAtStep: pausedAtStep ?? undefined };
      return { run, index: run.resume({ toolCallMessages, ...at }) };
    }
    if (trigger === "execute") {
      throw new Refusal(400, "TOOL_RESULTS_MISMATCH", { message: "A resume carries toolCallMessages." });
    }
    const segment = {
      stepIndex: stepIndex ?? 0,
      runRemaining: runRemaining === true,
      inputOverrides: inputOverrides ?? {},
    };
    return { run, index: run.goOn(segment) };
  }

  #begin(
    { flow, version: segment, body, sessionId }: NewRun,
    trigger: TriggerType,
    kept?: ReadonlyMap<string, unknown>,
  ): ScriptedRun {
    const version = versionOf(segment);
    refuseUnfit(body, trigger);
    const script = this.#scriptOf(flow);
    const call = readCall(flow, { version, body, defaults: script.defaults });
    const steps = script.steps(call);
    if (steps.length === 0) throw new Refusal(422, "NO_STEPS", { message: "The script has no steps." });
    const { pendingPolls, runningPolls } = trigger === "job" ? script : {};
    const run = new ScriptedRun({
      executionId: idOf("1", this.runs.length + 1),
      flow,
      flowId: this.flowId(flow),
      version: typeof version === "number" ? version : 0,
      trigger,
      sessionId,
      isTraced: body.trace === true,
      isStepwise: trigger === "step" && body.runRemaining !== true,
      input: inputOf(call),
      steps: steps.map((step) => (kept?.has(step.id) ? { ...keptStep(step), output: kept.get(step.id) } : step)),
      pendingPolls,
      runningPolls,
      clock: this.#options.clock,
    });
    this.runs.push(run);
    return run;
  }

  #scriptOf(flow: string): FlowScript {
    const { flows } = this.#options;
    const found = Object.hasOwn(flows, flow) ? flows[flow] : undefined;
    if (!found) throw new Refusal(404, "FLOW_NOT_FOUND", { message: `No flow ${flow} is scripted.` });
    if (!isList(found)) return found;
    const used = this.#used.get(flow) ?? 0;
    const script = found[used];
    if (!script) throw new Refusal(404, "FLOW_NOT_FOUND", { message: `All ${used} scripts of ${flow} are used.` });
    this.#used.set(flow, used + 1);
    return script;
  }
}

/** A step that gives at once what it gave before. */
function keptStep({ id, name, kind, model }: StepScript): StepScript {
  return { id, name, kind: kind ?? (model === undefined ? undefined : "llm") };
}

function isList(script: FlowScript | readonly FlowScript[]): script is readonly FlowScript[] {
  return Array.isArray(script);
}

/** The same ids in each test, and of the form that the server's have. */
function idOf(kind: "1" | "2", count: number): string {
  return `0000000${kind}-0000-7000-8000-${String(count).padStart(12, "0")}`;
}

function versionOf(version: string | undefined): ScriptedCall["version"] {
  if (version === undefined) return "production";
  const number = Number(version);
  if (version === "0") return "draft";
  if (/^\d+$/.test(version) && number >= 1) return number;
  throw new Refusal(400, "INVALID_VERSION", { message: `v${version} is no version.` });
}

function refuseUnfit(body: RunBody, trigger: TriggerType): void {
  const { message, messages, stepIndex, tools, attachments } = body;
  if (message != null && messages?.length) {
    throw new Refusal(400, "INVALID_REQUEST", { message: "message and messages cannot be given together." });
  }
  if (stepIndex) throw new Refusal(400, "INVALID_FIRST_CALL", { message: "A first call begins at stepIndex 0." });
  if (trigger !== "job") return;
  if (tools?.length) throw new Refusal(400, "TOOLS_REQUIRE_SYNC_EXECUTE", { message: "A job has nobody to ask." });
  if (attachments?.length) throw new Refusal(400, "INVALID_REQUEST", { message: "A job takes no attachments." });
}

function readCall(
  flow: string,
  {
    version,
    body,
    defaults,
  }: Pick<ScriptedCall, "version"> & Pick<FlowScript, "defaults"> & { readonly body: RunBody },
): ScriptedCall {
  const { message, messages, parameters, attachments, tools } = body;
  return {
    flow,
    version,
    message: message ?? lastUserText(messages ?? []),
    messages: messages ?? [],
    parameters: { ...defaults, ...parameters },
    attachments: attachments ?? [],
    tools: tools ?? [],
  };
}

function lastUserText(messages: ScriptedCall["messages"]): string | undefined {
  const content = messages.findLast(({ role }) => role === "user")?.content;
  if (typeof content === "string") return content;
  return content?.map(({ text }) => text ?? "").join("") ?? undefined;
}

function inputOf({ message, parameters }: ScriptedCall): Readonly<Record<string, unknown>> {
  return { ...parameters, ...(message !== undefined && { message }) };
}

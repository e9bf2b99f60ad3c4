"use client";
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { ExecuteAsyncOptions, Job, JobProgress, RelayFlow, RunStatus } from "@noukai/sdk";
import type { ArgumentsOf, AnyFlow, FlowOf, FlowSource, OutputOf } from "./flow-types.ts";
import { type JobView, watchJob } from "./job-watch.ts";
import { type KeptRun, keptRun, NOT_KEPT } from "./kept-run.ts";
import { useHub } from "./provider.ts";
import type { RequestStore, RequestView } from "./request-store.ts";
import type { RunFault } from "./run-state.ts";
import { requestStore } from "./use-run.ts";

/** Options of `useJob`. */
export interface JobOptions {
  /** A job that was submitted before, here or elsewhere. */
  readonly executionId?: string | undefined;
  /** Takes up the job that this tab submitted before it was reloaded, while it is not over. Default `true`. */
  readonly resume?: boolean | undefined;
}

/** A job, and what one can do about it. */
export interface UsedJob<Flow extends AnyFlow> {
  /** `submitting` until the server has it; then the run's own status. */
  readonly status: "idle" | "submitting" | RunStatus;
  readonly isRunning: boolean;
  readonly executionId: string | undefined;
  /** How far it has got. */
  readonly progress: JobProgress | undefined;
  /** What it came to. */
  readonly data: OutputOf<Flow> | undefined;
  readonly error: RunFault | undefined;
  /** Puts the flow into the queue. What goes wrong is shown as `error` too: nobody has to catch it. */
  readonly submit: (...given: ArgumentsOf<Flow, "executeAsync">) => Promise<Job<OutputOf<Flow>>>;
  /** Stops the job. Resolves once the server has accepted that. */
  readonly cancel: () => Promise<void>;
  /** Shows nothing of the job any more; it goes on. */
  readonly reset: () => void;
}

interface Submission {
  readonly executionId: string | undefined;
  readonly isSubmitting: boolean;
  readonly error: RunFault | undefined;
}

const NOTHING: Submission = { executionId: undefined, isSubmitting: false, error: undefined };
const NO_ANSWER: RequestView<JobView> = { data: undefined, error: undefined, isLoading: false };
const ignore = (): (() => void) => () => {};

/** A flow in the queue: submits it, follows it where the server lets it and polls where not, and finds it again after a reload. */
export function useJob<Source extends FlowSource = undefined>(
  source?: Source,
  { executionId: given, resume = true }: JobOptions = {},
): UsedJob<FlowOf<Source>> {
  const hub = useHub();
  const flow = hub.flow(source);
  const isKept = resume && given === undefined;
  const kept = useMemo(() => (isKept ? keptRun(`job ${hub.nameOf(flow)}`) : NOT_KEPT), [hub, flow, isKept]);
  const [submission, setSubmission] = useState<Submission>({ ...NOTHING, executionId: given });
  const executionId = given ?? submission.executionId;
  const watch =
    executionId === undefined ? undefined : requestStore(hub, `job ${executionId}`, watchJob(flow.job(executionId)));
  const view = useWatch(watch);
  const isOver = view.data?.ended !== undefined;
  useKept(kept, isOver, setSubmission);
  const commands = useMemo(() => commandsOf({ flow, kept, executionId, setSubmission }), [flow, kept, executionId]);
  return useMemo(
    () => ({ ...shown({ ...submission, executionId }, view), ...commands }),
    [submission, executionId, view, commands],
  ) as unknown as UsedJob<FlowOf<Source>>; // of the flow's own types
}

function useWatch(watch: RequestStore<JobView> | undefined): RequestView<JobView> {
  const read = (): RequestView<JobView> => watch?.getSnapshot() ?? NO_ANSWER;
  return useSyncExternalStore(watch?.subscribe ?? ignore, read, read);
}

/** Finds the job of before the reload, and forgets it once it is over. */
function useKept(kept: KeptRun, isOver: boolean, setSubmission: (submission: Submission) => void): void {
  const isFirst = useRef(true);
  useEffect(() => {
    const executionId = isFirst.current ? kept.read() : undefined;
    isFirst.current = false;
    if (executionId !== undefined) setSubmission({ ...NOTHING, executionId });
    if (isOver) kept.write(undefined);
  }, [isOver]);
}

function shown({ executionId, isSubmitting, error }: Submission, { data, error: watchError }: RequestView<JobView>) {
  const { progress, ended } = data ?? {};
  const state = ended?.state ?? progress?.state ?? "pending";
  const status = isSubmitting ? "submitting" : executionId === undefined ? "idle" : state;
  const fault = ended?.error === undefined ? (watchError ?? error) : { message: ended.error };
  const isRunning = isSubmitting || (executionId !== undefined && !ended && !watchError);
  return { status, isRunning, executionId, progress, data: ended?.result, error: fault };
}

interface JobPlace extends Pick<Submission, "executionId"> {
  readonly flow: RelayFlow;
  readonly kept: KeptRun;
  readonly setSubmission: (submission: Submission) => void;
}

function commandsOf({ flow, kept, executionId, setSubmission }: JobPlace) {
  const submitted = async (options: ExecuteAsyncOptions | undefined): Promise<Job> => {
    setSubmission({ ...NOTHING, isSubmitting: true });
    try {
      const job = await flow.executeAsync(options);
      kept.write(job.executionId);
      setSubmission({ ...NOTHING, executionId: job.executionId });
      return job;
    } catch (error) {
      setSubmission({ ...NOTHING, error: error as RunFault }); // what the SDK throws is an Error
      throw error;
    }
  };
  return {
    submit: (options?: ExecuteAsyncOptions): Promise<Job> => {
      const job = submitted(options);
      job.catch(() => {}); // it is shown: nobody has to catch it too
      return job;
    },
    cancel: async (): Promise<void> => {
      if (executionId !== undefined) await flow.job(executionId).cancel();
    },
    reset: (): void => {
      kept.write(undefined);
      setSubmission(NOTHING);
    },
  };
}

import type { JobHandle, JobProgress, JobStatus } from "@noukai/sdk";
import type { RequestStoreOptions } from "./request-store.ts";

/** What is known of a job. */
export interface JobView {
  /** How far it has got; `undefined` before the first sign of it. */
  readonly progress: JobProgress | undefined;
  /** How it ended; `undefined` before. */
  readonly ended: JobStatus | undefined;
}

/** Waits for a job for as long as somebody shows it. Leaving it leaves the job alone. */
export function watchJob(job: JobHandle): RequestStoreOptions<JobView>["load"] {
  return async (signal, tell) => {
    let progress: JobProgress | undefined;
    const ended = await job.wait({
      signal,
      timeout: Infinity,
      onProgress: (latest) => {
        progress = latest;
        tell({ progress, ended: undefined });
      },
    });
    return { progress, ended };
  };
}

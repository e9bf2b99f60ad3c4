import { setTimeout as delay } from "node:timers/promises";
import type { Caller } from "./caller.ts";
import type { Recorder } from "./recorder.ts";

/** How long runs may take to come to rest once nothing disturbs them, and receivers to be told, in milliseconds. */
const restMs = 60_000;
const tellMs = 75_000;

/** Waits until no run is in work or waits for a worker; whoever is not done then is stuck. */
export async function awaitRest(caller: Caller): Promise<void> {
  for (const giveUpAt = performance.now() + restMs; performance.now() < giveUpAt; await delay(250)) {
    const open = await Promise.all(["pending", "running"].map((status) => countOpen(caller, status)));
    if (open.every((count) => count === 0)) return;
  }
}

async function countOpen(caller: Caller, status: string): Promise<number> {
  const { body } = await caller.call({ method: "GET", path: `/flow-runs?status=${status}&limit=1` });
  return body.items.length;
}

/** Waits until everybody was told who wants to be. A process that died while it told somebody is followed by another within 30 s. */
export async function awaitWebhooks({ webhooksWanted }: Recorder, told: ReadonlySet<string>): Promise<void> {
  const giveUpAt = performance.now() + tellMs;
  while (performance.now() < giveUpAt && !webhooksWanted.every((id) => told.has(id))) await delay(250);
}

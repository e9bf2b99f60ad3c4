import type { Connection } from "./connection.ts";
import { claimableChannel, runsChannel, toPayloads } from "./nudges.ts";
import type { Presence } from "./presence.ts";
import { prepare } from "./statement.ts";

const notify = prepare(
  "notify",
  "SELECT pg_notify(channel, payload) FROM unnest($1::text[], $2::text[]) AS nudge (channel, payload)",
);

/** Tells the other processes what was written. */
export interface NudgeSender {
  /** The run's log reached `seq`. */
  appended(runId: string, seq: number): void;
  /** A run became claimable. */
  claimable(): void;
  /** Resolves once nothing waits to be told. */
  idle(): Promise<void>;
}

/**
 * Sends beside the journal, in statements of their own: NOTIFY inside a commit makes all commits wait for each other. What comes up
 * while one is under way goes with the next. A statement that fails is forgotten: its readers look again by themselves, a little later.
 * Where nobody else listens it sends nothing: telling takes a transaction, and wakes this process as well.
 */
export function createNudgeSender(connection: Connection, presence: Pick<Presence, "number" | "isAlone">): NudgeSender {
  let appended = new Map<string, number>();
  let isClaimable = false;
  let sending: Promise<void> | undefined;

  async function sendAll(): Promise<void> {
    // Whatever else this commit has to tell comes first.
    await Promise.resolve();
    while (appended.size > 0 || isClaimable) {
      const runs = Array.from(appended, ([runId, seq]) => ({ runId, seq }));
      const messages = toPayloads(presence.number, runs).map((payload) => ({ channel: runsChannel, payload }));
      if (isClaimable) messages.push({ channel: claimableChannel, payload: `${presence.number}` });
      appended = new Map();
      isClaimable = false;
      await notify
        .run(
          connection,
          messages.map(({ channel }) => channel),
          messages.map(({ payload }) => payload),
        )
        .catch(() => undefined);
    }
    sending = undefined;
  }

  function send(): void {
    sending ??= sendAll();
  }

  return {
    appended: (runId, seq) => {
      if (presence.isAlone) return;
      appended.set(runId, seq);
      send();
    },
    claimable: () => {
      if (presence.isAlone) return;
      isClaimable = true;
      send();
    },
    idle: () => sending ?? Promise.resolve(),
  };
}

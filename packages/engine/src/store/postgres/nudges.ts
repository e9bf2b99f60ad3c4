/**
 * What processes tell each other after a commit, by NOTIFY. A nudge carries no fact: whoever gets one reads the store.
 * A payload names its sender, who knows already, and then each run that was appended to with the last seq of its log: `7 <run id>:<seq> …`;
 * of partial output, with a seq that the log has reached.
 */

export const runsChannel = "noukai_runs";
export const claimableChannel = "noukai_claimable";
export const partialsChannel = "noukai_partials";
export const cancelsChannel = "noukai_cancels";

/** Says that its sender is there, and listens. */
export const helloChannel = "noukai_hello";

/** PostgreSQL takes payloads below 8 000 bytes. Source: postgresql.org/docs/current/sql-notify.html */
const maxPayloadBytes = 7_999;

export interface RunNudge {
  readonly runId: string;
  /** The log reached this far. */
  readonly seq: number;
}

/** As few payloads as can be; all of it is ASCII. */
export function toPayloads(sender: number, nudges: readonly RunNudge[]): readonly string[] {
  const payloads: string[] = [];
  let payload = `${sender}`;
  for (const { runId, seq } of nudges) {
    const part = ` ${runId}:${seq}`;
    if (payload.length + part.length > maxPayloadBytes) {
      payloads.push(payload);
      payload = `${sender}`;
    }
    payload += part;
  }
  return nudges.length === 0 ? [] : [...payloads, payload];
}

export function fromPayload(payload: string): { readonly sender: number; readonly nudges: readonly RunNudge[] } {
  const [sender, ...parts] = payload.split(" ");
  const nudges = parts.map((part) => {
    const [runId = "", seq] = part.split(":");
    return { runId, seq: Number(seq) };
  });
  return { sender: Number(sender), nudges };
}

import { isUuid } from "../../run-id.ts";
import { type CreateRow, epochOfLog, type MoveRow } from "./rounds.ts";

const nulFault = "a NUL is in what is no payload";

/** PostgreSQL's `integer` ends here. */
const maxInteger = 0x7fff_ffff;

/**
 * What PostgreSQL would refuse in an entry, and the whole statement with it; undefined when there is nothing. Payloads need no look:
 * in JSON a NUL is written out.
 */
export function faultOf(row: CreateRow | MoveRow): string | undefined {
  return row.kind === "create" ? faultOfCreate(row) : faultOfMove(row);
}

function faultOfCreate({ run, batch }: CreateRow): string | undefined {
  if (!isUuid(run.id)) return `the run id ${JSON.stringify(run.id)} is no UUID`;
  if (batch !== null && batch.firstSeq !== 1) return `a log begins at 1, this one at ${batch.firstSeq}`;
  const texts = [run.projectId, run.flowId, run.definitionHash, run.trigger, run.capture, run.sessionId, run.owner];
  const { idempotency, webhook } = run;
  if ([...texts, idempotency?.key, idempotency?.requestHash, webhook?.url, webhook?.host].some(hasNul)) return nulFault;
  return faultOfNumbers([run.flowVersion, run.priority, batch?.lastSeq], [run.createdAt, run.readyAt]);
}

function faultOfMove(row: MoveRow): string | undefined {
  const { runId, epoch, batch } = row;
  if (!isUuid(runId)) return `there is no run ${JSON.stringify(runId)}`;
  if (row.kind === "seize" && hasNul(row.owner)) return nulFault;
  return faultOfNumbers([epoch, epochOfLog(row), batch?.firstSeq, batch?.lastSeq], [batch?.lastAt]);
}

function hasNul(text: string | null | undefined): boolean {
  return text?.includes("\0") ?? false;
}

function faultOfNumbers(
  counts: readonly (number | undefined)[],
  times: readonly (number | undefined)[],
): string | undefined {
  const wrongCount = counts.find(
    (count) => count !== undefined && !(Number.isInteger(count) && Math.abs(count) <= maxInteger),
  );
  if (wrongCount !== undefined) return `${wrongCount} is no whole number, or too far from 0`;
  const wrongTime = times.find((time) => time !== undefined && !Number.isSafeInteger(time));
  return wrongTime === undefined ? undefined : `${wrongTime} is no time in whole milliseconds`;
}

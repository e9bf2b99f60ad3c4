import { isUuid } from "../../run-id.ts";
import type { PartialChunk, PartialStore } from "../store.ts";
import { integerArray, textArray, uuidArray } from "./array.ts";
import type { PostgresDatabase } from "./connection.ts";
import { partialsChannel, toPayloads } from "./nudges.ts";
import type { Sleepers } from "./sleepers.ts";
import { prepare } from "./statement.ts";

/**
 * A chunk that is written again, because its first answer was lost, may have grown. The nudges go with the commit: it writes nothing that
 * is logged, so that no commit of the journal waits for it.
 */
const writeChunks = prepare(
  "write_chunks",
  `WITH written AS (
     INSERT INTO partial_chunks (run_id, step_id, after_seq, loop_path, start, attempt, delta)
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::text[], $5::integer[], $6::integer[], $7::text[])
     ON CONFLICT (run_id, step_id, after_seq, loop_path, start) DO UPDATE SET delta = excluded.delta
   )
   SELECT pg_notify('${partialsChannel}', payload) FROM unnest($8::text[]) AS nudge (payload)`,
);

interface ChunkRow {
  readonly stepId: string;
  readonly afterSeq: number;
  /** JSON, as is the delta. */
  readonly loopPath: string;
  readonly offset: number;
  readonly attempt: number;
  readonly delta: string;
}

const selectChunks = prepare<ChunkRow>(
  "chunks",
  `SELECT step_id AS "stepId", after_seq AS "afterSeq", loop_path AS "loopPath", start AS "offset", attempt, delta
   FROM partial_chunks WHERE run_id = $1 ORDER BY step_id, after_seq, loop_path, start`,
);

const dropChunks = prepare(
  "drop_chunks",
  `DELETE FROM partial_chunks AS chunk
   USING unnest($1::uuid[], $2::text[], $3::integer[], $4::text[]) AS over (run_id, step_id, after_seq, loop_path)
   WHERE chunk.run_id = over.run_id AND chunk.step_id = over.step_id AND chunk.after_seq <= over.after_seq
     AND chunk.loop_path = over.loop_path`,
);

/** What lost workers left behind. Reads the whole index, which holds no more than what is being written anywhere. */
const sweepChunks = prepare(
  "sweep_chunks",
  `WITH streamed AS MATERIALIZED (
     SELECT DISTINCT run_id FROM partial_chunks
   ), idle AS MATERIALIZED (
     SELECT run_id FROM streamed
     WHERE coalesce((SELECT status FROM run_states WHERE run_states.run_id = streamed.run_id), '') <> 'running'
   )
   DELETE FROM partial_chunks WHERE run_id IN (SELECT run_id FROM idle)`,
);

export interface PostgresPartials extends PartialStore {
  /** Drops the chunks of runs that nobody works on. */
  sweep(): Promise<void>;
}

/** Under what a reader of the run's partial output sleeps. */
export function partialsName(runId: string): string {
  return `partials ${runId}`;
}

/** `sender` is this process's number. */
export function createPostgresPartials(
  database: PostgresDatabase,
  sender: number,
  sleepers: Sleepers,
): PostgresPartials {
  return {
    async append(chunks) {
      const nudges = new Map(chunks.map(({ runId, afterSeq }) => [runId, { runId, seq: afterSeq }]));
      await writeChunks.run(
        database,
        uuidArray(chunks.map(({ runId }) => runId)),
        textArray(chunks.map(({ stepId }) => stepId)),
        integerArray(chunks.map(({ afterSeq }) => afterSeq)),
        textArray(chunks.map(({ loopPath }) => JSON.stringify(loopPath))),
        integerArray(chunks.map(({ offset }) => offset)),
        integerArray(chunks.map(({ attempt }) => attempt)),
        textArray(chunks.map(({ delta }) => JSON.stringify(delta))),
        toPayloads(sender, [...nudges.values()]),
      );
      for (const runId of nudges.keys()) sleepers.wake(partialsName(runId));
    },
    async read(runId) {
      return isUuid(runId) ? joinChunks(runId, await selectChunks.all(database, runId)) : [];
    },
    async drop(texts) {
      await dropChunks.run(
        database,
        uuidArray(texts.map(({ runId }) => runId)),
        textArray(texts.map(({ stepId }) => stepId)),
        integerArray(texts.map(({ afterSeq }) => afterSeq)),
        textArray(texts.map(({ loopPath }) => JSON.stringify(loopPath))),
      );
    },
    changed: (runId, signal) => sleepers.next(partialsName(runId), signal),
    async sweep() {
      await sweepChunks.run(database);
    },
  };
}

/** Each text as one chunk, of rows that come text by text, in order. A text ends where a chunk is missing, and is left out when that is its first. */
function joinChunks(runId: string, rows: readonly ChunkRow[]): readonly PartialChunk[] {
  const texts = new Map<string, PartialChunk>();
  for (const { stepId, afterSeq, loopPath, offset, attempt, delta } of rows) {
    const key = JSON.stringify([stepId, afterSeq, loopPath]);
    const before = texts.get(key)?.delta ?? "";
    if (offset !== before.length) continue;
    texts.set(key, {
      runId,
      stepId,
      afterSeq,
      loopPath: JSON.parse(loopPath) as readonly number[], // as: written by `append` above, as is the delta
      attempt,
      offset: 0,
      delta: before + (JSON.parse(delta) as string),
    });
  }
  return [...texts.values()];
}

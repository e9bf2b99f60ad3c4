import type { CheckName } from "./checks.ts";
import type { History, Reading, StoredRun } from "./history.ts";
import type { Tampering } from "./world.ts";

/** A fault that is planted to see its checker find it: one for each checker, in the place where the real one would be. */
export type Plant = CheckName;

/** Planted in the database, behind the servers' backs; the others are planted elsewhere. */
export function tamperingOf(plant: Plant, { id }: StoredRun): Tampering | undefined {
  const statements = tamperings[plant];
  return statements && { runId: id, ...statements };
}

const tamperings: Partial<Record<Plant, Omit<Tampering, "runId">>> = {
  // An append whose transaction was told to be durable, and was not.
  lost: {
    embedded: ["UPDATE runs SET id = 'lost ' || id WHERE id = ?"],
    postgres: [
      "DELETE FROM log WHERE run_id = $1",
      "DELETE FROM run_states WHERE run_id = $1",
      "DELETE FROM runs WHERE id = $1",
    ],
  },
  skipped: {
    embedded: [
      `DELETE FROM log WHERE no = (SELECT log.no FROM log JOIN runs ON runs.no = log.run_no
        WHERE runs.id = ? ORDER BY log.last_seq DESC LIMIT 1 OFFSET 1)`,
    ],
    postgres: [
      `DELETE FROM log WHERE run_id = $1 AND last_seq =
        (SELECT last_seq FROM log WHERE run_id = $1 ORDER BY last_seq DESC LIMIT 1 OFFSET 1)`,
    ],
  },
  stuck: {
    embedded: ["UPDATE runs SET status = 'running' WHERE id = ?"],
    postgres: ["UPDATE run_states SET status = 'running' WHERE run_id = $1"],
  },
};

/** Planted in what was collected, as if servers or receivers had shown it. */
export function plantInHistory(plant: Plant, history: History): History {
  const planted = historyPlants[plant];
  return planted === undefined ? history : { ...history, ...planted(history) };
}

const historyPlants: Partial<Record<Plant, (history: History) => Partial<History>>> = {
  readers: ({ readings }) => ({
    readings: readings.map((reading, index) => (index === 0 ? withGap(reading) : reading)),
  }),
  keys: ({ keys }) => ({
    keys: [...keys, ...keys.slice(0, 1).map(({ key }) => ({ key, executionId: "another run" }))],
  }),
  webhooks: ({ webhooksTold }) => ({ webhooksTold: new Set([...webhooksTold].slice(1)) }),
  credits: () => ({ spentUsd: "0.000001" }),
};

function withGap(reading: Reading): Reading {
  return { ...reading, frames: reading.frames.filter((_, index) => index !== 1) };
}

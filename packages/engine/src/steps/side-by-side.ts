import { NeighbourFailedError } from "../errors.ts";
import type { ContainerContext, SequenceEnd } from "./step.ts";

interface Extent {
  readonly count: number;
  /** Pieces of work in flight at a time. */
  readonly atOnce: number;
}

type EarlyEnd = Exclude<SequenceEnd, { kind: "output" }>;

/** One piece of work; `signal` aborts when it is of no use any more. */
type Piece = (index: number, signal: AbortSignal) => Promise<SequenceEnd>;

/**
 * Works `count` pieces off, in the order of their indices, at most `atOnce` at a time. Undefined when all of them gave an output; the first
 * failure stops the others. Resolves only when nothing of it is in flight any more. Throws the context's signal's reason, and what a piece throws.
 */
export async function sideBySide(
  context: Pick<ContainerContext, "signal" | "flush">,
  { count, atOnce }: Extent,
  piece: Piece,
): Promise<EarlyEnd | undefined> {
  const group = new AbortController();
  const signal = AbortSignal.any([context.signal, group.signal]);
  let next = 0;
  let lanesInWork = Math.min(count, atOnce);
  const early: { end?: EarlyEnd } = {};
  const endEarly = (end: EarlyEnd): void => {
    if (early.end?.kind !== "failed") early.end = end;
    if (end.kind === "failed") group.abort(new NeighbourFailedError());
  };
  const lane = async (): Promise<void> => {
    while (early.end === undefined && next < count) {
      const index = next;
      next += 1;
      const done = await piece(index, signal);
      if (done.kind !== "output") endEarly(done);
    }
  };
  const guarded = async (): Promise<void> => {
    try {
      await lane();
    } catch (error) {
      // The first fault is the cause, and whatever goes on beside it comes to nothing.
      group.abort(error);
      throw error;
    } finally {
      lanesInWork -= 1;
    }
    // What the lane did last is not to wait for the others; the last one's goes out with what follows.
    if (lanesInWork > 0) await context.flush();
  };
  const lanes = await Promise.allSettled(Array.from({ length: lanesInWork }, guarded));
  context.signal.throwIfAborted();
  const { end } = early;
  const broken = end?.kind === "failed" ? undefined : lanes.find((settled) => settled.status === "rejected");
  if (broken !== undefined) throw broken.reason;
  return end;
}

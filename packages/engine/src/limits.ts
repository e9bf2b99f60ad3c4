/** Bounds of what one run may do. Source: `architecture.md` §5. */
export interface RunLimits {
  /** Steps that do work, each pass of a loop counted. */
  readonly stepsPerRun: number;
  /** Items of one loop. */
  readonly loopItems: number;
  /** Characters of one step's input or output, as JSON. */
  readonly payloadLength: number;
  /** Of all inputs and outputs that the run has logged; past it no further step begins. */
  readonly logLength: number;
}

/** The lengths are ours: half of what a store takes in at once, and what a process can hold for some runs at a time. */
export const defaultRunLimits: RunLimits = {
  stepsPerRun: 10_000,
  loopItems: 10_000,
  payloadLength: 32 * 1024 * 1024,
  logLength: 256 * 1024 * 1024,
};

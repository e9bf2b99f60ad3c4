import {
  defaultDefinitionLimits,
  defaultRunLimits,
  type DefinitionLimits,
  type ProjectLimits,
  type RunLimits,
} from "@noukai/engine";
import { z } from "zod";

/** Bounds that an operator may move; architecture and contract give the defaults. */
export interface ServerLimits {
  /** UTF-8 bytes of a request's body. */
  readonly bodyBytes: number;
  /** Look-ups of keys that turn out to be unknown, per minute and address. */
  readonly unknownKeysPerMinute: number;
  /** No higher than the contract's. */
  readonly definition: DefinitionLimits;
  readonly run: RunLimits;
  /** Of projects whose `project.yaml` sets none. */
  readonly project: ProjectLimits;
}

/** The body's is above the contract's bound of 1 000 000 bytes for `messages`, so that their own error can be told. */
export const defaultLimits: ServerLimits = {
  bodyBytes: 1024 * 1024,
  unknownKeysPerMinute: 60,
  definition: defaultDefinitionLimits,
  run: defaultRunLimits,
  project: {},
};

const count = z.int().min(1).max(1_000_000_000);

const limitsSetting = z.strictObject({
  bodyBytes: count.optional(),
  unknownKeysPerMinute: count.optional(),
  treeDepth: count.max(defaultDefinitionLimits.treeDepth).optional(),
  fanOut: count.max(defaultDefinitionLimits.fanOut).optional(),
  stepsPerRun: count.optional(),
  loopItems: count.optional(),
  payloadLength: count.max(defaultRunLimits.payloadLength).optional(),
  logLength: count.optional(),
  requestsPerMinute: count.optional(),
  concurrentRuns: count.optional(),
  tokensPerRun: count.optional(),
  usdPerRun: z
    .string()
    .regex(/^\d{1,12}(?:\.\d{1,12})?$/, 'must be an amount such as "0.50"')
    .optional(),
});

export const limitNames = Object.keys(limitsSetting.shape);

/** Reads `NOUKAI_LIMITS`; what it leaves out keeps its default. Gives every fault, in words for the operator. */
export function parseLimits(text: string): ServerLimits | { readonly faults: readonly string[] } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { faults: ['must be JSON such as {"bodyBytes": 1048576, "requestsPerMinute": 600}'] };
  }
  const parsed = limitsSetting.safeParse(value);
  if (!parsed.success)
    return {
      faults: parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`.replace(/^: /, "")),
    };
  const { bodyBytes, unknownKeysPerMinute, treeDepth, fanOut, ...more } = withoutAbsent(parsed.data);
  const { stepsPerRun, loopItems, payloadLength, logLength, ...project } = more;
  return {
    bodyBytes: bodyBytes ?? defaultLimits.bodyBytes,
    unknownKeysPerMinute: unknownKeysPerMinute ?? defaultLimits.unknownKeysPerMinute,
    definition: {
      treeDepth: treeDepth ?? defaultDefinitionLimits.treeDepth,
      fanOut: fanOut ?? defaultDefinitionLimits.fanOut,
    },
    run: {
      stepsPerRun: stepsPerRun ?? defaultRunLimits.stepsPerRun,
      loopItems: loopItems ?? defaultRunLimits.loopItems,
      payloadLength: payloadLength ?? defaultRunLimits.payloadLength,
      logLength: logLength ?? defaultRunLimits.logLength,
    },
    project,
  };
}

type WithoutAbsent<Shape> = { [Name in keyof Shape]?: Exclude<Shape[Name], undefined> };

/** zod knows absent and undefined as one. */
function withoutAbsent<Shape extends object>(members: Shape): WithoutAbsent<Shape> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as WithoutAbsent<Shape>; // as: the same members, those that are there
}

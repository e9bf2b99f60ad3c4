/** Everything that the subjects have left; what was not measured is undefined. */
import type { ExecutionsResults } from "../executions.ts";
import type { FaultsColumn } from "../faults/main.ts";
import type { GrowthResults } from "../growth/main.ts";
import type { JobsResults } from "../jobs.ts";
import type { PeersResults } from "../peers/main.ts";
import type { Results } from "../results.ts";
import type { ShapesResults } from "../shapes.ts";
import type { SseResults } from "../sse/main.ts";
import type { TailsResults } from "../tails/main.ts";
import type { TakeoverResults } from "../takeover.ts";
import type { WalResults } from "../wal/main.ts";

interface Contents {
  readonly peers: PeersResults;
  readonly executions: ExecutionsResults;
  readonly jobs: JobsResults;
  readonly takeover: TakeoverResults;
  readonly tails: TailsResults;
  readonly wal: WalResults;
  readonly shapes: ShapesResults;
  readonly growth: GrowthResults;
  readonly sse: SseResults;
  readonly faults: readonly FaultsColumn[];
}

export type Measured = { readonly [Subject in keyof Contents]?: Results<Contents[Subject]> | undefined };

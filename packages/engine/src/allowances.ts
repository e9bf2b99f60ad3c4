import type { Credits } from "./credits.ts";
import { isPositive, subtractDecimals } from "./decimal.ts";
import { EngineError, FatalRunError, StoreUnavailableError } from "./errors.ts";
import type { ProjectLimits } from "./flow/project.ts";
import type { Projects } from "./projects.ts";
import type { RunUsage } from "./run-usage.ts";

export interface AllowancesOptions {
  readonly credits: Credits;
  readonly projects: Projects;
  /** For projects that set none of their own. */
  readonly limits: ProjectLimits;
}

/** What projects and their runs may still do. */
export class Allowances {
  readonly #options: AllowancesOptions;

  constructor(options: AllowancesOptions) {
    this.#options = options;
  }

  /** Runs in work at once of a project that sets no limit of its own; undefined: as many as it likes. */
  get concurrentRuns(): number | undefined {
    return this.#options.limits.concurrentRuns;
  }

  /** The project's own limits before those of all projects. */
  async limits(projectId: string): Promise<ProjectLimits> {
    const { projects, limits } = this.#options;
    const own = (await projects.byId(projectId))?.settings.limits;
    return own === undefined ? limits : { ...limits, ...own };
  }

  /** Throws `INSUFFICIENT_CREDITS` when nothing is left, `BILLING_UNAVAILABLE` when that cannot be known. */
  async requireCredits(projectId: string): Promise<void> {
    if (!(await this.#options.credits.isSpent(projectId).catch(tellUnavailable))) return;
    throw new EngineError(
      "INSUFFICIENT_CREDITS",
      "The project has no credits left. Add some with POST /projects/{org}/{project}/credits.",
    );
  }

  /** Refuses one more run in work (`RATE_LIMITED`) where the project has as many as `concurrentRuns`; undefined: as many as it likes. */
  requireRoom(runsInWork: number, { concurrentRuns }: ProjectLimits): void {
    if (concurrentRuns !== undefined && runsInWork >= concurrentRuns) throw noRoom(runsInWork, concurrentRuns);
  }

  /** Why a run that has used so much may call no model now; undefined when it may. Rejects with `StoreUnavailableError`. */
  async refusalOf(projectId: string, usage: RunUsage): Promise<FatalRunError | undefined> {
    const { tokensPerRun, usdPerRun } = await this.limits(projectId);
    if (tokensPerRun !== undefined && usage.tokens >= tokensPerRun) {
      const message = `The run has used ${usage.tokens} tokens; its limit is ${tokensPerRun}.`;
      return new FatalRunError("TOKEN_LIMIT_REACHED", message);
    }
    if (usdPerRun !== undefined && !isPositive(subtractDecimals(String(usdPerRun), usage.usd)))
      return new FatalRunError("COST_LIMIT_REACHED", `The run has cost ${usage.usd} USD; its limit is ${usdPerRun}.`);
    if (!(await this.#options.credits.isSpent(projectId))) return undefined;
    return new FatalRunError("CREDITS_EXHAUSTED", "The project's credits were used up while the run was under way.");
  }
}

/** The project has as many runs in work as it may. */
export function noRoom(runsInWork: number, concurrentRuns: number): EngineError {
  return new EngineError(
    "RATE_LIMITED",
    `The project has ${runsInWork} runs in work; its limit is ${concurrentRuns}. Try again when one has ended, or submit a job, which waits.`,
  );
}

function tellUnavailable(error: unknown): never {
  if (!(error instanceof StoreUnavailableError)) throw error;
  const message = "What the project may spend cannot be read now; try again in a moment.";
  throw new EngineError("BILLING_UNAVAILABLE", message, { cause: error });
}

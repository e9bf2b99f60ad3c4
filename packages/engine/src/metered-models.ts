import { TerminalError } from "./errors.ts";
import type { ModelResponse, Models } from "./models/model.ts";

export interface Meter {
  /** Why the run may call no model now; undefined when it may. */
  readonly refusal: () => Promise<Error | undefined>;
  /** Ends the run, or its hold, with why. */
  readonly stop: (reason: Error) => void;
  /** Told what each call came to that came to its end. */
  readonly called: (response: ModelResponse) => void;
}

/**
 * The models of one run, each call of which is let through first: this is where money is spent. A call that is not let through stops the whole
 * run, since no retry, fallback or `onError` around the step could help.
 */
export function meteredModels(models: Models, { refusal, stop, called }: Meter): Models {
  return {
    unavailable: (model) => models.unavailable(model),
    unreadable: (model, mimeType) => models.unreadable(model, mimeType),
    costUsd: (response) => models.costUsd(response),
    generate: async (request) => {
      const reason = await refusal().catch(toError);
      if (reason !== undefined) stop(reason);
      // With a cost of nothing: for a call that was begun and stopped an estimate is paid, and this one was never begun.
      if (request.signal.aborted || reason !== undefined)
        throw new TerminalError("CANCELLED", "The model was not called: the run was stopped before.", { cost: {} });
      const response = await models.generate(request);
      called(response);
      return response;
    },
  };
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

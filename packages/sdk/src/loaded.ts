import { APIConnectionError, type NoukaiErrorOptions } from "@noukai/core";

/**
 * A part of the SDK that most pages do without, so that it is loaded by the calls that need it. Where its file cannot be had, because the
 * network fails or a newer page has taken its place, that is told as the network's fault. `about`: the run, where one is under way by then;
 * otherwise nothing was sent.
 */
export async function loaded<Part>(part: Promise<Part>, about: NoukaiErrorOptions = {}): Promise<Part> {
  try {
    return await part;
  } catch (cause) {
    throw new APIConnectionError("A part of the SDK could not be loaded. Try again, or load the page anew.", {
      code: "PART_NOT_LOADED",
      retryable: true,
      ...about,
      cause,
    });
  }
}

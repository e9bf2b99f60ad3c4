import type { Check } from "./chat-checks.ts";
import { equal, holds } from "./chat-page.ts";

/** Of everything that went to browsers before: these come last. */
export const KEY_CHECKS: Readonly<Record<string, Check>> = {
  async "the key is in no byte that came to a browser"({ recorder, secrets }) {
    holds(recorder.count("w299") > 0, "the record does not hold what browsers were told");
    for (const secret of secrets) equal(recorder.count(secret), 0, "places with the key");
    return `${recorder.bytes} bytes`;
  },
};

import { defineProject } from "vitest/config";
import { sourceConditions, sourceThreads } from "../../vitest.shared.ts";

export default defineProject({
  ...sourceConditions,
  // Many tests start processes, which take their time where others work too.
  test: { name: "server", execArgv: sourceThreads, testTimeout: 60_000, expect: { poll: { timeout: 20_000 } } },
});

import { describe, expect, test } from "vitest";
import { FAULTS } from "./faults.ts";
import { noukaiSubject } from "./noukai.ts";
import { judge } from "./verdict.ts";

// Resuming is what this client adds to the peers: a typed error is not enough where the run can be taken up.
const resumable = FAULTS.map((fault) => ({
  ...fault,
  must: fault.must.includes("whole") ? (["whole"] as const) : fault.must,
}));

describe.concurrent("the client under a fault on a real socket", () => {
  test.each(resumable)(
    "$name: $must",
    async (fault) => {
      await expect(judge(noukaiSubject, fault)).resolves.toEqual({
        fault: fault.name,
        isRight: true,
        what: fault.must[0],
      });
    },
    20_000,
  );
});

import { describe, expect, it } from "vitest";
import { newRunId } from "../../run-id.ts";
import { fromPayload, toPayloads } from "./nudges.ts";

const nudgesOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ runId: newRunId(), seq: index + 1 }));

describe("nudges", () => {
  it("say who sent them, and each run with its last seq", () => {
    const runId = newRunId();
    expect(toPayloads(7, [{ runId, seq: 12 }])).toEqual([`7 ${runId}:12`]);
    expect(fromPayload(`7 ${runId}:12`)).toEqual({ sender: 7, nudges: [{ runId, seq: 12 }] });
  });

  it.each([1, 170, 171, 180, 1_000, 5_000])(
    "come back as they were, %i of them, in payloads that PostgreSQL takes",
    (count) => {
      const nudges = nudgesOf(count).map(({ runId }, index) => ({ runId, seq: index % 3 === 0 ? 2_147_483_647 : 1 }));
      const payloads = toPayloads(2_147_483_647, nudges);
      for (const payload of payloads) expect(Buffer.byteLength(payload)).toBeLessThanOrEqual(7_999);
      const received = payloads.map(fromPayload);
      expect(received.flatMap((message) => message.nudges)).toEqual(nudges);
      expect(received.every(({ sender }) => sender === 2_147_483_647)).toBe(true);
      expect(payloads.length).toBeLessThanOrEqual(Math.ceil((count * 48) / 7_950));
    },
  );

  it("are none for nothing", () => {
    expect(toPayloads(7, [])).toEqual([]);
  });
});

import { AbortError, Noukai, NoukaiError } from "../../src/index.ts";
import { EXECUTION_ID, RECORDED } from "../../test/recorded-run.ts";
import { type Dialect, SILENCE_MS, type Subject, type WireEvent } from "./dialect.ts";

const EVENTS: readonly WireEvent[] = RECORDED.map(({ seq, name, data }) => ({
  ...(seq !== undefined && { id: seq }),
  event: name,
  data: JSON.stringify(data),
}));

/** The contract's own protocol, with a run that is over by the time the reader returns. */
const dialect: Dialect = {
  events: EVENTS,
  text: 'Die 😀Kätzchen{"title":"漢字"}',
  after: (id) => EVENTS.filter((event) => event.id !== undefined && event.id > id),
  unknown: { event: "moon_phase", data: '{"phase":"full"}' },
  headers: { "x-noukai-execution-id": EXECUTION_ID },
};

/** This package, as its users call it. */
export const noukaiSubject: Subject = {
  name: "@noukai/sdk",
  dialect,
  async *read(url, signal) {
    const noukai = new Noukai({
      apiKey: "nk_test_k7Qm2xVa_0123456789abcdef0123456789abcdef",
      baseUrl: `${url}/api/v1`,
      firstByteTimeout: SILENCE_MS,
      idleTimeout: SILENCE_MS,
    });
    // An attempt that is given up voids its text: what is shown is taken back.
    const pieces = new Map<string, string>();
    for await (const event of noukai.flow("acme/spelling/grade-3").events({ signal })) {
      if (event.type === "step_retrying") pieces.delete(event.stepId);
      if (event.type !== "step_output") continue;
      pieces.set(event.stepId, (pieces.get(event.stepId) ?? "") + String(event.outputData["delta"]));
      yield [...pieces.values()].join("");
    }
  },
  isTyped: (error) => error instanceof NoukaiError,
  isAbort: (error) => error instanceof AbortError,
};

import { expect, test } from "vitest";
import { follow } from "./cluster.ts";

test("who waits for a frame of a stream that ends without it is told so, rather than waiting for ever", async () => {
  const { until } = follow(new Response('event: flow_started\ndata: {"a":1}\n\n'));
  await until(({ event }) => event === "flow_started");
  await expect(until(({ event }) => event === "flow_completed")).rejects.toThrow("ended without that frame");
});

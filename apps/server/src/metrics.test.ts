import { expect, test } from "vitest";
import { createMetricsText, RequestCounts } from "./metrics.ts";

test("counts answers by operation and status, in Prometheus's text format", async () => {
  const counts = new RequestCounts();
  counts.add("executeFlow", 200);
  counts.add("executeFlow", 200);
  counts.add("executeFlow", 422);
  const tell = createMetricsText([
    { name: "noukai_http_requests_total", type: "counter", help: "Answers.", read: () => counts.samples() },
    { name: "noukai_runs_in_work", type: "gauge", help: "Runs.", read: () => [{ value: 3 }] },
  ]);
  expect(await tell()).toContain(
    [
      "# HELP noukai_http_requests_total Answers.",
      "# TYPE noukai_http_requests_total counter",
      'noukai_http_requests_total{operation="executeFlow",status="200"} 2',
      'noukai_http_requests_total{operation="executeFlow",status="422"} 1',
      "",
      "# HELP noukai_runs_in_work Runs.",
      "# TYPE noukai_runs_in_work gauge",
      "noukai_runs_in_work 3",
      "",
    ].join("\n"),
  );
});

test("tells what a figure is at each scrape, and of the process beside it", async () => {
  let value = 1;
  const tell = createMetricsText([{ name: "moving", type: "gauge", help: "Moves.", read: () => [{ value }] }]);
  expect(await tell()).toMatch(/^moving 1$/m);
  value = 2;
  const text = await tell();
  expect(text).toMatch(/^moving 2$/m);
  for (const name of ["process_resident_memory_bytes", "process_cpu_seconds_total", "nodejs_eventloop_lag_p99_seconds"])
    expect(text).toMatch(new RegExp(`^${name} \\d`, "m"));
});

test("two servers of one process have figures of their own", async () => {
  const [first, second] = [1, 2].map((value) =>
    createMetricsText([{ name: "mine", type: "gauge", help: "Mine.", read: () => [{ value }] }]),
  );
  expect(await first?.()).toMatch(/^mine 1$/m);
  expect(await second?.()).toMatch(/^mine 2$/m);
});

import { expect, test } from "vitest";
import { formatMetrics, RequestCounts } from "./metrics.ts";

test("counts answers by operation and status, in Prometheus's text format", () => {
  const counts = new RequestCounts();
  counts.add("executeFlow", 200);
  counts.add("executeFlow", 200);
  counts.add("executeFlow", 422);
  const text = formatMetrics([
    { name: "noukai_http_requests_total", type: "counter", help: "Answers.", samples: counts.samples() },
    { name: "noukai_runs_in_work", type: "gauge", help: "Runs.", samples: [{ value: 3 }] },
  ]);
  expect(text).toBe(
    [
      "# HELP noukai_http_requests_total Answers.",
      "# TYPE noukai_http_requests_total counter",
      'noukai_http_requests_total{operation="executeFlow",status="200"} 2',
      'noukai_http_requests_total{operation="executeFlow",status="422"} 1',
      "# HELP noukai_runs_in_work Runs.",
      "# TYPE noukai_runs_in_work gauge",
      "noukai_runs_in_work 3",
      "",
    ].join("\n"),
  );
});

import { type Trace, totalCostUsd, totalTokens } from "@noukai/sdk";

/** A run's steps as lines of text, with what they took and cost. */
export function traceTable({ flowRun, steps }: Trace): string {
  const rows = steps.map(({ stepId, status, durationMs, tokens, costUsd }) =>
    [stepId, status, `${durationMs ?? "?"} ms`, `${tokens?.total ?? 0} tokens`, `${costUsd ?? "?"} USD`]
      .map(pad)
      .join(""),
  );
  const { costUsd } = totalCostUsd(steps);
  return [...rows, `${flowRun.status}: ${totalTokens(steps).total} tokens, ${costUsd} USD`].join("\n");
}

function pad(text: string): string {
  return text.padEnd(14);
}

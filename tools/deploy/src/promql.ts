import { parser } from "@prometheus-io/lezer-promql";

/** What an expression asks for. */
export interface Asked {
  /** What is wrong with its form; undefined when it parses. */
  readonly fault: string | undefined;
  readonly metrics: readonly string[];
  readonly labels: readonly string[];
}

/** Reads an expression as Prometheus does. */
export function readPromql(text: string): Asked {
  let fault: string | undefined;
  const metrics: string[] = [];
  const labels: string[] = [];
  parser.parse(text).iterate({
    enter: ({ name, type, from, to }) => {
      const part = text.slice(from, to);
      if (type.isError) fault ??= `something else is wanted at ${from}: ${text.slice(from, from + 20)}`;
      if (name === "Identifier") metrics.push(part);
      if (name === "LabelName") labels.push(part);
    },
  });
  return { fault, metrics, labels };
}

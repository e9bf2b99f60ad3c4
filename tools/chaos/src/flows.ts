import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const place = "acme/chaos";

/** Steps are tried often: a database that is gone for a while, or a service that refuses, is no fault of the flow. */
const retry = "retry: { maxAttempts: 12, initialMs: 20, factor: 1.5 }";

const llm = (id: string, prompt: string, model = "quick", more = ""): string =>
  `{ id: ${id}, type: llm, model: chaos/${model}, prompt: "${prompt}", ${retry}${more} }`;

const files: Readonly<Record<string, string>> = {
  "project.yaml": `
creditsUsd: "100000"
webhookSecret: whsec_${Buffer.from("what the chaos's webhooks sign with").toString("base64")}
`,
  "chain.yaml": `
steps:
  - ${llm("first", "first {{message}}")}
  - ${llm("second", "second {{text}}")}
  - ${llm("third", "third {{text}}")}
`,
  "slow.yaml": `
steps:
  - ${llm("first", "first {{message}}", "slow")}
  - ${llm("second", "second {{text}}", "slow")}
  - ${llm("third", "third {{text}}", "slow")}
  - ${llm("fourth", "fourth {{text}}", "slow")}
`,
  "fan.yaml": `
input:
  type: object
  properties:
    message: { type: string }
    items: { type: array, items: { type: integer }, default: [1, 2, 3, 4, 5] }
  required: [message]
steps:
  - id: each
    type: loop
    over: items
    concurrency: 3
    steps:
      - ${llm("one", "one {{item}}")}
      - { id: shout, type: code, language: javascript, code: "return { text: input.text.toUpperCase() }" }
  - id: both
    type: parallel
    branches:
      left: [${llm("left", "left {{initial.message}}")}]
      right: [${llm("right", "right {{initial.message}}")}, { id: keep, type: passthrough }]
  - { id: count, type: code, language: javascript, code: "return { text: input.left.text + input.right.text }" }
`,
  "ask.yaml": `
steps:
  - { id: keep, type: passthrough }
  - ${llm("ask", "ask {{message}}", "quick", ", tools: true")}
  - ${llm("after", "after {{text}}")}
`,
};

/** Writes the flows that all callers call. */
export function writeFlows(directory: string): void {
  const folder = join(directory, place);
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

import { styleText } from "node:util";
import { builtInModel } from "@noukai/engine";
import { Noukai, type StreamEvent } from "@noukai/sdk";
import { traceTable } from "./trace-table.ts";

/** The flow that the demo runs. */
export const demoFlow = { org: "acme", project: "demo", flow: "summarise-and-title" };
const demoMessage =
  "The lighthouse at Skarv Point was automated in 1987. Its last keeper, Ingrid Dahl, stayed on in the cottage below, " +
  "and for thirty years she still climbed the tower every evening to watch the lamp come on by itself.";

export interface DemoOptions {
  /** Where the server listens, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly apiKey: string;
  /** `provider/model` for every step of the demo; undefined: what the flow's file says. */
  readonly model: string | undefined;
  readonly write: (text: string) => void;
}

/** The built-in model, slowed to reading speed: without a network there is nothing else to wait for. */
const slowModel = `${builtInModel}?deltaMs=12`;

const realModelHint = `\n${builtInModel} answers with its own prompt. A real model: OPENAI_API_KEY=sk-… NOUKAI_DEMO_MODEL=openai/gpt-5-mini npm start`;

/** Runs the demo flow over HTTP, printing each step as it happens and then the run's trace. */
export async function runDemo({ url, apiKey, model, write }: DemoOptions): Promise<void> {
  await using noukai = new Noukai({ apiKey, baseUrl: `${url}/api/v1`, org: demoFlow.org, project: demoFlow.project });
  const flow = noukai.flow(demoFlow.flow);
  write(`\n${styleText("bold", demoFlow.flow)}  ${styleText("dim", demoMessage)}\n\n`);
  const step = { model: model ?? slowModel };
  let executionId: string | undefined;
  for await (const event of flow.events({ message: demoMessage, blockOverrides: { summarise: step, title: step } })) {
    if (event.type === "run_started") executionId = event.executionId;
    write(describe(event));
  }
  if (executionId === undefined) return;
  const trace = await flow.run(executionId).trace();
  write(`\n${traceTable(trace).join("\n")}\n`);
  if (model === undefined) write(`${styleText("dim", realModelHint)}\n`);
}

/** What the terminal shows of one event. */
function describe(event: StreamEvent): string {
  switch (event.type) {
    case "step_started":
      return `${styleText("cyan", "▶")} ${event.name}\n  `;
    case "step_output":
      return typeof event.outputData["delta"] === "string"
        ? styleText("dim", event.outputData["delta"].replaceAll("\n", "\n  "))
        : "";
    case "step_retrying":
      return `\n  ${styleText("yellow", `attempt ${event.attempt - 1} failed: ${event.error.message}`)}\n  `;
    case "step_completed":
      return `\n${styleText("green", "✔")} ${event.name} ${styleText("dim", `${event.durationMs} ms`)}\n`;
    case "step_error":
      return `\n${styleText("red", "✘")} ${event.name}: ${event.error.code} ${event.error.message}\n`;
    default:
      return "";
  }
}

// Restocks a shop, then has its log summed up in the background. See README.md.
import { Noukai } from "@noukai/sdk";
import { z } from "zod";
import { Stock } from "./stock.ts";
import { traceTable } from "./trace-table.ts";

const Report = z.object({ title: z.string(), points: z.array(z.string()) });

await using noukai = new Noukai({ org: "acme", project: "shop" }); // NOUKAI_API_KEY, NOUKAI_ENV=dev
const stock = new Stock({ pens: 3, paper: 12 });
const restock = noukai.flow("restock", {
  input: z.object({ message: z.string(), target: z.number().optional() }),
  output: z.object({ text: z.string() }),
});

const log: string[] = [];
for (const article of ["pens", "paper"]) {
  const answer = await restock.execute({ message: article, parameters: { target: 10 }, tools: stock.tools() });
  if (answer.requiresToolCalls) throw new Error("A tool of ours is not one that the flow knows.");
  log.push(answer.output.text);
  console.log(`${article}: ${answer.output.text}`);
}
console.log(`ordered: ${stock.ordered.join(", ") || "nothing"}`);

const job = await noukai.flow("weekly-report", { output: Report }).executeAsync({ message: log.join("\n") });
let shown = "";
const status = await job.wait({
  onProgress({ state, completedSteps, stepCount }) {
    const line = `report: ${state}, ${completedSteps.length} of ${stepCount ?? "?"} steps`;
    if (line !== shown) console.log(line); // one event may change nothing of it
    shown = line;
  },
});
if (status.status !== "completed" || !status.result)
  throw new Error(`The report failed: ${status.error ?? status.state}`);
console.log(`${status.result.title}\n- ${status.result.points.join("\n- ")}`);
console.log(traceTable(await noukai.run(job.executionId).trace()));

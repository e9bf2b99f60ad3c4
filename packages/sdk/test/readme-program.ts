// The program of README.md, word for word: readme.test.ts runs it and compares.
import { Noukai } from "@noukai/sdk";

const noukai = new Noukai({ org: "acme", project: "demo" }); // the key: NOUKAI_API_KEY
const flow = noukai.flow("spelling-grader");

const answer = await flow.execute({ message: "The kat sat." });
if (!answer.requiresToolCalls) console.log(answer.output);

for await (const event of flow.events({ message: "The kat sat." })) {
  if (event.type === "step_output") console.log(event.outputData.delta); // text, as it is written
  if (event.type === "flow_completed") console.log(event.result, event.summary.costUsd);
}

const { flowRun, steps } = await noukai.run(answer.executionId).trace();
console.log(flowRun.status, steps.length);

/** `npm start`: the server, one demo run through the SDK over HTTP, and how to go on from there. */
import { styleText } from "node:util";
import { readConfig } from "./config.ts";
import { demoFlow, runDemo } from "./demo.ts";
import { makeSecret } from "./keys.ts";
import { type StartedServer, startServer } from "./listen.ts";
import { createLog } from "./log.ts";
import { announce, complain, keepFlowsFresh, reportFlows, stopOnSignal } from "./operator.ts";

start().catch(complain);

async function start(): Promise<void> {
  const { config, warnings } = readConfig(process.env);
  for (const warning of warnings) console.error(warning);
  const { logLevel, isDev, ...settings } = config;
  const sessionKey = makeSecret("test");
  const server = await startServer({ ...settings, sessionKey, log: createLog(logLevel) });
  reportFlows(config.flowsDir, server);
  announce(server, config.port);
  const stopReloading = isDev && config.role !== "worker" ? keepFlowsFresh(config.flowsDir, server) : undefined;
  stopOnSignal(() => {
    stopReloading?.();
    return server.close();
  }, config.drainMs);
  // A demo, and what one calls by hand, is for a process that serves the API.
  if (config.role === "worker") return;
  const newKey = server.newKeys.find(({ org, project }) => org === demoFlow.org && project === demoFlow.project);
  const apiKey = config.apiKey ?? newKey?.secret ?? sessionKey;
  await demonstrate(server, apiKey);
  console.log(nextSteps({ url: server.url, apiKey, isForSession: apiKey === sessionKey }));
}

/** A demo that fails is told of, and the server goes on. */
async function demonstrate({ url }: StartedServer, apiKey: string): Promise<void> {
  const model = process.env["NOUKAI_DEMO_MODEL"] === "" ? undefined : process.env["NOUKAI_DEMO_MODEL"];
  try {
    await runDemo({ url, apiKey, model, write: (text) => void process.stdout.write(text) });
  } catch (error) {
    console.error(`\nThe demo did not run: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A `curl` line and a program that work as they stand. */
function nextSteps({
  url,
  apiKey,
  isForSession,
}: {
  readonly url: string;
  readonly apiKey: string;
  readonly isForSession: boolean;
}): string {
  const place = `${demoFlow.org}/${demoFlow.project}`;
  const keyNote = isForSession
    ? ` The key in them works until you stop this server; the one shown at the first start works on.`
    : "";
  return `
${styleText("bold", "Call it yourself")}, from another terminal in this directory.${keyNote}

curl ${url}/api/v1/seq/${place}/spelling-grader/execute -H 'authorization: Bearer ${apiKey}' -H 'content-type: application/json' -d '{"message": "I recieve alot of mail"}'

node --input-type=module <<'END'
import { Noukai } from "@noukai/sdk";
const flow = new Noukai({ apiKey: "${apiKey}", baseUrl: "${url}/api/v1" }).flow("${place}/spelling-grader");
console.log((await flow.execute({ message: "I recieve alot of mail" })).result);
END

${styleText("dim", `Serving ${url} until Ctrl-C.`)}`;
}

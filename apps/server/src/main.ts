import { parseArgs } from "node:util";
import { describeSettings, readConfig } from "./config.ts";
import { startServer } from "./listen.ts";
import { createLog } from "./log.ts";
import { announce, complain, keepFlowsFresh, reportFlows, stopOnSignal } from "./operator.ts";

const help = `Noukai server: runs flows behind the wire contract.

Usage: npm run serve

Settings, all from the environment:
${describeSettings()}`;

serve().catch(complain);

async function serve(): Promise<void> {
  const { values } = parseArgs({ options: { help: { type: "boolean", short: "h" } } });
  if (values.help === true) return console.log(help);
  const { config, warnings } = readConfig(process.env);
  for (const warning of warnings) console.error(warning);
  const { logLevel, isDev, ...settings } = config;
  const log = createLog(logLevel);
  const server = await startServer({ ...settings, log });
  reportFlows(config.flowsDir, server.folder);
  announce(server, config.port);
  const stopReloading = isDev ? keepFlowsFresh(config.flowsDir, server) : undefined;
  stopOnSignal(() => {
    stopReloading?.();
    return server.close();
  }, config.drainMs);
}

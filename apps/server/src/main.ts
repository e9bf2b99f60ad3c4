#!/usr/bin/env node
import { parseArgs } from "node:util";
import { describeSettings, readConfig } from "./config.ts";
import { startServer } from "./listen.ts";
import { createLog } from "./log.ts";
import { migrate } from "./migrate.ts";
import { announce, complain, keepFlowsFresh, reportFlows, stopOnSignal } from "./operator.ts";

const help = `Noukai server: runs flows behind the wire contract.

Usage: npm run serve
       npm run migrate -- --from .noukai --to $DATABASE_URL   (moves a database: npm run migrate -- --help)

Settings, all from the environment:
${describeSettings()}`;

const [command, ...rest] = process.argv.slice(2);
const running = command === "migrate" ? migrate(rest) : serve(command === "serve" ? rest : process.argv.slice(2));
running.catch(complain);

async function serve(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { help: { type: "boolean", short: "h" } } });
  if (values.help === true) return console.log(help);
  const { config, warnings } = readConfig(process.env);
  for (const warning of warnings) console.error(warning);
  const { logLevel, isDev, ...settings } = config;
  const log = createLog(logLevel);
  const server = await startServer({ ...settings, log });
  reportFlows(config.flowsDir, server);
  announce(server, config.port);
  const stopReloading = isDev && config.role !== "worker" ? keepFlowsFresh(config.flowsDir, server) : undefined;
  stopOnSignal(() => {
    stopReloading?.();
    return server.close();
  }, config.drainMs);
}

// The program of README.md, word for word: readme.test.ts runs it and compares.
import { CallScope, resolveConfig, Transport } from "@noukai/core";

const transport = new Transport(resolveConfig({})); // reads NOUKAI_API_KEY, NOUKAI_ENV and NOUKAI_BASE_URL
const scope = new CallScope({ operation: "GET flow-runs", signals: [], timeoutMs: 10_000, billed: "no" });
const { data } = await transport.json({ scope }, (client, init) => client.GET("/flow-runs", init));
console.log(data.items.map((run) => `${run.id} ${run.status}`));
scope.close();

import { createServer } from "../../../apps/server/src/index.ts";

/** What a scrape can tell. */
export interface Figures {
  readonly metrics: ReadonlySet<string>;
  readonly labels: ReadonlySet<string>;
}

/** Labels of whoever scrapes. */
const scrapers = ["instance", "job"];

const sequence = "/api/v1/seq/acme/demo/flow";
const apiKey = "nk_test_figures0_00000000000000000000000000000000";

/** The names that a real server's `/metrics` has, once it has worked off a run that has something of everything. */
export async function readFigures(flowsDir: string): Promise<Figures> {
  const server = createServer({ apiKey, flowsDir });
  try {
    const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
    const call = { method: "POST", headers, body: JSON.stringify({ message: "hello" }) };
    const answer = await server.fetch(`http://server${sequence}/execute`, call);
    if (answer.status !== 200) throw new Error(`The flow answered ${answer.status}: ${await answer.text()}`);
    return namesIn(await (await server.fetch("http://server/metrics")).text());
  } finally {
    await server.close();
  }
}

function namesIn(text: string): Figures {
  const described = Array.from(text.matchAll(/^# TYPE (\w+) (\w+)$/gm)).flatMap(([, name = "", type]) =>
    type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
  const labels = Array.from(text.matchAll(/[{,](\w+)="/g), ([, name = ""]) => name);
  return { metrics: new Set(described), labels: new Set([...labels, ...scrapers]) };
}

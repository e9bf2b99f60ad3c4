/**
 * Holds a client, or a server, to the contract:
 *
 *     node packages/sdk/conformance/main.ts                                      our client under every fault
 *     node packages/sdk/conformance/main.ts --base-url=http://localhost:8080/api/v1 --api-key=nk_… --project=acme/demo
 *                                                                                the server there; makes flows named `conformance-…`
 *
 * Ends with `N passed, N failed`.
 */
import { parseArgs } from "node:util";
import { FAULTS } from "./client/faults.ts";
import { noukaiSubject } from "./client/noukai.ts";
import { judge } from "./client/verdict.ts";
import { CHECKS } from "./server/checks.ts";
import { Target } from "./server/target.ts";

const { values: flags } = parseArgs({
  options: { "base-url": { type: "string" }, "api-key": { type: "string" }, project: { type: "string" } },
});

let passed = 0;
let failed = 0;

function report(name: string, complaint: string | undefined): void {
  if (complaint === undefined) passed += 1;
  else failed += 1;
  console.log(complaint === undefined ? `ok   ${name}` : `FAIL ${name}\n     ${complaint.replaceAll("\n", "\n     ")}`);
}

async function judgeClient(): Promise<void> {
  for (const fault of FAULTS) {
    const { isRight, what } = await judge(noukaiSubject, fault);
    report(fault.name, isRight ? undefined : what);
  }
}

async function checkServer(baseUrl: string): Promise<void> {
  const [org, project] = (flags.project ?? "").split("/");
  const apiKey = flags["api-key"] ?? process.env["NOUKAI_API_KEY"];
  if (!org || !project || !apiKey) throw new Error("Give --project=<org>/<project>, and --api-key or NOUKAI_API_KEY.");
  const target = new Target({ baseUrl, apiKey, org, project });
  await target.prepare();
  for (const { name, run } of CHECKS) {
    report(
      name,
      await run(target).then(
        () => undefined,
        (error: unknown) => String(error instanceof Error ? error.stack : error),
      ),
    );
  }
}

await (flags["base-url"] === undefined ? judgeClient() : checkServer(flags["base-url"]));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

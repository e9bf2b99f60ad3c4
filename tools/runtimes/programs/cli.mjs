// For Node, Deno and Bun: what to call is in the arguments, as none of them may need the environment.
import { smoke } from "./smoke.mjs";

const { argv } = globalThis.process ?? (await import("node:process"));
const [baseUrl, apiKey] = argv.slice(2);
console.log(JSON.stringify(await smoke({ baseUrl, apiKey })));

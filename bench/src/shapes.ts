/**
 * `npm run bench -- shapes [--rounds=3 --steps=1000 --items=10000 --only=embedded]`: one run alone that is long, a thousand steps in a row, and
 * one that is wide, a loop over ten thousand items with sixteen at once; every step durable before the next. Also how long the trace
 * of such a run takes to read, and its size. Medians over the rounds, the first of which is not counted. Writes `bench/results-shapes.json`.
 */
import { call, definition, type Flow, flowsPath, headers, type NoukaiSubject, passthrough } from "./noukai.ts";
import { loadAverage, writeResults } from "./results.ts";
import { median } from "./stats.ts";
import { onStores, readFlags, type StoreName } from "./stores.ts";

export interface ShapeFigures {
  readonly seconds: number;
  readonly stepsPerSecond: number;
  readonly traceMs: number;
  readonly traceBytes: number;
  readonly loadAverage: number;
}

export type ShapesResults = Readonly<Partial<Record<StoreName, Readonly<Record<ShapeName, ShapeFigures>>>>>;

type ShapeName = "long" | "wide";

interface Shape {
  readonly flow: Flow;
  readonly steps: number;
  readonly input: unknown;
}

const flags = readFlags({ rounds: "3", steps: "1000", items: "10000" });
const rounds = Number(flags.rounds);

const shapes: Readonly<Record<ShapeName, Shape>> = {
  long: longOf(Number(flags.steps)),
  wide: wideOf(Number(flags.items)),
};

function longOf(steps: number): Shape {
  const lines = Array.from({ length: steps }, (_, index) => passthrough(`step-${index}`));
  return { flow: { slug: "long", text: definition("Long", lines) }, steps, input: { message: "hello" } };
}

function wideOf(items: number): Shape {
  const loop = `{ id: each, type: loop, over: list, concurrency: 16, steps: [${passthrough("step")}] }`;
  const text = `input: { type: object, properties: { list: { type: array } } }\n${definition("Wide", [loop])}`;
  const list = Array.from({ length: items }, (_, index) => index);
  return { flow: { slug: "wide", text }, steps: items, input: { parameters: { list } } };
}

const results: ShapesResults = await onStores(flags.only, async (store) => {
  const server = await store.start({ flows: Object.values(shapes).map(({ flow }) => flow) });
  try {
    return { long: await measure(server, shapes.long), wide: await measure(server, shapes.wide) };
  } finally {
    await server.stop();
  }
});

async function measure(server: NoukaiSubject, { flow, steps, input }: Shape): Promise<ShapeFigures> {
  const beganAt = loadAverage();
  const figures = [];
  for (let round = 0; round <= rounds; round += 1) figures.push(await runOnce(server, flow.slug, input));
  const counted = figures.slice(1);
  const seconds = median(counted.map((figure) => figure.seconds));
  return {
    seconds,
    stepsPerSecond: steps / seconds,
    traceMs: median(counted.map((figure) => figure.traceMs)),
    traceBytes: median(counted.map((figure) => figure.traceBytes)),
    loadAverage: beganAt,
  };
}

async function runOnce({ url }: NoukaiSubject, slug: string, input: unknown) {
  const beganAt = performance.now();
  const answer = (await call(url, `${flowsPath}/${slug}/execute`, input)) as { readonly executionId: string }; // as: the contract's
  const seconds = (performance.now() - beganAt) / 1000;
  const askedAt = performance.now();
  const trace = await fetch(`${url}${flowsPath}/${slug}/runs/${answer.executionId}/trace`, { headers });
  const { byteLength: traceBytes } = await trace.arrayBuffer();
  if (!trace.ok) throw new Error(`The trace of ${slug}: ${trace.status}`);
  return { seconds, traceMs: performance.now() - askedAt, traceBytes };
}

console.table(
  Object.fromEntries(
    Object.entries(results).flatMap(([store, figures]) =>
      Object.entries(figures).map(([shape, { seconds, stepsPerSecond, traceMs, traceBytes, loadAverage }]) => [
        `${shape}, ${store}`,
        {
          seconds: seconds.toFixed(2),
          "steps/s": Math.round(stepsPerSecond),
          "trace ms": Math.round(traceMs),
          "trace MB": (traceBytes / 1e6).toFixed(2),
          "load avg": loadAverage.toFixed(2),
        },
      ]),
    ),
  ),
);
if (flags.only === undefined) writeResults("shapes", results);

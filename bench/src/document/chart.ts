/** The rows of `peers` as bars, drawn like `docs/start.svg`. */
import { isMeasured, type MeasuredRow, ratioTo, type Row, rowOf } from "../peers/rows.ts";
import { times, whole } from "./text.ts";

const width = 885;
const margin = 20;
const barLeft = 330;
const barWidth = 290;
const rowHeight = 30;
const top = 74;

const colours = { ours: "#98c379", peer: "#56b6c2", text: "#d7dae0", faint: "#8a919e", ground: "#1e2127" };

/** Ours and the peers, the fastest first; floors are no products and are left out. Undefined when none was measured. */
export function drawBars(rows: readonly Row[]): string | undefined {
  const shown = rows
    .filter(isMeasured)
    .filter(({ group }) => group !== "floor")
    .toSorted((a, b) => b.perSecond - a.perSecond);
  const [fastest] = shown;
  if (fastest === undefined) return undefined;
  const height = top + shown.length * rowHeight + margin;
  const bars = shown.map((row, index) => barOf(row, rows, top + index * rowHeight, fastest.perSecond));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(labelOf(shown))}">`,
    `<rect width="${width}" height="${height}" rx="10" fill="${colours.ground}"/>`,
    `<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="13.5" fill="${colours.text}">`,
    `<text x="${margin}" y="30" font-weight="bold">Durable flows of three instant steps, runs per second, 32 at once</text>`,
    `<text x="${margin}" y="50" fill="${colours.faint}">one machine, one run of the bench; × says what Noukai does beside each, on a store of its kind</text>`,
    ...bars,
    "</g></svg>",
    "",
  ].join("\n");
}

function barOf(row: MeasuredRow, rows: readonly Row[], y: number, fastest: number): string {
  const length = Math.max(2, Math.round((row.perSecond / fastest) * barWidth));
  const isOurs = row.group === "noukai";
  const ours = rowOf(rows, row.beside);
  const ratio = ours !== undefined && isMeasured(ours) ? ratioTo(ours, row) : undefined;
  const notes = [
    ratio === undefined ? "" : times(ratio.throughput),
    row.durability.startsWith("no fsync") ? "no fsync" : "",
  ];
  return [
    `<text x="${margin}" y="${y + 15}"${isOurs ? ' font-weight="bold"' : ""}>${escape(row.name)}</text>`,
    `<rect x="${barLeft}" y="${y + 2}" width="${length}" height="18" rx="2" fill="${isOurs ? colours.ours : colours.peer}"/>`,
    `<text x="${barLeft + length + 10}" y="${y + 15}">${whole(row.perSecond)}<tspan dx="14" fill="${colours.faint}">${escape(notes.filter(Boolean).join(", "))}</tspan></text>`,
  ].join("");
}

function labelOf(rows: readonly MeasuredRow[]): string {
  return `Runs per second: ${rows.map(({ name, perSecond }) => `${name} ${whole(perSecond)}`).join("; ")}`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

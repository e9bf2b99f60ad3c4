/** Figures and tables as Markdown. */

/** A cell per column; those of the first row are the head. Cells may hold anything. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(toCell).join(" | ")} |`;
  return [line(head), `| ${head.map(() => "---").join(" | ")} |`, ...rows.map(line)].join("\n");
}

function toCell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ").trim();
}

/** `12,345`, or `12.3` below a hundred, or `1.23` below ten. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function whole(value: number): string {
  return Number.isFinite(value) ? Math.round(value).toLocaleString("en") : "–";
}

/** `× 12.3`; `–` for what was not measured. */
export function times(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? "–" : `× ${figure(value)}`;
}

export function percent(value: number): string {
  return `${Math.round(value * 100)} %`;
}

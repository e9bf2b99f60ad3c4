"use client";
import { type CSSProperties, type KeyboardEvent, type ReactElement, useMemo, useRef, useState } from "react";
import type { Trace } from "@noukai/sdk";
import { showDuration, type TraceRow, traceRows } from "./trace-rows.ts";

/** Props of `<TraceWaterfall>`. */
export interface TraceWaterfallProps {
  /** What `useTrace` gave, or `run.trace()`. */
  readonly trace: Trace;
  /** Names the table for screen readers. Default `Trace`. */
  readonly label?: string | undefined;
  /** The moment up to which steps under way are drawn, in milliseconds since 1970. Default: the latest that the trace knows. */
  readonly now?: number | undefined;
  readonly className?: string | undefined;
}

/**
 * The steps of a run as a table in which containers open and close, with a bar for when each ran, its duration, tokens and cost. By keyboard:
 * up, down, Home and End go from line to line, right and left open and close. Without a style but what the bars need: `[data-status]`,
 * `[data-kind]` and `[data-part]` are there to be styled by.
 */
export function TraceWaterfall({ trace, label = "Trace", now, className }: TraceWaterfallProps): ReactElement {
  const { rows, totalMs } = useMemo(() => traceRows(trace, now), [trace, now]);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState<string | undefined>();
  const body = useRef<HTMLTableSectionElement>(null);
  const visible = useMemo(() => openRows(rows, closed), [rows, closed]);
  const current = visible.find(({ key }) => key === active) ?? visible[0];

  const go = (row: TraceRow | undefined): void => {
    if (!row) return;
    setActive(row.key);
    body.current?.rows[visible.indexOf(row)]?.focus();
  };
  const toggle = ({ key }: TraceRow): void => {
    const next = new Set(closed);
    if (!next.delete(key)) next.add(key);
    setClosed(next);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const action = current && actionOf(event.key, { current, visible, isClosed: closed.has(current.key) });
    if (!action) return;
    event.preventDefault();
    if (action === "toggle") toggle(current);
    else go(action);
  };

  return (
    <table role="treegrid" aria-label={label} className={className} data-status={trace.flowRun.status}>
      <caption>{summaryOf(trace)}</caption>
      <thead>
        <tr>
          <th scope="col">Step</th>
          <th scope="col">Status</th>
          <th scope="col">Timeline</th>
          <th scope="col">Duration</th>
          <th scope="col">Tokens</th>
          <th scope="col">Cost</th>
        </tr>
      </thead>
      <tbody ref={body} onKeyDown={onKeyDown}>
        {visible.map((row) => (
          <Line
            key={row.key}
            row={row}
            totalMs={totalMs}
            isOpen={!closed.has(row.key)}
            isCurrent={row === current}
            onToggle={() => toggle(row)}
            onFocus={() => setActive(row.key)}
          />
        ))}
      </tbody>
    </table>
  );
}

interface LineProps {
  readonly row: TraceRow;
  readonly totalMs: number;
  readonly isOpen: boolean;
  /** The line that the keyboard is at: the table is one stop of the Tab key. */
  readonly isCurrent: boolean;
  readonly onToggle: () => void;
  readonly onFocus: () => void;
}

function Line({ row, totalMs, isOpen, isCurrent, onToggle, onFocus }: LineProps): ReactElement {
  const { step, level, position, siblings, hasInner, durationMs } = row;
  const pass = step.loopIndex === null ? "" : ` ${step.loopIndex + 1}`;
  return (
    <tr
      aria-level={level}
      aria-posinset={position}
      aria-setsize={siblings}
      aria-expanded={hasInner ? isOpen : undefined}
      tabIndex={isCurrent ? 0 : -1}
      onFocus={onFocus}
      data-status={step.status}
      data-kind={step.kind}
    >
      <th scope="row" onClick={hasInner ? onToggle : undefined}>
        <span aria-hidden="true" data-part="marker" style={markerAt(level)}>
          {hasInner ? (isOpen ? "−" : "+") : ""}
        </span>
        {(step.name ?? step.stepId) + pass}
      </th>
      <td>{step.attempt > 1 ? `${step.status}, attempt ${step.attempt}` : step.status}</td>
      <td data-part="timeline">
        <Bar row={row} totalMs={totalMs} />
      </td>
      <td>{durationMs === undefined ? "–" : showDuration(durationMs)}</td>
      <td>{step.tokens?.total ?? "–"}</td>
      <td>{step.costUsd === null ? "–" : `$${step.costUsd}`}</td>
    </tr>
  );
}

/** Names stand below each other, whether a sign to open and close stands before them or not. */
function markerAt(level: number): CSSProperties {
  return { display: "inline-block", inlineSize: "1.2em", marginInlineStart: `${(level - 1) * 1.2}em` };
}

/** What it takes to be seen. */
const BAR = { display: "block", blockSize: "0.75em", minInlineSize: "2px", background: "currentColor" } as const;

function Bar({ row: { startMs, durationMs = 0 }, totalMs }: Pick<LineProps, "row" | "totalMs">): ReactElement | null {
  if (startMs === undefined) return null;
  const percent = (ms: number): string => `${totalMs === 0 ? 0 : (100 * ms) / totalMs}%`;
  return (
    <span
      role="img"
      aria-label={`from ${showDuration(startMs)}`}
      data-part="bar"
      style={{
        ...BAR,
        marginInlineStart: percent(startMs),
        inlineSize: percent(durationMs),
      }}
    />
  );
}

/** The lines that stand in no closed container. */
function openRows(rows: readonly TraceRow[], closed: ReadonlySet<string>): readonly TraceRow[] {
  const hidden = new Set<string>();
  return rows.filter(({ key, parentKey }) => {
    const isHidden = parentKey !== undefined && (closed.has(parentKey) || hidden.has(parentKey));
    if (isHidden) hidden.add(key);
    return !isHidden;
  });
}

interface Place {
  readonly current: TraceRow;
  readonly visible: readonly TraceRow[];
  readonly isClosed: boolean;
}

/** What a key does, after the WAI-ARIA pattern for tree grids; `undefined` for keys that are not its. */
function actionOf(key: string, { current, visible, isClosed }: Place): TraceRow | "toggle" | undefined {
  const at = visible.indexOf(current);
  switch (key) {
    case "ArrowDown":
      return visible[at + 1];
    case "ArrowUp":
      return visible[at - 1];
    case "Home":
      return visible[0];
    case "End":
      return visible.at(-1);
    case "ArrowRight":
      if (!current.hasInner) return undefined;
      return isClosed ? "toggle" : visible[at + 1];
    case "ArrowLeft":
      if (current.hasInner && !isClosed) return "toggle";
      return visible.find((row) => row.key === current.parentKey);
    case "Enter":
      return current.hasInner ? "toggle" : undefined;
    default:
      return undefined;
  }
}

function summaryOf({ flowRun: { status, durationMs, totalTokens, totalCostUsd } }: Trace): string {
  const parts = [
    status,
    durationMs === null ? undefined : showDuration(durationMs),
    totalTokens === null ? undefined : `${totalTokens.total} tokens`,
    totalCostUsd === null ? undefined : `$${totalCostUsd}`,
  ];
  return parts.filter((part) => part !== undefined).join(" · ");
}

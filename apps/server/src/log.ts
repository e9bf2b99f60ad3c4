import { pino, type Logger } from "pino";

export type Log = Logger;

export const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * Logs to stderr, one JSON object a line, or one short line for a person at a terminal: stdout is for what the operator asked to see.
 * Nothing that is logged carries a key, a prompt or a body.
 */
export function createLog(level: LogLevel, output: NodeJS.WriteStream = process.stderr): Log {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (!output.isTTY) return pino(options, output);
  return pino(options, { write: (line: string) => void output.write(forPeople(line)) });
}

interface PinoLine {
  readonly level: number;
  readonly time: string;
  readonly msg?: string;
}

/** `12:04:31 warn  message  {"member":"value"}` from a line of pino's. */
export function forPeople(line: string): string {
  const { level, time, msg = "", ...members } = JSON.parse(line) as PinoLine; // pino wrote it
  const clock = time.slice(11, 19);
  const name = (pino.levels.labels[level] ?? "").padEnd(5);
  const rest = Object.keys(members).length === 0 ? "" : `  ${JSON.stringify(members)}`;
  return `${clock} ${name} ${msg}${rest}\n`;
}

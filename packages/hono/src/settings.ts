import { readVariable } from "@noukai/core";
import type { Context } from "hono";

/** What this package reads of `c.env`: on Workers these are bindings, elsewhere it reads the environment. */
export interface NoukaiBindings {
  readonly NOUKAI_API_KEY?: string;
  readonly NOUKAI_BASE_URL?: string;
  readonly NOUKAI_ENV?: string;
}

/** A setting, from `c.env` first, then from the environment; `undefined` when it is empty, or may not be read. */
export function readSetting(c: Context, name: string): string | undefined {
  const bindings = c.env as Readonly<Record<string, unknown>> | undefined; // an app that is called as a function may have none
  const bound = bindings?.[name];
  return (typeof bound === "string" && bound !== "" ? bound : undefined) ?? readVariable(name);
}

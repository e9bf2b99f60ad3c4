import { Noukai, type NoukaiOptions } from "@noukai/sdk";
import type { Context } from "hono";
import { readSetting } from "./settings.ts";

/** The client for one request: key and address that the options do not give are read from `c.env`, then from the environment. */
export function makeClient(c: Context, options: NoukaiOptions): Noukai {
  return new Noukai({
    ...options,
    apiKey: options.apiKey ?? readSetting(c, "NOUKAI_API_KEY"),
    baseUrl: options.baseUrl ?? readSetting(c, "NOUKAI_BASE_URL"),
    env: options.env ?? (readSetting(c, "NOUKAI_ENV") as NoukaiOptions["env"]), // the client checks it
  });
}

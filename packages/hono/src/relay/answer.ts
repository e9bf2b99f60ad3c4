import type { Context } from "hono";
import { passOn } from "../passing.ts";
import { RelayRefusal, refusalOfAnswer } from "../refusal.ts";
import { conceal, mayConceal } from "./concealment.ts";
import { FrameGate, type GateOptions } from "./frame-gate.ts";
import type { Place } from "./limits.ts";

/** What a browser learns of the server's answer beside its body. */
const PASSED = ["x-noukai-execution-id", "x-request-id", "x-should-retry", "retry-after"];
const OWN = { "cache-control": "no-store", "x-content-type-options": "nosniff" };
const EVENTS = { "content-type": "text/event-stream; charset=utf-8", "x-accel-buffering": "no" };

/** A server's answer to a JSON call: as it came but for what is concealed; of a refusal only status and code. */
export async function jsonAnswer(response: Response, options: GateOptions): Promise<Response> {
  const text = await response.text().catch(() => {
    throw new RelayRefusal(502, "UPSTREAM_UNAVAILABLE");
  });
  const value = readJson(text);
  const headers = passedHeaders(response, options);
  if (!response.ok) return refusalOfAnswer(response.status, codeOf(value)).toResponse(headers);
  if (text.includes(options.key)) throw new RelayRefusal(502, "UPSTREAM_REFUSED");
  const body = mayConceal(text, options) ? JSON.stringify(conceal(value, options)) : text;
  const type = { "content-type": "application/json" };
  return new Response(body, { status: response.status, headers: { ...OWN, ...type, ...headers } });
}

/** A server's answer to a call for events, which keeps the place until they end. Of one that brings no events the caller keeps it. */
export async function eventsAnswer(
  c: Context,
  response: Response,
  { place, ...options }: GateOptions & { readonly place: Place },
): Promise<Response> {
  const isEvents = response.headers.get("content-type")?.startsWith("text/event-stream");
  if (!response.ok) return jsonAnswer(response, options);
  if (!isEvents || !response.body) {
    await response.body?.cancel();
    throw new RelayRefusal(502, "UPSTREAM_NON_JSON");
  }
  const gate = new FrameGate(options);
  const body = passOn(c, response.body, { gate, onEnd: place.leave });
  return new Response(body as BodyInit, { headers: { ...OWN, ...EVENTS, ...passedHeaders(response, options) } }); // bytes over any memory will do
}

function passedHeaders({ headers }: Response, { key }: GateOptions): Readonly<Record<string, string>> {
  const entries = PASSED.map((name) => [name, headers.get(name)] as const);
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => !!entry[1] && !entry[1].includes(key)),
  );
}

/** Throws 502 `UPSTREAM_NON_JSON`: a proxy before the server has answered, or the address leads elsewhere. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RelayRefusal(502, "UPSTREAM_NON_JSON");
  }
}

function codeOf(body: unknown): unknown {
  const { detail } = (body ?? {}) as { readonly detail?: { readonly code?: unknown } | null }; // any value can be asked for a member
  return detail?.code;
}

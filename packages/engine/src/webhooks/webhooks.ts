import { createEgress, type Egress } from "../egress/egress.ts";
import { Deliverer, type DelivererOptions, type DeliveryCounts } from "./deliverer.ts";
import type { DescribeEnd } from "./message.ts";
import { createWebhookTargets, type WebhookTargets } from "./targets.ts";

export interface WebhookOptions {
  /** What a webhook says of the end of a run: the same each time it is asked. */
  readonly describe: DescribeEnd;
  /** The way out. Default: to public addresses, over https. */
  readonly egress?: Egress;
}

/** Whom an engine tells of ended runs, and the telling. */
export interface Webhooks extends WebhookTargets {
  /** Sends what is due until `signal` aborts. */
  start(signal: AbortSignal): void;
  /** See `Deliverer.drain`. */
  drain(timeoutMs: number): Promise<void>;
  counts(): DeliveryCounts;
}

const nothing: DeliveryCounts = { delivered: 0, failed: 0, givenUp: 0, underWay: 0 };

/** Without `options` none are sent, and none accepted. */
export function createWebhooks(
  options: WebhookOptions | undefined,
  parts: Omit<DelivererOptions, "egress" | "describe">,
): Webhooks {
  if (options === undefined) {
    const { accept } = createWebhookTargets(parts.projects, undefined);
    return { accept, start: () => undefined, drain: () => Promise.resolve(), counts: () => nothing };
  }
  const { describe, egress = createEgress() } = options;
  const deliverer = new Deliverer({ ...parts, describe, egress });
  return {
    ...createWebhookTargets(parts.projects, egress),
    start: (signal) => deliverer.start(signal),
    drain: (timeoutMs) => deliverer.drain(timeoutMs),
    counts: () => deliverer.counts,
  };
}

export interface WebhookTarget {
  readonly url: string;
  /** Name and port in the URL: what one receiver may take up is bounded by it. */
  readonly host: string;
}

/**
 * A webhook in the hands of one process. It is made with its run, falls due in the transaction that ends the run, and is gone once it is
 * delivered; one that is given up stays, and is never handed out again.
 */
export interface Delivery extends WebhookTarget {
  readonly runId: string;
  readonly projectId: string;
  /** From 1; each hand-out is one more. Whoever settles another one than the latest changes nothing. */
  readonly attempt: number;
}

/** Which webhooks to hand out. */
export interface DeliveryQuery {
  /** Only of these projects. */
  readonly projectIds: readonly string[];
  /** None that goes to these. */
  readonly exceptHosts: readonly string[];
  readonly limit: number;
  /** Whoever has not settled a webhook within so many milliseconds has lost it: it is due again. */
  readonly leaseMs: number;
}

/** What came of an attempt; `retryInMs` counts from now, by the store's clock. */
export type DeliveryEnd =
  | { readonly end: "delivered" }
  | { readonly end: "givenUp" }
  | { readonly end: "failed"; readonly retryInMs: number };

/** Part of the store: webhooks that wait. */
export interface DeliveryStore {
  /** Hands out webhooks that are due, longest first, each to one caller at a time. */
  claimDeliveries(query: DeliveryQuery): Promise<readonly Delivery[]>;
  /** False, and nothing is written, when the webhook was handed out again since. */
  settleDelivery(delivery: Pick<Delivery, "runId" | "attempt">, end: DeliveryEnd): Promise<boolean>;
}

import type { Egress } from "../egress/egress.ts";
import { RequestError } from "../errors.ts";
import type { Projects } from "../projects.ts";
import type { WebhookTarget } from "../store/store.ts";

/** An address that somebody wants to be told at. */
export interface WebhookWish {
  readonly projectId: string;
  readonly url: string;
  /** What the caller calls it: `webhookUrl`, `webhook_url`. */
  readonly member: string;
}

/** Judges addresses before a run is made that asks for them. */
export interface WebhookTargets {
  /** Throws `RequestError` (`INVALID_REQUEST`), which names the member, for an address that could never be told, or a project that cannot sign. */
  accept(wish: WebhookWish): WebhookTarget;
}

/** `egress` absent: no webhook can be sent from here. */
export function createWebhookTargets(
  projects: Pick<Projects, "webhookSecret">,
  egress: Pick<Egress, "fault"> | undefined,
): WebhookTargets {
  function faultOf({ projectId, url }: WebhookWish): string | undefined {
    if (egress === undefined) return "cannot be used: this server sends no webhooks";
    const fault = egress.fault(url);
    if (fault !== undefined) return fault;
    if (projects.webhookSecret(projectId) !== undefined) return undefined;
    return "needs a secret to be signed with: set webhookSecret in the project's project.yaml";
  }

  return {
    accept(wish) {
      const message = faultOf(wish);
      if (message === undefined) return { url: wish.url, host: new URL(wish.url).host };
      const { member: path } = wish;
      throw new RequestError("INVALID_REQUEST", `${path}: ${message}`, [{ path, message }]);
    },
  };
}

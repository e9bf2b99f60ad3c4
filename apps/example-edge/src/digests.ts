import type { WebhookEvent } from "@noukai/sdk";

/** What is used of a KV namespace of Workers. */
export interface Namespace {
  get(key: string): Promise<string | null>;
  put(key: string, value: string, options: { readonly expirationTtl: number }): Promise<void>;
}

const DAY_S = 86_400;

/** The jobs that have ended, as webhooks told them. A webhook that comes twice says the same twice. */
export class Digests {
  readonly #namespace: Namespace;

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
  }

  keep({ data }: WebhookEvent): Promise<void> {
    return this.#namespace.put(data.executionId, JSON.stringify(data), { expirationTtl: DAY_S });
  }

  /** As it was kept; `undefined` for a job that has not ended, or that is none. */
  async find(executionId: string): Promise<WebhookEvent["data"] | undefined> {
    const text = await this.#namespace.get(executionId);
    return text === null ? undefined : (JSON.parse(text) as WebhookEvent["data"]); // `keep` wrote it
  }
}

/** For a process that lives as long as its work: on Deno, and in tests. */
export function inMemory(): Namespace {
  const entries = new Map<string, string>();
  return {
    get: async (key) => entries.get(key) ?? null,
    put: async (key, value) => void entries.set(key, value),
  };
}

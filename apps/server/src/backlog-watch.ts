import type { Backlog, Store } from "@noukai/engine";

/** How long an answer of the store serves whoever scrapes, and how long one is waited for, in milliseconds. */
const freshMs = 1_000;
const patienceMs = 1_000;

/** Gives the function that reads what waits in the store; undefined when the store does not answer. */
export function watchBacklog(
  store: Pick<Store, "backlog">,
  now = () => performance.now(),
): () => Promise<Backlog | undefined> {
  let askedAt = -Infinity;
  let answer: Promise<Backlog | undefined> = Promise.resolve(undefined);
  return () => {
    if (now() - askedAt >= freshMs) {
      askedAt = now();
      answer = withinPatience(store.backlog()).catch(() => undefined);
    }
    return answer;
  };
}

async function withinPatience(asked: Promise<Backlog>): Promise<Backlog | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), patienceMs);
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}

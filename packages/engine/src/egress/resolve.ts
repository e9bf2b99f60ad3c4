import { lookup, Resolver } from "node:dns/promises";

/** Every address that the name has now. Rejects when it has none, and with the signal's reason. */
export type ResolveHost = (host: string, signal: AbortSignal) => Promise<readonly string[]>;

/** How long one question may take and how often it is asked. */
const questions = { timeout: 2_000, tries: 2 };

/**
 * Asks the name servers. Not through the system, whose look-ups read the hosts file, complete short names, and take one of the four threads
 * that all look-ups and files of the process share for as long as a stranger's name server likes.
 */
export const resolveByDns: ResolveHost = async (host, signal) => {
  const resolver = new Resolver(questions);
  const cancel = (): void => resolver.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    signal.throwIfAborted();
    const addresses = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
    if (addresses.length > 0) return addresses;
    throw answers.find((answer) => answer.status === "rejected")?.reason;
  } finally {
    signal.removeEventListener("abort", cancel);
  }
};

/** Asks the system, for names that the operator has listed: they may be in its hosts file, or short. */
export const resolveBySystem: ResolveHost = async (host, signal) => {
  const answers = await lookup(host, { all: true });
  signal.throwIfAborted();
  return answers.map(({ address }) => address);
};

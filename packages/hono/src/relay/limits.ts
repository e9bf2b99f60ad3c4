import { RelayRefusal } from "../refusal.ts";
import { change, type RelayStore } from "./store.ts";

const MINUTE_MS = 60_000;
/**
 * A place whose holder is gone without a word is free again after this long: its process died, or its runtime ends a request's code together
 * with its connection, as Workers do. Whoever lives renews it in time.
 */
const LEASE_MS = 90_000;
const RENEWAL_MS = 30_000;

/** What one user may ask of a relay. `Infinity` for no limit; with both, the store is not asked. */
export interface RelayLimits {
  /** Runs begun within a minute; what goes on with a run is not counted. Default 60. */
  readonly runsPerMinute?: number | undefined;
  /** Requests open at once, streams included. A browser that speaks HTTP/1.1 has six. Default 16. */
  readonly concurrent?: number | undefined;
}

/** One request's place among a user's. */
export interface Place {
  /** Once is enough. */
  leave(): void;
}

/** What is remembered of a user. */
interface Tally {
  readonly windowEndsAt: number;
  readonly runs: number;
  /** Place → when its lease ends. */
  readonly places: Readonly<Record<string, number>>;
}

/** Who wants to come in, and where that is counted. */
export interface Entry {
  readonly store: RelayStore;
  readonly limits: RelayLimits;
  readonly user: string;
  readonly isNewRun: boolean;
  readonly now: () => number;
}

const FREE: Place = { leave: () => {} };

/** Lets a request in. Throws 429 `RATE_LIMITED` with `Retry-After`. */
export async function enter({ store, limits, user, isNewRun, now }: Entry): Promise<Place> {
  const { runsPerMinute = 60, concurrent = 16 } = limits;
  if (runsPerMinute === Infinity && concurrent === Infinity) return FREE;
  const update: Update = (decide) =>
    change(store, `user:${user}`, (value) => {
      const { result, tally } = decide(current(value, now()));
      return { result, write: tally && { value: JSON.stringify(tally), expiresInMs: MINUTE_MS + LEASE_MS } };
    });
  const place = crypto.randomUUID();
  const refusal = await update((tally) => {
    const runs = tally.runs + (isNewRun ? 1 : 0);
    if (isNewRun && runs > runsPerMinute) return { result: refuse(tally.windowEndsAt - now()) };
    if (Object.keys(tally.places).length >= concurrent) return { result: refuse(1) };
    return { result: undefined, tally: { ...withPlace(tally, place, now() + LEASE_MS), runs } };
  });
  if (refusal) throw refusal;
  return makePlace((endsAt) => update((tally) => ({ result: undefined, tally: withPlace(tally, place, endsAt) })), now);
}

type Update = <Result>(
  decide: (tally: Tally) => { readonly result: Result; readonly tally?: Tally },
) => Promise<Result>;

/** A place that fails to be renewed or left is free when its lease ends; its holder has better to do than to wait for that. */
function makePlace(setLease: (endsAt: number) => Promise<unknown>, now: () => number): Place {
  const set = (endsAt: number): void => void setLease(endsAt).catch(() => {});
  let timer: ReturnType<typeof setInterval> | undefined = setInterval(() => set(now() + LEASE_MS), RENEWAL_MS);
  return {
    leave() {
      if (timer === undefined) return;
      clearInterval(timer);
      timer = undefined;
      set(0);
    },
  };
}

function withPlace(tally: Tally, place: string, endsAt: number): Tally {
  const { [place]: _, ...others } = tally.places;
  return { ...tally, places: endsAt === 0 ? others : { ...others, [place]: endsAt } };
}

/** What was remembered, without what is over by now. */
function current(value: string | undefined, now: number): Tally {
  const { windowEndsAt = 0, runs = 0, places = {} } = JSON.parse(value ?? "{}") as Partial<Tally>; // we wrote it
  const held = Object.fromEntries(Object.entries(places).filter(([, endsAt]) => endsAt > now));
  return windowEndsAt > now
    ? { windowEndsAt, runs, places: held }
    : { windowEndsAt: now + MINUTE_MS, runs: 0, places: held };
}

function refuse(waitMs: number): RelayRefusal {
  return new RelayRefusal(429, "RATE_LIMITED", Math.max(1, Math.ceil(waitMs / 1000)));
}

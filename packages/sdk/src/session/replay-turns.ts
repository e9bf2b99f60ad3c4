import { ambientSession, runInSession } from "./ambient.ts";
import type { Session } from "./session.ts";

/** The order in which a replay's requests are answered, which decides on the recording that each call takes. */
export class ReplayTurns {
  readonly #queue = new Queue();
  /** The turns of calls that are being made, by the session that is around them meanwhile. */
  readonly #own = new WeakMap<Session, Queue>();

  /**
   * Begins a call, which may load and check something before it makes its request: requests of calls that begin later wait for that one, or
   * for the call to come to its end without any. `session`: stands for the replay in the code that makes the call, and nowhere else.
   */
  begin<Result>(session: Session, begin: () => Promise<Result>): Promise<Result> {
    const before = this.#queue.tail;
    const own = new Queue(before);
    this.#own.set(session, own);
    const result = runInSession(session, begin);
    const isMade = Promise.race([own.first, result.catch(() => {})]); // who made the call is told
    this.#queue.tail = Promise.all([before, isMade]);
    return result;
  }

  /** Answers a request when those before it are. */
  take(answer: () => Promise<Response>): Promise<Response> {
    const session = ambientSession();
    return ((session && this.#own.get(session)) ?? this.#queue).add(answer);
  }
}

/** One after the other: reading a long body must not change which recording is the next. */
class Queue {
  /** Settles when everything that was added is done. */
  tail: Promise<unknown>;
  /** Settles when something was added and is done. */
  readonly first: Promise<unknown>;
  #tellFirst = (_done: Promise<unknown>): void => {};

  constructor(tail: Promise<unknown> = Promise.resolve()) {
    this.tail = tail;
    this.first = new Promise((resolve) => (this.#tellFirst = resolve));
  }

  add<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.tail.then(work);
    this.tail = result.catch(() => {}); // who added it is told
    this.#tellFirst(this.tail);
    return result;
  }
}

import type { Result, Router } from "hono/router";
import { TrieRouter } from "hono/router/trie-router";

/** Paths whose routes are kept in memory; past that it starts over, so that it cannot grow without end. */
const maxKnownPaths = 1_000;

/** Longer paths are looked up each time: they are worth no memory. */
const maxKnownLength = 200;

/** Hono's router for all patterns, the results of which are kept: the same few flows are called again and again. */
export class RememberingRouter<Handler> implements Router<Handler> {
  readonly name = "RememberingRouter";
  readonly #router = new TrieRouter<Handler>();
  readonly #known = new Map<string, Result<Handler>>();

  add(method: string, path: string, handler: Handler): void {
    this.#router.add(method, path, handler);
    this.#known.clear();
  }

  match(method: string, path: string): Result<Handler> {
    const request = `${method} ${path}`;
    const known = this.#known.get(request);
    if (known !== undefined) return known;
    const result = this.#router.match(method, path);
    if (this.#known.size >= maxKnownPaths) this.#known.clear();
    if (path.length <= maxKnownLength) this.#known.set(request, result);
    return result;
  }
}

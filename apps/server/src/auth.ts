import { timingSafeEqual } from "node:crypto";
import type { ApiKeyRecord, Project, Store } from "@noukai/engine";
import { ApiError } from "./errors.ts";
import { hashKey, keyIdOf } from "./keys.ts";
import type { Limiter } from "./rate-limiter.ts";
import { refuseUntil } from "./request-limits.ts";

/** How long a key that was read may be trusted unread; a key revoked on another process works no longer than this. */
const trustMs = 15_000;

/** Keys kept in memory; past that the cache starts over, so that it cannot grow without end. */
const maxCachedKeys = 10_000;

/** Who calls: a key and what it opens. */
export interface Principal {
  readonly key: ApiKeyRecord;
  /** One project for a key of the store, or every one of its organisation; every project of the flows directory for the operator's, which lies in no store. */
  readonly projects: readonly Project[];
}

/** The project at that path when the caller's key opens it; else 403. Nothing is looked up, so the answer tells nothing about what exists. */
export function requireProject(principal: Principal, org: string, slug: string): Project {
  for (const project of principal.projects) {
    if (project.slug === slug && project.org === org) return project;
  }
  throw new ApiError("FORBIDDEN", `This key does not open ${org}/${slug}. Use a key of that project.`);
}

export function opens(principal: Principal, projectId: string): boolean {
  return principal.projects.some((project) => project.id === projectId);
}

/** Throws 403 when the key has none of `scopes`; an empty list asks for none, and `admin` stands for each. */
export function requireScope(principal: Principal, scopes: readonly string[]): void {
  if (scopes.length === 0 || scopes.some((scope) => hasScope(principal.key, scope))) return;
  throw new ApiError("FORBIDDEN", `This key may not do that: it lacks the scope ${scopes.join(" or ")}.`);
}

export function hasScope(key: ApiKeyRecord, scope: string): boolean {
  return key.scopes.includes("admin") || key.scopes.includes(scope);
}

interface CachedKey {
  readonly principal: Principal;
  readonly hash: Buffer;
  readonly readAt: number;
}

/** Bounds how often a network may send keys that are none: each of them is looked up. */
export interface UnknownKeys {
  readonly limiter: Limiter;
  readonly perMinute: number;
}

/** Turns an `Authorization` header into a principal. Keys are compared by their hashes and in constant time. */
export class Authenticator {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #operator: CachedKey | undefined;
  readonly #unknown: UnknownKeys;
  readonly #cache = new Map<string, CachedKey>();

  constructor(options: {
    readonly store: Store;
    readonly now: () => number;
    readonly unknown: UnknownKeys;
    /** A key that opens `projects` without being stored. */
    readonly operator?: { readonly key: string; readonly projects: readonly Project[] } | undefined;
  }) {
    this.#store = options.store;
    this.#now = options.now;
    this.#unknown = options.unknown;
    this.#operator = options.operator && {
      principal: { key: operatorKey(options.operator.key, options.now()), projects: options.operator.projects },
      hash: Buffer.from(hashKey(options.operator.key)),
      readAt: options.now(),
    };
  }

  /**
   * Throws 401 `UNAUTHENTICATED`, the same for every reason that could help a guess; and 429 `RATE_LIMITED` when keys that are none were sent too
   * often from `network`. A key that was good here before is not kept waiting for that. Undefined: the call came over no network.
   */
  async authenticate(authorization: string | undefined, network: string | undefined): Promise<Principal> {
    if (authorization === undefined) {
      throw new ApiError("UNAUTHENTICATED", "The Authorization header is missing. Send `Authorization: Bearer nk_…`.");
    }
    const [scheme, key, ...rest] = authorization.split(" ");
    if (scheme?.toLowerCase() !== "bearer" || key === undefined || !key.startsWith("nk_") || rest.length > 0) {
      throw new ApiError("UNAUTHENTICATED", "The Authorization header is not of the form `Bearer nk_…`.");
    }
    const hash = Buffer.from(hashKey(key));
    if (this.#operator !== undefined && timingSafeEqual(hash, this.#operator.hash)) return this.#operator.principal;
    const id = keyIdOf(key);
    const known = id === undefined ? undefined : await this.#find(id, network);
    if (
      known === undefined ||
      !timingSafeEqual(hash, known.hash) ||
      this.#now() >= (known.principal.key.expiresAt ?? Infinity)
    ) {
      if (id !== undefined && network !== undefined) await this.#unknown.limiter.take(network, this.#unknown.perMinute);
      throw new ApiError("UNAUTHENTICATED", "This key is not valid here: unknown, revoked, expired or mistyped.");
    }
    return known.principal;
  }

  /** Forgets what was read of a key, so that a change to it counts at once on this process. */
  forget(keyId: string): void {
    this.#cache.delete(keyId);
  }

  async #find(id: string, network: string | undefined): Promise<CachedKey | undefined> {
    const cached = this.#cache.get(id);
    const readAt = this.#now();
    // A clock that was set back must not make a key trusted for longer.
    if (cached !== undefined && cached.readAt <= readAt && readAt < cached.readAt + trustMs) return cached;
    if (cached === undefined && network !== undefined) await this.#refuseGuesses(network);
    const key = await this.#store.key(id);
    const project =
      key === undefined || key.revokedAt !== null ? undefined : await this.#store.projectById(key.projectId);
    if (key === undefined || project === undefined) {
      this.#cache.delete(id);
      return undefined;
    }
    if (this.#cache.size >= maxCachedKeys) this.#cache.clear();
    const read: CachedKey = {
      principal: { key, projects: await this.#opened(key, project) },
      hash: Buffer.from(key.secretHash),
      readAt,
    };
    this.#cache.set(id, read);
    return read;
  }

  /** What a key of that project opens: with it, where the key is the organisation's, all the others. */
  async #opened(key: ApiKeyRecord, project: Project): Promise<readonly Project[]> {
    if (key.opensOrganisation !== true) return [project];
    return (await this.#store.projects()).filter(({ org }) => org === project.org);
  }

  async #refuseGuesses(network: string): Promise<void> {
    const { limiter, perMinute } = this.#unknown;
    refuseUntil(await limiter.waitMs(network, perMinute), "Too many unknown keys came from this address.");
  }
}

/** A record for a key that has none: it can do everything, and its id is that of its form or a piece of its hash. */
function operatorKey(key: string, readAt: number): ApiKeyRecord {
  const secretHash = hashKey(key);
  return {
    id: keyIdOf(key) ?? secretHash.slice(0, 8),
    projectId: "",
    name: "NOUKAI_API_KEY",
    mode: key.startsWith("nk_test_") ? "test" : "live",
    secretHash,
    scopes: ["admin"],
    createdAt: readAt,
    expiresAt: null,
    revokedAt: null,
  };
}

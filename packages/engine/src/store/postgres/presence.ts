import { setTimeout as delay } from "node:timers/promises";
import type { Client, Notification, QueryResult, QueryResultRow } from "pg";
import { clock } from "./clock.ts";
import { connect, type Question } from "./connection.ts";
import { lockSpace, schemaLock } from "./locks.ts";
import { cancelsChannel, claimableChannel, fromPayload, helloChannel, partialsChannel, runsChannel } from "./nudges.ts";

/** First pause before a lost connection is made again, and the longest one, in milliseconds. */
const firstPauseMs = 50;
const longestPauseMs = 2_000;

/** Time between two beats, and how long the answer to one is waited for before the connection counts as lost, in milliseconds. */
const beatEveryMs = 2_000;
const beatTimeoutMs = 4_000;

/**
 * How long a process that lost its connection takes nobody else for gone once it is back, in milliseconds: whoever else lost theirs, because
 * the database went down, is back within this time.
 */
export const quietAfterLossMs = 5_000;

/** How long a new connection may take to become the process's presence, in milliseconds; others keep it waiting while they hand its runs over. */
const appearTimeoutMs = 15_000;

/** Beats need not survive a crash of the database, nor wait for its disk. */
const presenceSession = "SET synchronous_commit = off";

const beat = `
  UPDATE workers SET beat_at = ${clock("NULL")} WHERE no = $1
  RETURNING is_given_up AS "isGivenUp", NOT EXISTS (
    SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = $2::bigint::oid AND objid NOT IN ($1::integer::bigint::oid, ${schemaLock}::oid)
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS "isAlone"`;

const hello = `SELECT pg_notify('${helloChannel}', $1::text)`;

const beginBeating = `
  INSERT INTO workers (no, beat_at) VALUES ($1, ${clock("NULL")})
  ON CONFLICT (no) DO UPDATE SET beat_at = excluded.beat_at, is_given_up = false`;

/** Only the connection that was this process's: nobody else's has that number and that lock. */
const endBackend = `
  SELECT pg_terminate_backend(pid) FROM pg_locks
  WHERE locktype = 'advisory' AND granted AND classid = $1::bigint::oid AND objid = $2::bigint::oid AND pid = $3
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

export interface PresenceListeners {
  /** Another process, or this one, told something. */
  readonly onNotification: (notification: Notification) => void;
  /** What was told while the connection was lost is lost too. */
  readonly onReconnect: () => void;
  /** Others took this process for gone, and may have its runs. */
  readonly onGivenUp: () => void;
}

/**
 * This process as others see it: a connection of its own, which holds the advisory lock of the process's number, listens, and beats. The first two
 * end with the connection, so that a lock that is free tells of a process that is gone; the last tells of one that stands still, or cannot be
 * reached. A lost connection is made again, under the same number.
 */
export class Presence {
  /** Unlike that of any other process that works on the database. */
  readonly number: number;
  readonly #url: string;
  readonly #listeners: PresenceListeners;
  readonly #closing = new AbortController();
  #client: Client;
  /** Of the server's process at the other end. */
  #backend = 0;
  #isLost = false;
  #backAt = -Infinity;
  /** Did nobody else listen at the last beat, nor say hello since? */
  #isAlone = false;
  #hellosHeard = 0;
  #beating: NodeJS.Timeout | undefined;
  #isBeatUnderWay = false;

  /** Takes a number and its lock on `client`, which from here on is the presence's. */
  static async begin(client: Client, url: string, listeners: PresenceListeners): Promise<Presence> {
    const { rows } = await client.query<{ no: number }>("SELECT nextval('holder_numbers')::integer AS no");
    const presence = new Presence(client, url, listeners, rows[0]?.no ?? 0);
    await presence.#appear(client);
    return presence;
  }

  private constructor(client: Client, url: string, listeners: PresenceListeners, number: number) {
    this.#client = client;
    this.#url = url;
    this.#listeners = listeners;
    this.number = number;
  }

  /** Can nobody see that this process lives? Whatever it holds, others are about to take. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /**
   * Is there nobody to be told anything? Known within a beat, and no longer once somebody says hello. Who does may miss what was written until it
   * was heard, and so is answered, and looks again at everything.
   */
  get isAlone(): boolean {
    return this.#isAlone;
  }

  /** How long this process is to take nobody for gone, in milliseconds: it was away itself. */
  get quietMs(): number {
    if (this.#isLost) return quietAfterLossMs;
    return Math.max(0, this.#backAt + quietAfterLossMs - performance.now());
  }

  /** Takes part in the processes' watch over each other: beats from here on. Idempotent. */
  async join(): Promise<void> {
    if (this.#beating !== undefined) return;
    this.#beating = setInterval(() => void this.#beat(), beatEveryMs).unref();
    await this.#client.query(beginBeating, [this.number]);
    await this.#beat();
  }

  /** Gives the lock back: whatever this process still holds is up for `recover`. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#beating);
    await this.#client.end().catch(() => undefined);
  }

  async #beat(): Promise<void> {
    if (this.#isLost || this.#isBeatUnderWay) return;
    this.#isBeatUnderWay = true;
    const client = this.#client;
    try {
      const heardBefore = this.#hellosHeard;
      const question: Question = { text: beat, values: [this.number, lockSpace], query_timeout: beatTimeoutMs };
      const { rows } = await client.query<{ isGivenUp: boolean; isAlone: boolean }>(question);
      // Who said hello meanwhile may have come after the database looked.
      this.#isAlone = rows[0]?.isAlone === true && this.#hellosHeard === heardBefore;
      if (rows[0]?.isGivenUp === false) return;
      await client.query(beginBeating, [this.number]);
      this.#listeners.onGivenUp();
    } catch {
      // Where nothing comes back for so long nothing will be heard either; its end makes a new one.
      await client.end().catch(() => undefined);
    } finally {
      this.#isBeatUnderWay = false;
    }
  }

  async #appear(client: Client): Promise<void> {
    client.on("notification", (notification) => this.#hear(notification));
    const channels = [runsChannel, claimableChannel, partialsChannel, cancelsChannel, helloChannel];
    await ask(client, [presenceSession, ...channels.map((channel) => `LISTEN ${channel}`)].join("; "));
    // A server that takes the lost connection for alive, because no word of its end came through, would keep its lock.
    await ask(client, endBackend, [lockSpace, this.number, this.#backend]);
    const lock = "SELECT pg_backend_pid() AS pid FROM pg_advisory_lock($1, $2)";
    const { rows } = await ask<{ pid: number }>(client, lock, [lockSpace, this.number]);
    this.#backend = rows[0]?.pid ?? 0;
    await ask(client, hello, [`${this.number}`]);
    client.once("end", () => void this.#reappear());
  }

  #hear(notification: Notification): void {
    const { channel, payload = "" } = notification;
    if (channel === helloChannel && fromPayload(payload).sender !== this.number) this.#answer();
    this.#listeners.onNotification(notification);
  }

  #answer(): void {
    this.#hellosHeard += 1;
    if (!this.#isAlone) return;
    this.#isAlone = false;
    // Where this fails the connection is gone, and the next one says hello anew.
    this.#client.query(hello, [`${this.number}`]).catch(() => undefined);
  }

  async #reappear(): Promise<void> {
    const { signal } = this.#closing;
    this.#isLost = true;
    this.#isAlone = false;
    for (let pauseMs = firstPauseMs; !signal.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      try {
        await this.#reconnect();
        return;
      } catch {
        await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #reconnect(): Promise<void> {
    const client = await connect(this.#url);
    this.#client = client;
    try {
      this.#closing.signal.throwIfAborted();
      await this.#appear(client);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    this.#isLost = false;
    this.#backAt = performance.now();
    this.#listeners.onReconnect();
    if (this.#beating !== undefined) await this.#beat();
  }
}

function ask<Row extends QueryResultRow>(
  client: Client,
  text: string,
  values: unknown[] = [],
): Promise<QueryResult<Row>> {
  const question: Question = { text, values, query_timeout: appearTimeoutMs };
  return client.query<Row>(question);
}

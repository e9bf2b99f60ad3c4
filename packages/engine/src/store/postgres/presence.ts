import { setTimeout as delay } from "node:timers/promises";
import type { Client, Notification } from "pg";
import { connect } from "./connection.ts";
import { lockSpace } from "./locks.ts";
import { claimableChannel, partialsChannel, runsChannel } from "./nudges.ts";

/** First pause before a lost connection is made again, and the longest one, in milliseconds. */
const firstPauseMs = 50;
const longestPauseMs = 2_000;

export interface PresenceListeners {
  /** Another process, or this one, told something. */
  readonly onNotification: (notification: Notification) => void;
  /** What was told while the connection was lost is lost too. */
  readonly onReconnect: () => void;
}

/**
 * This process as others see it: a connection of its own, which holds the advisory lock of the process's number and listens. Both end with
 * the connection, so that a lock that is free tells of a process that is gone. A lost connection is made again, under the same number.
 */
export class Presence {
  /** Unlike that of any other process that works on the database. */
  readonly number: number;
  readonly #url: string;
  readonly #listeners: PresenceListeners;
  readonly #closing = new AbortController();
  #client: Client;

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

  /** Gives the lock back: whatever this process still holds is up for `recover`. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#client.end().catch(() => undefined);
  }

  async #appear(client: Client): Promise<void> {
    client.on("notification", this.#listeners.onNotification);
    await client.query(`LISTEN ${runsChannel}; LISTEN ${claimableChannel}; LISTEN ${partialsChannel}`);
    // Waits while the server still takes the lost connection for alive: nobody else can have the lock in between.
    await client.query("SELECT pg_advisory_lock($1, $2)", [lockSpace, this.number]);
    client.once("end", () => void this.#reappear());
  }

  async #reappear(): Promise<void> {
    const { signal } = this.#closing;
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
    this.#listeners.onReconnect();
  }
}

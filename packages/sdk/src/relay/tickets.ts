import type { Fetch } from "@noukai/core";

/** The ticket that requests to a relay carry. It is asked for when the first request needs it, and again when it is refused. */
export class Tickets {
  readonly #getTicket: () => string | Promise<string>;
  readonly #fetch: Fetch;
  #ticket: Promise<string> | undefined;

  constructor(getTicket: () => string | Promise<string>, fetch: Fetch) {
    this.#getTicket = getTicket;
    this.#fetch = fetch;
  }

  /** The ticket of the moment. One question for all who wait for its answer; a failure is not kept. */
  readonly current = (): Promise<string> => {
    return (this.#ticket ??= this.#ask());
  };

  /** Sends the request, and once more with a new ticket when the relay takes it for somebody it does not know. */
  readonly fetch: Fetch = async (request) => {
    const spare = request.clone(); // its body can be sent but once
    const response = await this.#fetch(request);
    if (response.status !== 401) return response;
    const refused = request.headers.get("authorization");
    const ticket = await this.#renew(refused).catch(() => undefined);
    // The same ticket would be refused again, and without one the answer that is there says what is wrong.
    if (ticket === undefined || ticket === refused) return response;
    const again = new Request(spare);
    again.headers.set("authorization", ticket);
    await response.body?.cancel();
    return this.#fetch(again);
  };

  /** What stands in the header once the refused ticket is replaced; another request may have done so by now. */
  async #renew(refused: string | null): Promise<string> {
    const known = this.#ticket;
    const isRefused = `Bearer ${await known}` === refused;
    if (isRefused && this.#ticket === known) this.#ticket = undefined;
    return `Bearer ${await this.current()}`;
  }

  /** What is asked may throw at once: it must not be forgotten before it is kept. */
  #ask(): Promise<string> {
    const asked = askFor(this.#getTicket);
    asked.catch(() => {
      if (this.#ticket === asked) this.#ticket = undefined;
    });
    return asked;
  }
}

/** The ticket without the blanks around it, which no header keeps. The ticket itself stays out of the message. */
async function askFor(getTicket: () => string | Promise<string>): Promise<string> {
  const given: unknown = await getTicket(); // untyped code may give anything
  const ticket = typeof given === "string" ? given.trim() : "";
  if (/^[\x21-\x7e]+$/.test(ticket)) return ticket;
  throw new TypeError("`getTicket` gave no ticket. Give text of printable ASCII, such as `nkt_…`.");
}

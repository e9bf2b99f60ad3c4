import { ValueError } from "@noukai/sdk";

/** Long enough for a page to begin its work; `createRelayFlow` asks for another one by itself. */
const DEFAULT_EXPIRES_IN_MS = 15 * 60 * 1000;
const MIN_SECRET_LENGTH = 32;
const PREFIX = "nkt_";

/** What a ticket says. */
export interface Ticket {
  /** Who calls. */
  readonly user: string;
  /** Runs that this user may read and cancel although the relay did not begin them for it: those that your server began. */
  readonly runs?: readonly string[] | undefined;
}

/** At least 32 characters, known to your servers alone. Several while one replaces another: the first signs, each is taken. */
export type TicketSecret = string | readonly string[];

/** What a ticket is to say, and what it is signed with. */
export interface SignTicketOptions extends Ticket {
  readonly secret: TicketSecret;
  /** Milliseconds for which it is taken. Default 15 minutes. */
  readonly expiresInMs?: number | undefined;
  /** Milliseconds since 1970. Default: the machine's clock. */
  readonly now?: (() => number) | undefined;
}

/** What is signed. */
interface Claims extends Ticket {
  readonly expiresAt: number;
}

/**
 * A ticket for the pages of one user, to be given to `createRelayFlow` by `getTicket`: `nkt_…`, signed with HMAC-SHA256. Whoever has it is that
 * user until it expires; what it says can be read. Throws `ValueError` for a secret that is too short, and for an empty `user`.
 */
export async function signTicket(options: SignTicketOptions): Promise<string> {
  const { user, runs, secret, expiresInMs = DEFAULT_EXPIRES_IN_MS, now = Date.now } = options;
  const [signer] = secretsOf(secret);
  if (user === "") throw new ValueError("A ticket says who calls. Give `user`.");
  const claims: Claims = { user, runs, expiresAt: now() + expiresInMs };
  const content = toBase64Url(new TextEncoder().encode(JSON.stringify(claims)));
  const mac = await crypto.subtle.sign("HMAC", await keyOf(signer), new TextEncoder().encode(PREFIX + content));
  return `${PREFIX}${content}.${toBase64Url(new Uint8Array(mac))}`;
}

/** What the ticket says; `undefined` when it is not one of ours, or has expired. */
export async function readTicket(
  ticket: string,
  { secret, now = Date.now }: Pick<SignTicketOptions, "secret" | "now">,
): Promise<Ticket | undefined> {
  const [, content = "", signature = ""] = /^nkt_([\w-]+)\.([\w-]{43})$/.exec(ticket) ?? [];
  if (content === "" || !(await isSigned(content, signature, secret))) return undefined;
  const { user, runs, expiresAt } = JSON.parse(new TextDecoder().decode(fromBase64Url(content))) as Claims; // we wrote it
  return expiresAt > now() ? { user, runs } : undefined;
}

async function isSigned(content: string, signature: string, secret: TicketSecret): Promise<boolean> {
  const bytes = new TextEncoder().encode(PREFIX + content);
  const mac = fromBase64Url(signature);
  const checks = secretsOf(secret).map(async (each) => crypto.subtle.verify("HMAC", await keyOf(each), mac, bytes));
  return (await Promise.all(checks)).includes(true);
}

function keyOf(secret: string): Promise<CryptoKey> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", new TextEncoder().encode(secret), algorithm, false, ["sign", "verify"]);
}

function secretsOf(secret: TicketSecret): readonly [string, ...string[]] {
  const [first, ...others] = typeof secret === "string" ? [secret] : secret;
  if (first !== undefined && [first, ...others].every((each) => each.length >= MIN_SECRET_LENGTH)) {
    return [first, ...others];
  }
  throw new ValueError(
    `A ticket's secret has at least ${MIN_SECRET_LENGTH} characters, such as 32 random bytes in hex.`,
  );
}

function toBase64Url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

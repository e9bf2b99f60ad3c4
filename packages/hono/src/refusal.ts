import {
  AbortError,
  APIConnectionError,
  APITimeoutError,
  NoukaiError,
  RateLimitError,
  StreamDecodeError,
  StreamTruncatedError,
} from "@noukai/sdk";

/** Nobody reads it: the caller has gone. The status that proxies log for this. */
const CLIENT_CLOSED_REQUEST = 499;

/** Codes look like this; anything else that stands in their place may be a text with something of the server's in it. */
const CODE = /^[A-Z][A-Z\d_]{1,39}$/;

/** A refusal that callers are to see as it is: throw one from `authorize`. */
export class RelayRefusal extends Error {
  override readonly name: string = "RelayRefusal";
  /** 400 to 599. */
  readonly status: number;
  /** What the caller reads: a code such as `QUOTA_USED_UP`, or a sentence. */
  readonly detail: string;
  /** Whole seconds after which it is worth asking again. */
  readonly retryAfter: number | undefined;

  constructor(status: number, detail: string, retryAfter?: number) {
    super(`${status} ${detail}`);
    this.status = status;
    this.detail = detail;
    this.retryAfter = retryAfter;
  }

  /** As `{"detail": "…"}`. */
  toResponse(headers: Readonly<Record<string, string>> = {}): Response {
    const { status, detail, retryAfter } = this;
    const wait = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
    const own = { "cache-control": "no-store", "x-content-type-options": "nosniff" };
    return Response.json({ detail }, { status, headers: { ...own, ...wait, ...headers } });
  }
}

/** What a server's refusal is to a caller of ours, who has no key: of the body only its code is told. */
export function refusalOfAnswer(status: number, code: unknown): RelayRefusal {
  // The key or its project is wrong. To the caller that is a fault of ours, not a question of who the caller is.
  if (status === 401 || status === 403) return new RelayRefusal(502, "UPSTREAM_REFUSED");
  const known = typeof code === "string" && CODE.test(code);
  return new RelayRefusal(status, known ? code : "UPSTREAM_ERROR");
}

/** What a failed call is to whoever asked our app; `undefined` for what is no failure of a call (a wrong option, a bug). */
export function refusalOfError(error: unknown): RelayRefusal | undefined {
  if (!(error instanceof NoukaiError)) return undefined;
  if (error instanceof AbortError) return new RelayRefusal(CLIENT_CLOSED_REQUEST, "CLIENT_CLOSED_REQUEST");
  if (error instanceof RateLimitError) return new RelayRefusal(429, "RATE_LIMITED", waitOf(error));
  if (error.statusCode !== undefined && error.statusCode >= 400) return refusalOfAnswer(error.statusCode, error.code);
  if (error instanceof APITimeoutError) return new RelayRefusal(504, "UPSTREAM_TIMEOUT");
  const isLost = [APIConnectionError, StreamTruncatedError, StreamDecodeError].some((kind) => error instanceof kind);
  return isLost ? new RelayRefusal(502, "UPSTREAM_UNAVAILABLE") : undefined;
}

function waitOf({ retryAfter }: RateLimitError): number | undefined {
  return retryAfter === undefined ? undefined : Math.ceil(retryAfter);
}

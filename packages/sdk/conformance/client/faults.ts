import type { Conduct, CutPlace, Encode, FaultServer } from "./fault-server.ts";
import { encodePlainly, linesOf } from "./fault-server.ts";
import type { Outcome } from "./verdict.ts";

/** One row of the matrix: what goes wrong, and what a client must make of it. */
export interface Fault {
  readonly name: string;
  /** To each request in turn; the last one stays. */
  readonly conducts: readonly Conduct[];
  /** What may come of it. `whole`: the text is all there, once. `typed error`: the client says what happened. */
  readonly must: readonly ("whole" | "typed error" | "abort")[];
  /** When the caller gives up: `before` the call, while it waits for `headers`, at the `first` piece of text, or by leaving the loop there. */
  readonly caller?: "aborts before" | "aborts at headers" | "aborts at first" | "leaves at first";
  /** What else must hold. Gives the complaint. */
  readonly also?: (server: FaultServer, outcome: Outcome) => string | undefined;
}

const half: CutPlace = (body) => body.indexOf("\n\n", body.length / 2) + 2;
const insideFrame: CutPlace = (body) => half(body) + 9;
/** Behind the first byte of the first character of four. */
const insideCharacter: CutPlace = (body) => body.indexOf(Buffer.from("😀")) + 1;
const nothing: CutPlace = () => 0;

const json = { "content-type": "application/json" };
const refusal = (code: string): string => JSON.stringify({ detail: { code, message: "Later." } });

const withEnds =
  (end: string): Encode =>
  (events) =>
    events.map((event) => Buffer.from([...linesOf(event), "", ""].join(end)));

const byteByByte: Encode = (events) => Array.from(Buffer.concat(encodePlainly(events)), (byte) => Buffer.from([byte]));

const inManyLines: Encode = (events) =>
  events.map((event) => {
    const data = event.data.replace(/^\{/, "{\n").replace(/\}$/, "\n}");
    return Buffer.from(`: a comment\nretry: 10\nnobody: knows\n${linesOf({ ...event, data }).join("\n")}\n\n`);
  });

const withBom: Encode = (events) => [Buffer.from([0xef, 0xbb, 0xbf]), ...encodePlainly(events)];

const withUnknown: Encode = (events, { unknown }) => {
  const chunks = encodePlainly(events);
  return [...chunks.slice(0, 2), ...encodePlainly([unknown]), ...chunks.slice(2)];
};

const withBrokenJson: Encode = (events) => {
  const chunks = encodePlainly(events);
  return [...chunks.slice(0, 3), Buffer.from(`event: ${events[3]?.event ?? "message"}\ndata: {"broken\n\n`)];
};

const onePost = (server: FaultServer): string | undefined =>
  server.posts.length === 1
    ? undefined
    : `${server.posts.length} POSTs: the work was done and paid ${server.posts.length} times`;

const sameKey = (server: FaultServer): string | undefined => {
  const keys = new Set(server.posts.map(({ headers }) => headers["idempotency-key"]));
  return server.posts.length > 1 && (keys.size > 1 || keys.has(undefined))
    ? "repeated without the same Idempotency-Key"
    : undefined;
};

const waited =
  (ms: number) =>
  (server: FaultServer): string | undefined => {
    const [first, second] = server.requests;
    const took = first && second ? second.at - first.at : Number.NaN;
    return took >= ms - 5 ? undefined : `came back after ${Math.round(took)} ms instead of ${ms}`;
  };

const closesSocket = (server: FaultServer, { leftAt = Number.NaN }: Outcome): string | undefined => {
  const took = (server.closedAt[0] ?? Number.NaN) - leftAt;
  return took < 100 ? undefined : "the socket stays open"; // 10 ms is the aim; a busy machine may take longer, a client that waits for the end never closes
};

/** The rows, in the order in which they are told. */
export const FAULTS: readonly Fault[] = [
  { name: "no fault", conducts: [{ kind: "whole" }], must: ["whole"], also: onePost },
  {
    name: "clean end before the last event",
    conducts: [{ kind: "cut", at: half, how: "end" }, { kind: "whole" }],
    must: ["whole", "typed error"],
    also: onePost,
  },
  {
    name: "socket destroyed in the middle",
    conducts: [{ kind: "cut", at: half, how: "reset" }, { kind: "whole" }],
    must: ["whole", "typed error"],
    also: onePost,
  },
  {
    name: "cut inside a frame",
    conducts: [{ kind: "cut", at: insideFrame, how: "end" }, { kind: "whole" }],
    must: ["whole", "typed error"],
    also: onePost,
  },
  {
    name: "cut inside a UTF-8 character",
    conducts: [{ kind: "cut", at: insideCharacter, how: "end" }, { kind: "whole" }],
    must: ["whole", "typed error"],
    also: onePost,
  },
  {
    name: "cut three times in a row",
    conducts: [
      ...Array.from({ length: 3 }, (): Conduct => ({ kind: "cut", at: half, how: "reset" })),
      { kind: "whole" },
    ],
    must: ["whole", "typed error"],
    also: onePost,
  },
  {
    name: "silence in the middle",
    conducts: [{ kind: "stall", at: half }, { kind: "whole" }],
    must: ["whole", "typed error"],
    also: onePost,
  },
  {
    name: "silence after the headers",
    conducts: [{ kind: "stall", at: nothing }, { kind: "whole" }],
    must: ["whole", "typed error"],
    also: onePost,
  },
  {
    name: "silence before the headers",
    conducts: [{ kind: "silence" }, { kind: "whole" }],
    must: ["whole", "typed error"],
    also: sameKey,
  },
  {
    name: "reset before the headers",
    conducts: [{ kind: "reset" }, { kind: "whole" }],
    must: ["whole"],
    also: sameKey,
  },
  {
    name: "429 with Retry-After: 1",
    conducts: [
      { kind: "status", status: 429, headers: { ...json, "retry-after": "1" }, body: refusal("RATE_LIMITED") },
      { kind: "whole" },
    ],
    must: ["whole"],
    also: waited(1000),
  },
  {
    name: "503 with Retry-After: 1",
    conducts: [
      { kind: "status", status: 503, headers: { ...json, "retry-after": "1" }, body: refusal("SHUTTING_DOWN") },
      { kind: "whole" },
    ],
    must: ["whole"],
    also: waited(1000),
  },
  {
    name: "an HTML page from a proxy",
    conducts: [
      {
        kind: "status",
        status: 502,
        headers: { "content-type": "text/html" },
        body: "<html><body>secret-of-the-proxy</body></html>",
      },
    ],
    must: ["typed error"],
    also: (_server, { error }) =>
      String(error).includes("secret-of-the-proxy") ? "the page is in the message" : undefined,
  },
  {
    name: "an HTML page with status 200",
    conducts: [{ kind: "status", status: 200, headers: { "content-type": "text/html" }, body: "<html>Sign in</html>" }],
    must: ["typed error"],
  },
  { name: "CRLF line ends", conducts: [{ kind: "whole", encode: withEnds("\r\n") }], must: ["whole"] },
  { name: "CR line ends", conducts: [{ kind: "whole", encode: withEnds("\r") }], must: ["whole"] },
  { name: "a byte order mark", conducts: [{ kind: "whole", encode: withBom }], must: ["whole"] },
  {
    name: "comments, unknown fields, data in many lines",
    conducts: [{ kind: "whole", encode: inManyLines }],
    must: ["whole"],
  },
  { name: "one byte at a time", conducts: [{ kind: "whole", encode: byteByByte }], must: ["whole"] },
  { name: "an event of an unknown name", conducts: [{ kind: "whole", encode: withUnknown }], must: ["whole"] },
  {
    name: "an event whose JSON is broken",
    conducts: [{ kind: "whole", encode: withBrokenJson }],
    must: ["typed error"],
    also: onePost,
  },
  {
    name: "aborted before the call",
    conducts: [{ kind: "whole" }],
    must: ["abort"],
    caller: "aborts before",
    also: (server) => (server.requests.length === 0 ? undefined : "a request was made"),
  },
  {
    name: "aborted while waiting for the headers",
    conducts: [{ kind: "silence" }],
    must: ["abort"],
    caller: "aborts at headers",
    also: closesSocket,
  },
  {
    name: "aborted in the middle",
    conducts: [{ kind: "stall", at: half }],
    must: ["abort"],
    caller: "aborts at first",
    also: closesSocket,
  },
  {
    name: "the loop is left in the middle",
    conducts: [{ kind: "stall", at: half }],
    must: ["whole"],
    caller: "leaves at first",
    also: closesSocket,
  },
];

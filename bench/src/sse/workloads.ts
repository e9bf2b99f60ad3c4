/** What a server sends, once per wire format: the same texts, cut into the same kind of chunks. */
export interface Workload {
  readonly name: string;
  /** How many pieces of text, each an event of its own. */
  readonly events: number;
  /** Characters of one piece. */
  readonly textLength: number;
  /** Bytes of one chunk of the body; `undefined`: a chunk per event. */
  readonly chunkBytes: number | undefined;
}

/** How one provider writes a stream of text. */
export interface WireFormat {
  readonly head: string;
  event(index: number, text: string): string;
  readonly tail: string;
}

const CHUNK_BYTES = 65_536;

export const workloads: readonly Workload[] = [
  { name: "100k small events", events: 100_000, textLength: 6, chunkBytes: CHUNK_BYTES },
  { name: "one event per chunk", events: 50_000, textLength: 6, chunkBytes: undefined },
  { name: "1k × 100 KB", events: 1_000, textLength: 100_000, chunkBytes: CHUNK_BYTES },
  { name: "one 16 MB event", events: 1, textLength: 16 << 20, chunkBytes: CHUNK_BYTES },
  { name: "one 4 MB event", events: 1, textLength: 4 << 20, chunkBytes: CHUNK_BYTES },
];

/** The chunks of a body, as the network would bring them. */
export function chunksOf(workload: Workload, format: WireFormat): readonly Uint8Array[] {
  const text = "token ".repeat(Math.ceil(workload.textLength / 6)).slice(0, workload.textLength);
  const parts = [format.head];
  for (let index = 0; index < workload.events; index++) parts.push(format.event(index, text));
  parts.push(format.tail);
  const encoder = new TextEncoder();
  if (workload.chunkBytes === undefined) return parts.filter((part) => part !== "").map((part) => encoder.encode(part));
  return cut(encoder.encode(parts.join("")), workload.chunkBytes);
}

/** A body that hands its chunks out one by one, as fast as they are asked for. */
export function bodyOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  let index = 0;
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks[index++];
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
  });
}

function cut(bytes: Uint8Array, length: number): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += length) chunks.push(bytes.slice(at, at + length));
  return chunks;
}

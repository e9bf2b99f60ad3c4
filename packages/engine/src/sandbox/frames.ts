/**
 * What travels between the server and a sandbox process: a length of four bytes (little end first), then texts, each with its own length before it.
 * Not Node's IPC: its structured clone is not made for a sender that may have been taken over.
 */

const lengthBytes = 4;

export function encodeFrame(parts: readonly string[]): Buffer {
  const sizes = parts.map((part) => Buffer.byteLength(part));
  const bodyBytes = sizes.reduce((sum, size) => sum + lengthBytes + size, 0);
  const frame = Buffer.allocUnsafe(lengthBytes + bodyBytes);
  let offset = frame.writeUInt32LE(bodyBytes, 0);
  for (const [index, part] of parts.entries()) {
    offset = frame.writeUInt32LE(sizes[index] ?? 0, offset);
    offset += frame.write(part, offset);
  }
  return frame;
}

/** The texts of a frame's body. Throws when their lengths do not add up. */
export function decodeBody(body: Buffer): readonly string[] {
  const parts: string[] = [];
  let offset = 0;
  while (offset < body.length) {
    const end = offset + lengthBytes + body.readUInt32LE(offset);
    if (end > body.length) throw new Error("A frame's texts are longer than the frame.");
    parts.push(body.toString("utf8", offset + lengthBytes, end));
    offset = end;
  }
  return parts;
}

/** Reads with `read`, which fills a buffer or says that there is no more. Undefined at the end. */
export function readFrame(read: (into: Buffer) => boolean): readonly string[] | undefined {
  const header = Buffer.allocUnsafe(lengthBytes);
  if (!read(header)) return undefined;
  const body = Buffer.allocUnsafe(header.readUInt32LE(0));
  return read(body) ? decodeBody(body) : undefined;
}

/** Cuts a stream into frames. */
export class FrameReader {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #bytes = 0;

  /** @param maxBytes bound of a frame's body */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The frames that `chunk` completes. Throws on one that is too long or broken: nothing after it can be read. */
  push(chunk: Buffer): readonly (readonly string[])[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    const frames: (readonly string[])[] = [];
    for (let body = this.#take(); body !== undefined; body = this.#take()) frames.push(decodeBody(body));
    return frames;
  }

  #take(): Buffer | undefined {
    if (this.#bytes < lengthBytes) return undefined;
    const bodyBytes = this.#join(lengthBytes).readUInt32LE(0);
    if (bodyBytes > this.#maxBytes) throw new Error(`A frame of ${bodyBytes} bytes; the limit is ${this.#maxBytes}.`);
    const end = lengthBytes + bodyBytes;
    if (this.#bytes < end) return undefined;
    const whole = this.#join(end);
    this.#chunks = whole.length === end ? [] : [whole.subarray(end)];
    this.#bytes -= end;
    return whole.subarray(lengthBytes, end);
  }

  /** The first chunk, made at least `bytes` long. Chunks are joined only once they suffice, so that a long frame is copied once. */
  #join(bytes: number): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= bytes) return first;
    const whole = Buffer.concat(this.#chunks);
    this.#chunks = [whole];
    return whole;
  }
}

import { describe, expect, it } from "vitest";
import { decodeBody, encodeFrame, FrameReader, readFrame } from "./frames.ts";

const frames = [["run", "", "größe 😀"], [], ["x".repeat(5000)], ["check", "\n"]] as const;
const stream = Buffer.concat(frames.map((parts) => encodeFrame(parts)));

describe("a stream of frames", () => {
  it.each([1, 2, 3, 5, 64, 4096, stream.length])("is read the same in chunks of %i bytes", (size) => {
    const reader = new FrameReader(10_000);
    const read: (readonly string[])[] = [];
    for (let at = 0; at < stream.length; at += size) read.push(...reader.push(stream.subarray(at, at + size)));
    expect(read).toEqual(frames);
  });

  it("is refused at a frame that is too long, as soon as its length is known", () => {
    expect(() => new FrameReader(100).push(encodeFrame(["x".repeat(97)]).subarray(0, 4))).toThrow(
      "A frame of 101 bytes; the limit is 100.",
    );
    expect(new FrameReader(101).push(encodeFrame(["x".repeat(97)]))).toHaveLength(1);
  });

  it("is refused at texts that are longer than their frame", () => {
    expect(() => decodeBody(Buffer.from([9, 0, 0, 0, 65]))).toThrow("A frame's texts are longer than the frame.");
  });

  it("ends between frames and within one", () => {
    let at = 0;
    const source = stream.subarray(0, stream.length - 1);
    const read = (into: Buffer): boolean => {
      const bytes = source.copy(into, 0, at, at + into.length);
      at += bytes;
      return bytes === into.length;
    };
    const parts = Array.from({ length: 4 }, () => readFrame(read));
    expect(parts).toEqual([...frames.slice(0, 3), undefined]);
  });
});

import { expect, test } from "vitest";
import { FrameSplitter } from "./frames.ts";

const stream =
  'id: 1\nevent: run_started\ndata: {"a":"x: y"}\n\n: heartbeat\n\nevent: step_output\ndata: {}\n\nid: 2\nevent: cut';

test("frames are the same wherever the stream is split, and what is not ended is none", () => {
  for (let at = 0; at <= stream.length; at += 1) {
    const splitter = new FrameSplitter();
    expect([...splitter.push(stream.slice(0, at)), ...splitter.push(stream.slice(at))]).toEqual([
      { id: "1", event: "run_started", data: '{"a":"x: y"}' },
      { id: undefined, event: "step_output", data: "{}" },
    ]);
  }
});

export interface Frame {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
}

/** Splits a server-sent-event stream as our server writes it, one line of data per frame; what is not ended by a blank line is no frame. */
export class FrameSplitter {
  #rest = "";

  push(text: string): readonly Frame[] {
    const parts = (this.#rest + text).split("\n\n");
    this.#rest = parts.pop() ?? "";
    return parts.flatMap((part) => toFrame(part) ?? []);
  }
}

function toFrame(part: string): Frame | undefined {
  const fields = new Map(part.split("\n").map((line) => splitLine(line)));
  const data = fields.get("data");
  return data === undefined ? undefined : { id: fields.get("id"), event: fields.get("event") ?? "message", data };
}

function splitLine(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
}

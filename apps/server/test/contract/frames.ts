/** One SSE frame as it came. */
export interface Frame {
  readonly id: number | undefined;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The same where ids are not numbers. */
export interface TextFrame extends Omit<Frame, "id"> {
  readonly id: string | undefined;
}

/** Frames of a text that is known to be whole; comments are left out. */
export function parseFrames(text: string): readonly Frame[] {
  return parseTextFrames(text).map(({ id, ...frame }) => ({ id: id === undefined ? undefined : Number(id), ...frame }));
}

export function parseTextFrames(text: string): readonly TextFrame[] {
  return text
    .split("\n\n")
    .filter((block) => block !== "" && !block.startsWith(":"))
    .map((block) => {
      const fields = new Map(
        block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
      );
      const data = JSON.parse(fields.get("data") ?? "null") as Frame["data"]; // as: frames of ours carry objects
      return { id: fields.get("id"), event: fields.get("event") ?? "", data };
    });
}

/** Where something is in a definition: member names and list indices from the root. */
export type Path = readonly (string | number)[];

/** One fault before its place in a file is known. */
export interface Fault {
  readonly path: Path;
  /** What is wrong and what to do about it. */
  readonly message: string;
  /** What to point at in a file: the member's value (default) or its name. */
  readonly at?: "name" | "value";
}

/** Takes a fault; checking goes on. */
export type Report = (fault: Fault) => void;

/** `["steps", 2, "branches", "tone", 0, "prompt"]` → `steps[2].branches.tone[0].prompt`; empty for the root. */
export function formatPath(path: Path): string {
  let text = "";
  for (const segment of path) {
    if (typeof segment === "number") text += `[${segment}]`;
    else if (/^[$A-Za-z_][$\w-]*$/u.test(segment)) text += text === "" ? segment : `.${segment}`;
    else text += `[${JSON.stringify(segment)}]`;
  }
  return text;
}

/** What `noukai/echo?…` can be told. Everything has a default, and the defaults do nothing. */
export interface EchoOptions {
  /** Wait before the first word. */
  readonly delayMs: number;
  /** Wait before each further word. */
  readonly deltaMs: number;
  /** So many first attempts of a step fail. */
  readonly failAttempts: number;
  /** A failing attempt says so many words before it fails. */
  readonly failAfterWords: number;
  /** Code of the failure. */
  readonly code: string;
  /** The failure asks to come back no sooner. */
  readonly retryAfterMs: number | undefined;
  /** Is the failure one that no retry can heal? */
  readonly terminal: boolean;
  /** The answer, instead of one made from the prompt; no tool is called then. For an output schema, JSON text that need not fit it. */
  readonly text: string | undefined;
}

export const defaultEchoOptions: EchoOptions = {
  delayMs: 0,
  deltaMs: 0,
  failAttempts: 0,
  failAfterWords: 0,
  code: "MODEL_PROVIDER_ERROR",
  retryAfterMs: undefined,
  terminal: false,
  text: undefined,
};

/** Reads one option's value; `undefined` refuses it. */
interface Reader<T> {
  readonly read: (text: string) => T | undefined;
  /** What to give, for the message about a refused value. */
  readonly wants: string;
}

function wholeNumber(max: number): Reader<number> {
  const read = (text: string): number | undefined =>
    /^\d{1,9}$/.test(text) && Number(text) <= max ? Number(text) : undefined;
  return { read, wants: `a whole number up to ${max}` };
}

// Far below 2^31 ms, past which Node's timers run at once.
const wait = wholeNumber(600_000);
const count = wholeNumber(1_000);

const readers: { readonly [Name in keyof EchoOptions]-?: Reader<NonNullable<EchoOptions[Name]>> } = {
  delayMs: wait,
  deltaMs: wait,
  failAttempts: count,
  failAfterWords: count,
  code: {
    read: (text) => (/^[A-Z][A-Z0-9_]{0,63}$/.test(text) ? text : undefined),
    wants: "a code in upper case, such as MODEL_PROVIDER_ERROR",
  },
  retryAfterMs: wholeNumber(86_400_000),
  terminal: { read: (text) => (text === "0" || text === "1" ? text === "1" : undefined), wants: "1 or 0" },
  text: { read: (text) => text, wants: "any text" },
};

/** Reads the query of a model string, without its `?`. Strict: an option that is unknown, given twice or out of bounds is a fault. */
export function parseEchoOptions(query: string): { readonly options: EchoOptions } | { readonly fault: string } {
  const given: Record<string, unknown> = {};
  for (const [name, text] of new URLSearchParams(query)) {
    if (!isOption(name)) return { fault: `Unknown option "${name}". Known: ${Object.keys(readers).join(", ")}.` };
    if (name in given) return { fault: `The option "${name}" is given twice.` };
    const value = readers[name].read(text);
    if (value === undefined) return { fault: `The option ${name} cannot be "${text}": give ${readers[name].wants}.` };
    given[name] = value;
  }
  return { options: { ...defaultEchoOptions, ...given } };
}

function isOption(name: string): name is keyof EchoOptions {
  return Object.hasOwn(readers, name);
}

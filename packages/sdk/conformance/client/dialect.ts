/** One event of a stream, before it is bytes. */
export interface WireEvent {
  readonly id?: number;
  readonly event?: string;
  readonly data: string;
}

/** How a server speaks to the client under test: ours, or a peer's. The faults are the same for all. */
export interface Dialect {
  /** A whole answer, from its first event to its last. */
  readonly events: readonly WireEvent[];
  /** What the pieces of text in `events` add up to. */
  readonly text: string;
  /** What a reader is sent who comes back behind an event; `undefined` where the protocol has no way back. */
  readonly after: ((id: number) => readonly WireEvent[]) | undefined;
  /** An event whose name this client cannot know. */
  readonly unknown: WireEvent;
  /** Headers of a streamed answer, beside its content type. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The client under test. */
export interface Subject {
  readonly name: string;
  readonly dialect: Dialect;
  /** Makes one streamed call and gives all its text so far, whenever there is more. Its deadlines for silence are to be `SILENCE_MS`, where it has any. */
  read(url: string, signal?: AbortSignal): AsyncIterable<string>;
  /** Is it an error of the client's own, by which a program can tell what happened? */
  isTyped(error: unknown): boolean;
  /** Is it the caller's own abort, told apart from every other failure? */
  isAbort(error: unknown): boolean;
}

/** How long a subject is to bear silence. */
export const SILENCE_MS = 300;

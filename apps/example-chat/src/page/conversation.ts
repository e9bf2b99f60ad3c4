import type { RunPhase } from "@noukai/react";
import { useKept } from "./kept.ts";

/** What a run came to. */
export interface Answer {
  readonly text: string;
  readonly outcome: Extract<RunPhase, "completed" | "failed" | "cancelled">;
  /** Why there is no more of it. */
  readonly fault?: string | undefined;
}

/** A question, and its answer once that is whole: a turn without one is a run. */
export interface Turn {
  readonly id: string;
  readonly question: string;
  readonly answer?: Answer | undefined;
}

export interface Conversation {
  readonly turns: readonly Turn[];
  readonly ask: (question: string) => void;
  readonly settle: (id: string, answer: Answer) => void;
  readonly clear: () => void;
}

/** The relay takes 40 messages at most. */
const REMEMBERED_TURNS = 19;

export function useConversation(): Conversation {
  const [turns, setTurns] = useKept<readonly Turn[]>("turns", []);
  return {
    turns,
    ask: (question) => setTurns((before) => [...before, { id: crypto.randomUUID(), question }]),
    settle: (id, answer) => setTurns((before) => before.map((turn) => (turn.id === id ? { ...turn, answer } : turn))),
    clear: () => setTurns(() => []),
  };
}

// An alias: the SDK takes entries with members of their own, which an interface does not promise to have.
type Message = { readonly role: "user" | "assistant"; readonly content: string };

/** What the flow is asked with: a turn's question behind those before it. */
export function messagesFor({ question }: Turn, before: readonly Turn[]): Message[] {
  const earlier = before.slice(-REMEMBERED_TURNS).flatMap(({ question, answer }): Message[] => {
    if (!answer?.text) return [];
    return [
      { role: "user", content: question },
      { role: "assistant", content: answer.text },
    ];
  });
  return [...earlier, { role: "user", content: question }];
}

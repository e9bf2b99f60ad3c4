import { type KeyboardEvent, type SubmitEvent, useEffect, useRef, useState } from "react";
import { useTurn } from "./answers.tsx";
import type { Turn } from "./conversation.ts";

interface ComposerProps {
  /** The turn that is being answered. */
  readonly open: Turn | undefined;
  readonly ask: (question: string) => void;
}

export function Composer({ open, ask }: ComposerProps) {
  const [draft, setDraft] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (document.activeElement === document.body) field.current?.focus(); // the button that had it is gone
  }, [open]);
  const send = (): void => {
    if (draft.trim() === "" || open) return;
    ask(draft.trim());
    setDraft("");
  };
  const onSubmit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    send();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <form onSubmit={onSubmit}>
      <label htmlFor="message" className="spoken">
        Message
      </label>
      <textarea
        id="message"
        ref={field}
        rows={2}
        placeholder="Ask about food …"
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {open ? (
        <StopButton key={open.id} turn={open} />
      ) : (
        <button type="submit" className="main" disabled={draft.trim() === ""}>
          Send
        </button>
      )}
    </form>
  );
}

/** Shows the same run as the answer does: no request is made for it. */
function StopButton({ turn }: { readonly turn: Turn }) {
  const { cancel } = useTurn(turn);
  const [isAsked, setAsked] = useState(false);
  const stop = (): void => {
    setAsked(true);
    cancel().catch(() => setAsked(false)); // the run goes on, and so does the button
  };
  return (
    <button type="button" className="main" onClick={stop} disabled={isAsked}>
      Stop
    </button>
  );
}

import { useEffect, useRef, useState } from "react";
import { Composer } from "./composer.tsx";
import { type Conversation, useConversation } from "./conversation.ts";
import { Kitchen } from "./kitchen.tsx";
import { LiveAnswer, WholeAnswer } from "./answers.tsx";

const SUGGESTIONS = ["What can I cook with leeks?", "Plan a picnic for six.", "What do I need for pancakes?"];

export function Chat() {
  const conversation = useConversation();
  const { turns, clear } = conversation;
  const last = turns.at(-1);
  const open = last?.answer ? undefined : last;
  return (
    <>
      <header>
        <h1>Kitchen chat</h1>
        <button type="button" className="quiet" onClick={clear} disabled={turns.length === 0 || open !== undefined}>
          New chat
        </button>
      </header>
      <main>
        <Turns {...conversation} />
        <Composer open={open} ask={conversation.ask} />
      </main>
      <Kitchen />
    </>
  );
}

function Turns({ turns, ask, settle }: Conversation) {
  const [loaded] = useState(turns);
  const scroller = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (scroller.current) scroller.current.scrollTop = 0; // its end: it is laid out from there, and stays there while text is added
  }, [turns.length]);
  return (
    <div className="turns" ref={scroller} role="log" aria-label="Conversation" tabIndex={0}>
      <div>
        {turns.length === 0 && <Welcome ask={ask} />}
        {turns.map((turn, index) => (
          <article key={turn.id}>
            <h2 className="spoken">You</h2>
            <p className="question">{turn.question}</p>
            <h2 className="spoken">Assistant</h2>
            {turn.answer ? (
              <WholeAnswer
                answer={turn.answer}
                retry={index === turns.length - 1 ? () => ask(turn.question) : undefined}
              />
            ) : (
              <LiveAnswer turn={turn} before={turns.slice(0, index)} isOld={loaded.includes(turn)} settle={settle} />
            )}
          </article>
        ))}
      </div>
    </div>
  );
}

function Welcome({ ask }: Pick<Conversation, "ask">) {
  return (
    <section className="welcome">
      <p>What are we cooking?</p>
      <ul>
        {SUGGESTIONS.map((suggestion) => (
          <li key={suggestion}>
            <button type="button" onClick={() => ask(suggestion)}>
              {suggestion}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

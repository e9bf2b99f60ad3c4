import { useState } from "react";
import { usePendingApprovals } from "@noukai/react";
import { assistant } from "./assistant.ts";

/** The calls of a run's that wait for the person at the page. */
export function Approvals({ executionId }: { readonly executionId: string | undefined }) {
  const waiting = usePendingApprovals().filter((approval) => approval.executionId === executionId);
  return waiting.map(({ toolCallId, name, args, approve, refuse }) => (
    <section key={toolCallId} className="approval" role="group" aria-label="The assistant asks you">
      <p>
        May the assistant <strong>{name.replaceAll("_", " ")}</strong>?
      </p>
      <p className="arguments">{Object.values(args as object).join(", ")}</p>
      <button type="button" className="main" onClick={approve}>
        Allow
      </button>
      <button type="button" onClick={() => refuse()}>
        Refuse
      </button>
    </section>
  ));
}

const UNANSWERED = { error: "The page was loaded anew before this was answered." };

/** A run that waited for this page when it was reloaded: what would have answered is gone, and it can go on without. */
export function LeftBehind({ executionId }: { readonly executionId: string }) {
  const [fault, setFault] = useState<string>();
  const goOn = (): void => {
    goOnWithout(executionId).catch((error: Error) => setFault(error.message));
  };
  return (
    <section className="approval" role="group" aria-label="The assistant waits">
      <p>The assistant waits for something that this page was doing when it was reloaded.</p>
      {fault !== undefined && <p className="arguments">{fault}</p>}
      <button type="button" className="main" onClick={goOn}>
        Go on without
      </button>
    </section>
  );
}

async function goOnWithout(executionId: string): Promise<void> {
  const pause = await assistant.run(executionId).pause();
  const toolResults = pause?.toolCalls.map(({ id }) => ({ toolCallId: id, output: UNANSWERED }));
  await pause?.resume({ toolResults });
}

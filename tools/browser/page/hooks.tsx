// Components that show one run, and count what that costs. `?watchers=20&words=3000`.
import { StrictMode, useLayoutEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { NoukaiProvider, useFlowEvents } from "@noukai/react";
import { createRelayFlow } from "@noukai/sdk";

const parameters = new URLSearchParams(location.search);
const watchers = Array.from({ length: Number(parameters.get("watchers")) }, (_, index) => index);
const message = Array.from({ length: Number(parameters.get("words")) }, (_, index) => `w${index}`).join(" ");

/** Frame → how often something was drawn in it. The time stands still for as long as a frame is made. */
const drawn = new Map<unknown, number>();
Object.assign(globalThis, { drawings: () => [...drawn.values()] });

function Watcher({ isCounted }: { readonly isCounted: boolean }) {
  const { text, status, executionId } = useFlowEvents(undefined, { key: "watched", start: { message } });
  useLayoutEffect(() => {
    const frame = document.timeline.currentTime;
    if (isCounted) drawn.set(frame, (drawn.get(frame) ?? 0) + 1);
  }, [isCounted, text]);
  return (
    <p data-status={status} data-run={executionId}>
      {text}
    </p>
  );
}

function Page() {
  const [isShown, setShown] = useState(true);
  return (
    <>
      <button type="button" onClick={() => setShown(!isShown)}>
        {isShown ? "Leave" : "Come back"}
      </button>
      {isShown && watchers.map((index) => <Watcher key={index} isCounted={index === 0} />)}
    </>
  );
}

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <NoukaiProvider relay={createRelayFlow({ url: "/agent/execute" })}>
      <Page />
    </NoukaiProvider>
  </StrictMode>,
);

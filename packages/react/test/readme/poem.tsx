import { NoukaiProvider, useFlowEvents } from "@noukai/react";
import { createRelayFlow } from "@noukai/sdk";

const poet = createRelayFlow({ url: "/agent/execute" }); // a route of your server, which has the key

function Poem() {
  const { text, start, cancel } = useFlowEvents();
  return (
    <article>
      <button onClick={() => start({ message: "Flowers" })}>Write</button>
      <button onClick={() => void cancel()}>Stop</button>
      <p>{text}</p>
    </article>
  );
}

export const App = () => <NoukaiProvider relay={poet} children={<Poem />} />;

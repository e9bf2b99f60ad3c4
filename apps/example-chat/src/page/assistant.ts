import { createRelayFlow } from "@noukai/sdk";

/** The flow, behind the relay of our server, which has the key. */
export const assistant = createRelayFlow({ url: "/agent/execute" });

import { AuthenticationError, createRelayFlow, FlowNotFoundError, Noukai, ValueError } from "@noukai/sdk";
import { expect, test } from "vitest";
import { flowRelay, signTicket } from "../src/index.ts";
import { KEY, refusal, relayToServer } from "./harness.ts";

const ticketSecret = "a secret of thirty-two characters";

async function withTickets() {
  const relay = await relayToServer({ ticketSecret, authorize: undefined });
  const flowOf = (getTicket: () => string | Promise<string>) =>
    createRelayFlow({
      url: "https://app.test/agent/execute",
      getTicket,
      fetch: (request) => relay.app.fetch(request),
    });
  return { ...relay, flowOf };
}

test("a page calls with a ticket, and gets another one when that has expired", async () => {
  const { flowOf } = await withTickets();
  const given: string[] = [];
  const flow = flowOf(async () => {
    const ticket = await signTicket({
      user: "ann",
      secret: ticketSecret,
      expiresInMs: given.length === 0 ? 0 : 60_000,
    });
    given.push(ticket);
    return ticket;
  });
  const { executionId } = await flow.execute({ message: "a" });
  expect(await flow.run(executionId).summary()).toMatchObject({ status: "completed" });
  expect(given).toHaveLength(2);
});

test("without a ticket nobody is let in", async () => {
  const { call, flowOf } = await withTickets();
  expect(await refusal(await call("POST", "/execute", { body: { message: "a" } }))).toBe("401 UNAUTHENTICATED");
  await expect(flowOf(() => "nkt_forged").execute({ message: "a" })).rejects.toThrow(AuthenticationError);
});

test("a ticket lends the runs that it names, to its user alone", async () => {
  const { flowOf, server } = await withTickets();
  const noukai = new Noukai({ apiKey: KEY, fetch: async (request) => server.app.fetch(request) });
  const { executionId } = await noukai.flow("acme/spelling/grade-3").execute({ message: "a" });
  const anns = flowOf(() => signTicket({ user: "ann", secret: ticketSecret, runs: [executionId] }));
  expect((await Array.fromAsync(anns.run(executionId).liveTrace())).at(-1)?.type).toBe("flow_completed");
  const bobs = flowOf(() => signTicket({ user: "bob", secret: ticketSecret }));
  await expect(bobs.run(executionId).summary()).rejects.toThrow(FlowNotFoundError);
});

test("`authorize` is told what the ticket says", async () => {
  const { call } = await relayToServer({
    ticketSecret: () => ticketSecret,
    authorize: (_, { ticket }) => ({ user: ticket?.user ?? "guest" }),
  });
  const ticket = await signTicket({ user: "ann", secret: ticketSecret });
  const headers = { authorization: `Bearer ${ticket}` };
  const response = await call("POST", "/execute", { body: { message: "a" }, headers });
  const path = `/runs/${response.headers.get("x-noukai-execution-id")}`;
  expect((await call("GET", path, { headers })).status).toBe(200);
  expect((await call("GET", path)).status).toBe(404);
});

test("a relay that does not know who calls is not made", () => {
  const options = { flow: "acme/spelling/grade-3" };
  expect(() => flowRelay(options)).toThrow(ValueError);
  expect(() => flowRelay({ ...options, ticketSecret, flow: "grade-3" })).toThrow("org/project/slug");
  expect(() => flowRelay({ ...options, ticketSecret, version: 0 })).toThrow(ValueError);
  expect(() => flowRelay({ ticketSecret, flows: {} })).toThrow(ValueError);
});

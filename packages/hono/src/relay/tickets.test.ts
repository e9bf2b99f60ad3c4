import { ValueError } from "@noukai/sdk";
import { describe, expect, test } from "vitest";
import { readTicket, signTicket } from "./tickets.ts";

const secret = "a secret of thirty-two characters";
const other = "another secret of thirty-two chars";
const RUN = "01a1f7ef-e7b7-7585-a447-ba6b5459a927";

test("a ticket says who calls, and which runs are theirs beside", async () => {
  const ticket = await signTicket({ user: "ann@example.org – ünï 🐈", runs: [RUN], secret });
  expect(ticket).toMatch(/^nkt_[\w-]+\.[\w-]{43}$/);
  expect(await readTicket(ticket, { secret })).toEqual({ user: "ann@example.org – ünï 🐈", runs: [RUN] });
});

test("a ticket is taken until it expires", async () => {
  let at = 1_000;
  const now = (): number => at;
  const ticket = await signTicket({ user: "ann", secret, now });
  at += 15 * 60_000 - 1;
  expect(await readTicket(ticket, { secret, now })).toMatchObject({ user: "ann" });
  at += 1;
  expect(await readTicket(ticket, { secret, now })).toBeUndefined();
});

test("of several secrets the first signs, and each is taken", async () => {
  const old = await signTicket({ user: "ann", secret: other });
  expect(await readTicket(old, { secret: [secret, other] })).toMatchObject({ user: "ann" });
  const fresh = await signTicket({ user: "ann", secret: [secret, other] });
  expect(await readTicket(fresh, { secret })).toMatchObject({ user: "ann" });
  expect(await readTicket(fresh, { secret: other })).toBeUndefined();
});

describe("a ticket is refused", () => {
  test("with any one of its characters changed", async () => {
    const ticket = await signTicket({ user: "ann", secret });
    // The last character carries two bits that mean nothing.
    for (let at = 4; at < ticket.length - 1; at++) {
      const changed = `${ticket.slice(0, at)}${ticket[at] === "A" ? "B" : "A"}${ticket.slice(at + 1)}`;
      expect(await readTicket(changed, { secret }), changed).toBeUndefined();
    }
  });

  test.each(["", "nkt_", "nkt_a.b", "nk_live_abc", `nkt_${"A".repeat(10)}.${"A".repeat(43)}`, "nkt_e30."])(
    "that is none: %j",
    async (ticket) => expect(await readTicket(ticket, { secret })).toBeUndefined(),
  );

  test("with the content of one and the signature of another", async () => {
    const [ann = "", bob = ""] = await Promise.all(["ann", "bob"].map((user) => signTicket({ user, secret })));
    const mixed = `${bob.split(".")[0]}.${ann.split(".")[1]}`;
    expect(await readTicket(mixed, { secret })).toBeUndefined();
  });
});

test.each(["", "too short", [], [secret, "too short"]])("a secret that can be guessed is none: %j", async (weak) => {
  await expect(signTicket({ user: "ann", secret: weak })).rejects.toThrow(ValueError);
});

test("a ticket for nobody is none", async () => {
  await expect(signTicket({ user: "", secret })).rejects.toThrow(ValueError);
});

import { Hono } from "hono";
import { expect, test } from "vitest";
import { fetchHandler } from "./index.ts";

const app = new Hono<{ Bindings: { readonly NAME?: string } }>()
  .get("/here", (c) => c.text(`${c.env.NAME ?? "nobody"} at ${c.req.path}`))
  .post("/here", async (c) => c.text(await c.req.text()));

test("an app answers at its path of another framework's", async () => {
  const handler = fetchHandler(app, "/api/flows");
  expect(await (await handler(new Request("https://app.test/api/flows/here"))).text()).toBe(
    "nobody at /api/flows/here",
  );
  expect((await handler(new Request("https://app.test/here"))).status).toBe(404);
});

test("bodies and bindings are handed on", async () => {
  const handler = fetchHandler(app);
  const posted = new Request("https://app.test/here", { method: "POST", body: "a word" });
  expect(await (await handler(posted)).text()).toBe("a word");
  expect(await (await handler(new Request("https://app.test/here"), { NAME: "ann" })).text()).toBe("ann at /here");
});

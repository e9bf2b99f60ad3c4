import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { startTestServer } from "./harness.ts";

/** Where a page's tags lead: its own assets. */
function assetsOf(page: string): readonly string[] {
  return Array.from(page.matchAll(/<(?:script|link)[^>]* (?:src|href)="(\/[^"]*)"/g), ([, path = ""]) => path);
}

test("the reference page and all that it loads come from this server, without a key", async () => {
  const server = await startTestServer();
  const response = await server.call("GET", "/reference", { key: null });
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
  const page = await response.text();
  const assets = assetsOf(page);
  expect(assets).toContain("/reference/swagger-ui.js");
  for (const path of assets) {
    const asset = await server.call("GET", path, { key: null });
    expect([path, asset.status]).toEqual([path, 200]);
    expect((await asset.text()).length).toBeGreaterThan(0);
  }
  expect(page.replaceAll(/<a [^>]*>/g, "")).not.toMatch(/https?:|<script>|<style|style=| on\w+=/);
});

test("the pages' policy lets nothing in from elsewhere, and no key out", async () => {
  const server = await startTestServer();
  for (const path of ["/", "/reference", "/reference/page.js"]) {
    const { headers } = await server.call("GET", path, { key: null });
    const policy = new Map(
      (headers.get("content-security-policy") ?? "").split("; ").map((rule) => [rule.split(" ")[0], rule]),
    );
    expect(policy.get("default-src")).toBe("default-src 'none'");
    for (const kind of ["script-src", "connect-src", "style-src"]) expect(policy.get(kind)).toBe(`${kind} 'self'`);
    for (const kind of ["base-uri", "form-action", "frame-ancestors"]) expect(policy.get(kind)).toBe(`${kind} 'none'`);
    expect([headers.get("x-content-type-options"), headers.get("referrer-policy")]).toEqual(["nosniff", "no-referrer"]);
  }
});

test("an asset is packed for who takes it so, and a browser that has it is told so", async () => {
  const server = await startTestServer();
  const path = "/reference/swagger-ui.css";
  const plain = await server.call("GET", path);
  const zipped = await server.call("GET", path, { headers: { "accept-encoding": "br, gzip" } });
  expect([plain.headers.get("content-encoding"), zipped.headers.get("content-encoding")]).toEqual([null, "gzip"]);
  expect(gunzipSync(await zipped.arrayBuffer()).toString()).toBe(await plain.text());
  const again = await server.call("GET", path, { headers: { "if-none-match": plain.headers.get("etag") ?? "" } });
  expect([again.status, await again.text()]).toEqual([304, ""]);
});

test("the page at the root leads to the reference", async () => {
  const server = await startTestServer();
  const page = await (await server.call("GET", "/", { key: null })).text();
  for (const [, path = ""] of page.matchAll(/<a href="([^"]*)"/g)) {
    expect([path, (await server.call("GET", path, { key: null })).status]).toEqual([path, 200]);
  }
});

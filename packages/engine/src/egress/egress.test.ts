import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { type EgressRule, parseEgressAllow } from "./allow-list.ts";
import { createEgress, type EgressRequest } from "./egress.ts";
import { hostileUrls } from "../../test/hostile-urls.ts";
import type { ResolveHost } from "./resolve.ts";

const never = new AbortController().signal;

function rules(text: string): readonly EgressRule[] {
  const parsed = parseEgressAllow(text);
  if ("faults" in parsed) throw new Error(parsed.faults.join());
  return parsed.rules;
}

function get(url: string, changes: Partial<EgressRequest> = {}): EgressRequest {
  return { url, method: "GET", timeoutMs: 5_000, maxResponseBytes: 1_000, signal: never, ...changes };
}

const hosts: Readonly<Record<string, readonly string[]>> = {
  "loopback.hosts.example.com": ["127.0.0.1"],
  "metadata.hosts.example.com": ["169.254.169.254"],
  "loopback6.hosts.example.com": ["::1"],
  "mapped.hosts.example.com": ["::ffff:10.0.0.1"],
  "nat64.hosts.example.com": ["64:ff9b::a9fe:a9fe"],
  "mixed4.hosts.example.com": ["93.184.216.34", "10.0.0.1"],
  "mixed6.hosts.example.com": ["2606:4700::1111", "fd00::1"],
  "mixedfamilies.hosts.example.com": ["93.184.216.34", "::1"],
  "nothing.hosts.example.com": [],
  "garbage.hosts.example.com": ["not an address"],
  "hooks.internal": ["10.9.0.1"],
  "octal.hosts.example.com": ["0177.0.0.1"],
};

/** Answers from the table, and whatever else is asked with a public address. */
const resolve: ResolveHost = async (host) => hosts[host] ?? ["93.184.216.34"];

interface Seen {
  readonly url: string | undefined;
  readonly host: string | undefined;
  readonly from: string | undefined;
}

/** A server on one of this machine's addresses, and what it was asked for. */
async function listen(answer: RequestListener, address = "127.0.0.1", port = 0) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    seen.push({ url: request.url, host: request.headers.host, from: request.socket.localAddress });
    answer(request, response);
  });
  server.listen(port, address);
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { seen, port: (server.address() as AddressInfo).port }; // as: it listens on a port
}

describe("what is refused", () => {
  const cases = Object.entries(hostileUrls).flatMap(([kind, urls]) => urls.map((url) => [kind, url] as const));

  test("is tried in more than eighty ways", () => {
    expect(new Set(cases.map(([, url]) => url)).size).toBeGreaterThan(120);
  });

  test.each(cases)("%s: %j", async (_, url) => {
    const egress = createEgress({ resolve });
    await expect(egress.request(get(url))).rejects.toMatchObject({ name: "EgressError", code: "EGRESS_REFUSED" });
  });

  test.each(cases.filter(([kind]) => kind !== "names that lead inside"))(
    "%s, before anybody is asked: %j",
    (_, url) => {
      expect(createEgress().fault(url)).toMatch(/^must /);
    },
  );

  test("stays refused where the list lets other things through", async () => {
    const egress = createEgress({ allow: rules("http://127.0.0.2:9000, hooks.internal:8443, 10.1.0.0/16"), resolve });
    const refused = [
      ...(hostileUrls["IPv4 in IPv6"] ?? []),
      ...(hostileUrls["old spellings of IPv4"] ?? []),
      "http://8.8.8.8/",
      "http://127.0.0.1:9000/",
      "http://127.0.0.2/",
      "https://169.254.169.254/",
    ];
    for (const url of [
      ...refused,
      "https://hooks.internal:9443/",
      "http://hooks.internal:8443/",
      "http://example.com:9000/",
    ])
      await expect(egress.request(get(url)), url).rejects.toMatchObject({ code: "EGRESS_REFUSED" });
  });

  test("never says where a name led", async () => {
    const asked = createEgress({ resolve }).request(get("https://metadata.hosts.example.com/secret-path?token=1"));
    await expect(asked).rejects.toThrow("metadata.hosts.example.com: the address must not lead to a private");
    await expect(asked).rejects.not.toThrow(/169\.254|secret-path|token/);
  });
});

test.each([
  "https://example.com",
  "https://example.com/hooks?token=a%20b#top",
  "https://EXAMPLE.com/Hooks",
  "https://example.com:443/",
  "https://example.com:8443/hooks",
  "https://a-b.c_d.example.co.uk/",
  "https://xn--bcher-kva.example/",
  "https://93.184.216.34/",
  "https://[2606:4700::1111]/",
  "https://example.com/bücher",
  "https://example.com/a@b",
  "https://internal.example.com/",
])("%s is let go", (url) => {
  expect(createEgress().fault(url)).toBeUndefined();
});

describe("a request", () => {
  test("goes where its name led the first time, and asks no second time", async () => {
    const inside = await listen((_, response) => response.end("inside"), "127.0.0.2");
    const outside = await listen((_, response) => response.end("outside"), "127.0.0.1", inside.port);
    const asked: string[] = [];
    const rebinding: ResolveHost = async (host) => (asked.push(host) === 1 ? ["127.0.0.1"] : ["127.0.0.2"]);
    const egress = createEgress({ allow: rules(`http://127.0.0.1:${outside.port}`), resolve: rebinding });
    const url = `http://rebind.example.com:${outside.port}/`;
    expect(await egress.request(get(url))).toMatchObject({ status: 200, body: Buffer.from("outside") });
    expect(asked).toEqual(["rebind.example.com"]);
    await expect(egress.request(get(url))).rejects.toMatchObject({ code: "EGRESS_REFUSED" });
    expect(outside.seen).toEqual([{ url: "/", host: `rebind.example.com:${outside.port}`, from: "127.0.0.1" }]);
    expect(inside.seen).toEqual([]);
  });

  test("tries the next of the addresses that were checked when the first is not there", async () => {
    const { port, seen } = await listen((_, response) => response.end(), "127.0.0.3");
    const egress = createEgress({
      allow: rules("http://127.0.0.0/8"),
      resolve: async () => ["127.0.0.4", "127.0.0.3"],
    });
    expect(await egress.request(get(`http://two.example.com:${port}/`))).toMatchObject({ status: 200 });
    expect(seen).toHaveLength(1);
  });

  test("takes a redirect for the answer, and whoever follows it comes through the guard again", async () => {
    const { port, seen } = await listen((_, response) => {
      response.writeHead(302, { location: "http://169.254.169.254/latest/meta-data/" }).end();
    });
    const egress = createEgress({ allow: rules(`http://127.0.0.1:${port}`) });
    const { status, headers } = await egress.request(get(`http://127.0.0.1:${port}/`));
    expect([status, headers.location, seen.length]).toEqual([302, "http://169.254.169.254/latest/meta-data/", 1]);
    await expect(egress.request(get(headers.location ?? ""))).rejects.toMatchObject({ code: "EGRESS_REFUSED" });
  });

  test("sends its headers and body, and no others that tell of this process", async () => {
    const bodies: string[] = [];
    const headers: object[] = [];
    const { port } = await listen((request, response) => {
      headers.push(request.headers);
      request.setEncoding("utf8").on("data", (text: string) => bodies.push(text));
      request.on("end", () => response.writeHead(204).end());
    });
    const egress = createEgress({ allow: rules(`http://127.0.0.1:${port}`) });
    const url = `http://127.0.0.1:${port}/`;
    await egress.request(get(url, { method: "POST", headers: { "webhook-id": "msg_1" }, body: "{}" }));
    const host = `127.0.0.1:${port}`;
    const expected = {
      host,
      "webhook-id": "msg_1",
      "content-length": "2",
      "user-agent": "Noukai",
      connection: "close",
    };
    expect([bodies, headers]).toEqual([["{}"], [expected]]);
  });

  test("reads no more of an answer than it may", async () => {
    const { port } = await listen((_, response) => {
      const more = (): void => void (response.writable && response.write("x".repeat(65_536), more));
      more();
    });
    const egress = createEgress({ allow: rules(`http://127.0.0.1:${port}`) });
    const { body, isCut } = await egress.request(get(`http://127.0.0.1:${port}/`, { maxResponseBytes: 100_000 }));
    expect([body.length, isCut]).toEqual([100_000, true]);
    const none = await egress.request(get(`http://127.0.0.1:${port}/`, { maxResponseBytes: 0 }));
    expect([none.status, none.body.length]).toEqual([200, 0]);
  });

  test.each<[string, RequestListener]>([
    ["never answers", () => undefined],
    ["sends a byte now and then", (_, response) => void setInterval(() => response.write("x"), 5).unref()],
    [
      "promises an answer again and again",
      (_, response) => void setInterval(() => response.writeProcessing(), 5).unref(),
    ],
  ])("is given up in time when the other side %s", async (_, answer) => {
    const { port } = await listen(answer);
    const egress = createEgress({ allow: rules(`http://127.0.0.1:${port}`) });
    const asked = egress.request(get(`http://127.0.0.1:${port}/`, { timeoutMs: 100 }));
    await expect(asked).rejects.toMatchObject({
      code: "EGRESS_FAILED",
      message: "127.0.0.1 did not answer within 100 ms.",
    });
  });

  test("is given up in time when the name server never answers", async () => {
    const egress = createEgress({ resolve: () => new Promise(() => undefined) });
    const asked = egress.request(get("https://example.com/", { timeoutMs: 50 }));
    await expect(asked).rejects.toMatchObject({
      code: "EGRESS_FAILED",
      message: "example.com did not answer within 50 ms.",
    });
  });

  test("ends at once with its caller's reason", async () => {
    const controller = new AbortController();
    const { port } = await listen(() => controller.abort(new Error("stopped")));
    const egress = createEgress({ allow: rules(`http://127.0.0.1:${port}`) });
    await expect(egress.request(get(`http://127.0.0.1:${port}/`, { signal: controller.signal }))).rejects.toThrow(
      "stopped",
    );
    await expect(egress.request(get("https://example.com/", { signal: controller.signal }))).rejects.toThrow("stopped");
  });

  test("that the other side breaks off, or answers with something else, has failed", async () => {
    const { port } = await listen((request) => void request.socket.end("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
    const egress = createEgress({ allow: rules("http://127.0.0.1") });
    await expect(egress.request(get(`http://127.0.0.1:${port}/`))).rejects.toMatchObject({ code: "EGRESS_FAILED" });
    const broken = await listen((request) => void request.socket.destroy());
    await expect(egress.request(get(`http://127.0.0.1:${broken.port}/`))).rejects.toMatchObject({
      code: "EGRESS_FAILED",
      message: "127.0.0.1 did not answer (ECONNRESET).",
    });
  });
});

describe("over https", () => {
  const fixture = (name: string): string =>
    readFileSync(new URL(`./fixtures/hooks.example.test.${name}`, import.meta.url), "utf8");

  async function listenTls(): Promise<{ readonly port: number; readonly asked: string[] }> {
    const asked: string[] = [];
    const server = createTlsServer({ key: fixture("key"), cert: fixture("crt") }, (request, response) => {
      const { servername } = request.socket as { servername?: string | false }; // as: it is a TLS socket
      asked.push(`${servername || "-"} ${request.headers.host}`);
      response.end();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const before = getCACertificates();
    setDefaultCACertificates([...before, fixture("crt")]);
    onTestFinished(() => setDefaultCACertificates(before));
    return { asked, port: (server.address() as AddressInfo).port }; // as: it listens on a port
  }

  test("the name is what is asked for and what the other side has to prove, whatever the address", async () => {
    const { port, asked } = await listenTls();
    const egress = createEgress({ allow: rules("127.0.0.1"), resolve: async () => ["127.0.0.1"] });
    expect(await egress.request(get(`https://hooks.example.test:${port}/`))).toMatchObject({ status: 200 });
    expect(asked).toEqual([`hooks.example.test hooks.example.test:${port}`]);
  });

  test("a side that proves another name, or none, is not talked to", async () => {
    const { port, asked } = await listenTls();
    const egress = createEgress({ allow: rules("127.0.0.1"), resolve: async () => ["127.0.0.1"] });
    for (const host of ["other.example.test", "127.0.0.1"]) {
      await expect(egress.request(get(`https://${host}:${port}/`))).rejects.toMatchObject({
        code: "EGRESS_FAILED",
        message: `${host} did not answer (ERR_TLS_CERT_ALTNAME_INVALID).`,
      });
    }
    expect(asked).toEqual([]);
  });
});

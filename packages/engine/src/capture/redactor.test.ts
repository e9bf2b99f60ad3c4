import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../flow/definition.ts";
import { createRedactor } from "./redactor.ts";
import { takeTurn } from "./turn.ts";

const builtIn = createRedactor([]);
const redact = (text: string): Promise<string> => builtIn.text(text, takeTurn());
const redactObject = (value: JsonObject): Promise<JsonObject> => builtIn.object(value, takeTurn());

const pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nAAAA\n-----END RSA PRIVATE KEY-----";
const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";

describe("built-in rules", () => {
  test.each([
    ["a Noukai key", "key nk_live_abcd1234_0123456789abcdef0123456789abcdef!", "key [redacted:api-key]!"],
    ["a ticket", "nkt_abcd1234efgh", "[redacted:api-key]"],
    ["an OpenAI key", "use sk-proj-abcDEF123456_7890 now", "use [redacted:api-key] now"],
    ["an Anthropic key", "sk-ant-api03-AAAAbbbbCCCC", "[redacted:api-key]"],
    ["a Stripe key", "sk_live_abcdefghijklmnop", "[redacted:api-key]"],
    ["a GitHub token", "ghp_abcdefghijklmnopqrstuvwxyz0123456789", "[redacted:api-key]"],
    ["a Slack token", "xoxb-1234567890-abcdef", "[redacted:api-key]"],
    ["a Google key", "AIzaSyA1234567890abcdefghijklmnopqrstuv", "[redacted:api-key]"],
    ["an AWS key id", "AKIAIOSFODNN7EXAMPLE,", "[redacted:api-key],"],
    [
      "an AWS secret",
      "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCY",
      "AWS_SECRET_ACCESS_KEY=[redacted:secret]",
    ],
    ["a bearer token", "Authorization: Bearer abc.def-123", "Authorization: Bearer [redacted:token]"],
    ["basic credentials", "Authorization: Basic dXNlcjpwYXNzd29yZA==", "Authorization: Basic [redacted:token]"],
    ["a JSON Web Token", `token ${jwt}.`, "token [redacted:jwt]"],
    ["a private key", `before ${pem} after`, "before [redacted:private-key] after"],
    ["a private key that was cut off", pem.slice(0, 40), "[redacted:private-key]"],
    ["a private key in JSON", JSON.stringify({ pem }), '{"pem":"[redacted:private-key]"}'],
    ["a password in a URL", "postgres://noukai:hunter2@db:5432/x", "postgres://noukai:[redacted:password]@db:5432/x"],
    ["an assigned password", "password=hunter2 done", "password=[redacted:secret] done"],
    ["a password in JSON", '{"password":"two words","a":1}', '{"password":"[redacted:secret]","a":1}'],
    ["an e-mail address", "from Ann.Lee+x@mail.example.co.uk, hi", "from [redacted:email], hi"],
    ["an e-mail address of another script", "an jörg@müller.example", "an [redacted:email]"],
    ["an e-mail address in a URL", "?to=ann%40example.com&x", "?to=[redacted:email]&x"],
    ["a card in groups", "pay 4111 1111 1111 1111 2026", "pay [redacted:card] 2026"],
    ["a card with hyphens", "5500-0000-0000-0004.", "[redacted:card]."],
    ["a card of fifteen digits", "378282246310005", "[redacted:card]"],
    ["a card behind another number", "12 4111111111111111", "12 [redacted:card]"],
  ])("hide %s", async (_, text, shown) => {
    expect(await redact(text)).toBe(shown);
  });

  test.each([
    ["a card number whose check digit is wrong", "4111 1111 1111 1112"],
    ["a time in milliseconds", "at 1763622000000 sharp"],
    ["a UUID", "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10"],
    ["a hash", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0bb822cd15d6c15b0f00a8"],
    ["prose", "The bearer of good news asked a basic question: is the API key to success hard work?"],
    ["a mention", "ask @ann about risk-averse task-forces"],
    ["code", "const total = items.reduce((sum, item) => sum + item.price, 0);"],
  ])("leave %s", async (_, text) => {
    expect(await redact(text)).toBe(text);
  });

  test("reach strings everywhere, names of members, and numbers", async () => {
    const value = {
      "ann@example.com": { list: [["bob@example.com"], 4_111_111_111_111_111, 42, true, null] },
      "eve@example.com": "x",
    };
    expect(await redactObject(value)).toEqual({
      "[redacted:email]": { list: [["[redacted:email]"], "[redacted:card]", 42, true, null] },
      "[redacted:email]#2": "x",
    });
  });

  test("hide what stands under a name that says secret", async () => {
    const value = {
      password: "x",
      "X-Api-Key": "y",
      client_secret: 5,
      authorization: { kept: "z" },
      passwordHint: "dog",
    };
    expect(await redactObject(value)).toEqual({
      password: "[redacted:secret]",
      "X-Api-Key": "[redacted:secret]",
      client_secret: "[redacted:secret]",
      authorization: { kept: "z" },
      passwordHint: "dog",
    });
  });
});

describe("own patterns", () => {
  const own = createRedactor([
    { name: "customer", pattern: "\\bK-\\d{4}\\b" },
    { name: "word", pattern: "(?i)secretly|redacted" },
  ]);

  test("hide what they match, and never look into what is hidden already", async () => {
    expect(await own.text("K-1234 and K-12345 wrote SECRETLY to a@b.example", takeTurn())).toBe(
      "[redacted:customer] and K-12345 wrote [redacted:word] to [redacted:email]",
    );
  });

  test("a marker that nobody made here is text like any other", async () => {
    expect(await own.text("[redacted:K-1234]", takeTurn())).toBe("[[redacted:word]:[redacted:customer]]");
  });

  test("a hostile one cannot block", async () => {
    const hostile = createRedactor([{ name: "slow", pattern: "(a+)+(a+)+(a+)+b" }]);
    const text = "a".repeat(60_000);
    expect(await hostile.text(text, takeTurn())).toBe(text);
  });
});

/** Texts in which the rules find something often. */
const suspicious = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "nk_live_abcdefgh_1234",
        "sk-",
        "Bearer ",
        "password=",
        "a@b.example",
        "4111 1111 1111 1111",
        " 5",
        pem,
      ),
      fc.constantFrom(
        "-----BEGIN PRIVATE KEY-----",
        "://u:p@h",
        jwt,
        '"',
        "\\",
        "[redacted:email]",
        "[redacted:",
        "]",
        " ",
      ),
      fc.string(),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(" "));

test("what was redacted holds nothing more to redact", async () => {
  await fc.assert(
    fc.asyncProperty(suspicious, async (text) => {
      const once = await redactObject({ [text]: [text, { password: text }] });
      expect(await redactObject(once)).toEqual(once);
    }),
    { numRuns: 500 },
  );
});

test("own patterns of any kind leave every marker whole", async () => {
  const patterns = fc.constantFrom("\\w+", ".", "[a-z]", "\\[", "@", "\\d+", "e", "[^ ]+");
  await fc.assert(
    fc.asyncProperty(suspicious, fc.array(patterns, { maxLength: 3 }), async (text, sources) => {
      const redactor = createRedactor(sources.map((pattern, index) => ({ name: `own-${"abc"[index]}`, pattern })));
      const shown = await redactor.text(`ann@example.com ${text.replaceAll("redacted", "")}`, takeTurn());
      const whole = shown.match(/\[redacted:(?:[a-z-]+)\]/g) ?? [];
      expect(shown.match(/redacted/g)).toHaveLength(whole.length);
    }),
  );
});

test("a value keeps its shape, and what no rule is about", async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.stringMatching(/^[a-z]{0,4}$/), fc.jsonValue()), async (value) => {
      const shown = await redactObject(value as JsonObject);
      expect(shapeOf(shown)).toEqual(shapeOf(value as JsonObject));
    }),
  );
});

function shapeOf(value: Json): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value === "object" && value !== null) return Object.values(value).map(shapeOf);
  return value === null || typeof value === "boolean" ? value : "leaf";
}

test("what lies far behind is left out, and what is cut in two is not shown in part", async () => {
  const long = `${"x".repeat(65_530)} ann@example.com ${"y".repeat(100_000)}`;
  const { text, rest } = await redactObject({ text: long, rest: "never seen" });
  expect(JSON.stringify(text).length).toBeLessThan(66_000);
  expect(text).toMatch(/^x+ .{0,20}…$/u);
  expect(text).not.toContain("ann@");
  expect(rest).toBeUndefined();
  expect((await redactObject({ list: Array.from({ length: 1_000_000 }, () => []) }))["list"]).toHaveLength(65_531);
});

test("others get their turn while a large value is worked on", async () => {
  const own = Array.from({ length: 20 }, (_, index) => ({
    name: `own-${"abcdefghijklmnopqrst"[index]}`,
    pattern: `[A-Z]${index}-(\\d{8}|[a-z]+x)+`,
  }));
  let isDone = false;
  let turns = 0;
  const count = (): void => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  await createRedactor(own).object({ text: "The customer wrote about order A1-12345678. ".repeat(1_500) }, takeTurn());
  isDone = true;
  expect(turns).toBeGreaterThan(1);
});

import { expect, test } from "vitest";
import { parseProject } from "./project.ts";

const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

test("reads every setting", () => {
  const text = `
creditsUsd: "25.50"
limits: { requestsPerMinute: 60, concurrentRuns: 10, tokensPerRun: 100000, usdPerRun: 0.5 }
$schema: ../../../schemas/project.schema.json
capture: redacted
redact: [{ name: customer, pattern: 'K-\\d{8}' }]
retention: { days: 30 }
corsOrigins: [https://app.example.com, "http://localhost:5173"]
webhookSecret: ${secret}
`;
  expect(parseProject(text)).toEqual({
    ok: true,
    settings: {
      creditsUsd: "25.50",
      limits: { requestsPerMinute: 60, concurrentRuns: 10, tokensPerRun: 100_000, usdPerRun: 0.5 },
      $schema: "../../../schemas/project.schema.json",
      capture: "redacted",
      redact: [{ name: "customer", pattern: "K-\\d{8}" }],
      retention: { days: 30 },
      corsOrigins: ["https://app.example.com", "http://localhost:5173"],
      webhookSecret: secret,
    },
  });
});

test.each(["", "# nothing yet\n", "{}"])("%j sets nothing", (text) => {
  expect(parseProject(text)).toEqual({ ok: true, settings: {} });
});

test.each([
  ["creditsUsd: -1", "1:13 creditsUsd"],
  ["creditsUsd: lots", "1:13 creditsUsd"],
  ["creditUsd: 1", "1:1 creditUsd"],
  ["limits: 5", "1:9 limits"],
  ["limits:\n  requestsPerMinute: 0", "2:22 limits.requestsPerMinute"],
  ["limits:\n  requestPerMinute: 5", "2:3 limits.requestPerMinute"],
  ["redact: [{ name: No, pattern: a }]", "1:18 redact[0].name"],
  ["redact: [{ name: a, pattern: '(' }]", "1:30 redact[0].pattern"],
  ["redact: [{ name: a, pattern: '(?=a)' }]", "1:30 redact[0].pattern"],
  ["redact: [{ name: a, pattern: '((a{100}){10}){10}' }]", "1:30 redact[0].pattern"],
  ["redact: [{ name: a, pattern: 'x*' }]", "1:30 redact[0].pattern"],
  ["redact: [{ name: a, pattern: x }, { name: a, pattern: y }]", "1:43 redact[1].name"],
  ["retention: 30", "1:12 retention"],
  ["retention: { days: 0 }", "1:20 retention.days"],
  ["capture: none", "1:10 capture"],
  ["corsOrigins: '*'", "1:14 corsOrigins"],
  ["corsOrigins: ['*']", "1:15 corsOrigins[0]"],
  ["corsOrigins: [https://app.example.com/]", "1:15 corsOrigins[0]"],
  ["corsOrigins: ['file:///etc']", "1:15 corsOrigins[0]"],
  ["webhookSecret: hunter2", "1:16 webhookSecret"],
  ["webhookSecret: whsec_c2hvcnQ=", "1:16 webhookSecret"],
  ["capture: full\ncapture: off", "2:1 capture"],
  ["[]", "1:1 "],
  ["capture: [", "1:11 "],
])("refuses %j at %s", (text, place) => {
  const result = parseProject(text);
  expect(result.ok || result.issues.map(({ path, line, column }) => `${line}:${column} ${path}`)).toEqual([place]);
});

test("never shows a secret", () => {
  expect(JSON.stringify(parseProject("webhookSecret: hunter2"))).not.toContain("hunter2");
});

import { expect, test } from "vitest";
import {
  requireSlug,
  toAttempt,
  toCursor,
  toIdempotencyKey,
  toPageLimit,
  toUuid,
  toSessionId,
  toVersionRef,
} from "./params.ts";

test.each([
  [undefined, "production"],
  ["v0", "draft"],
  ["v1", 1],
  ["v2147483647", 2_147_483_647],
])("version segment %s", (segment, version) => {
  expect(toVersionRef(segment)).toBe(version);
});

test.each(["main", "v", "v-1", "v01", "v1.5", "V1", "v2147483648", "v99999999999"])(
  "%s is INVALID_VERSION",
  (segment) => {
    expect(() => toVersionRef(segment)).toThrow(expect.objectContaining({ code: "INVALID_VERSION" }));
  },
);

test.each(["ab", "grade-3", "0-0", "a".repeat(50)])("%s is a slug", (slug) => {
  expect(requireSlug("flow", slug)).toBe(slug);
});

test.each(["a", "-ab", "ab-", "Ab", "a_b", "ä2", "a".repeat(51), "ab\n"])("%j is not a slug", (slug) => {
  expect(() => requireSlug("flow", slug)).toThrow(
    expect.objectContaining({ code: "INVALID_REQUEST", message: expect.stringMatching(/^flow must be/) }),
  );
});

test("a run id is a UUID in either case; anything else is not looked up", () => {
  expect(toUuid("0199F3C2-7A41-7E0C-9B1D-4F6A2C8E5D10")).toBe("0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10");
  expect(toUuid("0199f3c2")).toBeUndefined();
});

test("headers that are absent or empty mean nothing", () => {
  expect([toSessionId(undefined), toSessionId(""), toIdempotencyKey(""), toCursor(undefined), toCursor("")]).toEqual([
    undefined,
    undefined,
    undefined,
    0,
    0,
  ]);
});

test.each([
  ["X-Session-Id", () => toSessionId("session-1")],
  ["Idempotency-Key", () => toIdempotencyKey("k".repeat(256))],
  ["Last-Event-ID", () => toCursor("-1")],
  ["Last-Event-ID", () => toCursor("1.5")],
  ["attempt", () => toAttempt("0")],
  ["attempt", () => toAttempt("first")],
  ["limit", () => toPageLimit("0")],
  ["limit", () => toPageLimit("101")],
])("a wrong %s is refused by its name", (name, read) => {
  expect(read).toThrow(
    expect.objectContaining({ code: "INVALID_REQUEST", message: expect.stringMatching(new RegExp(`^${name} must`)) }),
  );
});

import { hash, randomBytes } from "node:crypto";
import type { ApiKeyRecord } from "@noukai/engine";
import type { z } from "zod";
import type { zKeyScope } from "./generated/zod.gen.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const form = /^nk_(live|test)_([A-Za-z0-9]{8})_[A-Za-z0-9]{32}$/;

export type KeyScope = z.infer<typeof zKeyScope>;

/** A key as it was just made. The secret is shown once and kept nowhere. */
export interface MadeKey {
  readonly record: ApiKeyRecord;
  /** The whole key: 32 random characters of 62, 190 bits, behind its public id. */
  readonly secret: string;
}

export function makeKey(options: {
  readonly projectId: string;
  readonly name: string;
  readonly mode: ApiKeyRecord["mode"];
  readonly scopes: readonly KeyScope[];
  /** Absent: it does not expire by itself. */
  readonly expiresAt?: number | undefined;
  /** Opens every project of the organisation. Default false. */
  readonly opensOrganisation?: boolean;
  readonly now: number;
}): MadeKey {
  const { projectId, name, mode, scopes, expiresAt = null, opensOrganisation = false, now } = options;
  const id = randomText(8);
  const secret = makeSecret(mode, id);
  return {
    record: {
      id,
      projectId,
      name,
      mode,
      secretHash: hashKey(secret),
      scopes,
      createdAt: now,
      expiresAt,
      revokedAt: null,
      ...(opensOrganisation && { opensOrganisation }),
    },
    secret,
  };
}

/** A whole key that nothing knows yet. */
export function makeSecret(mode: ApiKeyRecord["mode"], id: string = randomText(8)): string {
  return `nk_${mode}_${id}_${randomText(32)}`;
}

/** The key's public id; `undefined` when this is not a key of ours. */
export function keyIdOf(key: string): string | undefined {
  return form.exec(key)?.[2];
}

/** Hex SHA-256. No salt and no stretching: a random key of 190 bits cannot be guessed from it. */
export function hashKey(key: string): string {
  return hash("sha256", key, "hex");
}

function randomText(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      // 248 is the largest multiple of 62 in a byte; what lies above would make the first letters likelier.
      if (byte < 248 && text.length < length) text += alphabet.charAt(byte % alphabet.length);
    }
  }
  return text;
}

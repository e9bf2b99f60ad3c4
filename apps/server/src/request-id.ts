import { randomBytes } from "node:crypto";

const processTag = randomBytes(4).toString("hex");
let count = 0;

/** Unique among this process's requests, and all but certainly among those of all processes; costs no random bytes per request. */
export function nextRequestId(): string {
  count = (count + 1) % 0x1_0000_0000;
  return `req_${processTag}${count.toString(16).padStart(8, "0")}`;
}

import { initial } from "./0001-initial.ts";
import { pausesAndLists } from "./0002-pauses-and-lists.ts";
import { partialOutput } from "./0003-partial-output.ts";
import { settingsAndRetention } from "./0004-settings-and-retention.ts";
import { credits } from "./0005-credits.ts";
import { webhooks } from "./0006-webhooks.ts";
import { executions } from "./0007-executions.ts";
import { waitingRoom } from "./0008-waiting-room.ts";
import { nodes } from "./0009-nodes.ts";

/** The whole history of the PostgreSQL schema: the nth one leads from version n − 1 to n. What is here was released and is never edited. */
export const migrations: readonly string[] = [
  initial,
  pausesAndLists,
  partialOutput,
  settingsAndRetention,
  credits,
  webhooks,
  executions,
  waitingRoom,
  nodes,
];

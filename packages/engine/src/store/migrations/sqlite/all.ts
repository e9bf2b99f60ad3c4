import { initial } from "./0001-initial.ts";
import { pausesAndLists } from "./0002-pauses-and-lists.ts";
import { settingsAndRetention } from "./0003-settings-and-retention.ts";
import { credits } from "./0004-credits.ts";
import { webhooks } from "./0005-webhooks.ts";
import { executions } from "./0006-executions.ts";
import { waitingRoom } from "./0007-waiting-room.ts";

/** The whole history of the SQLite schema: the nth one leads from version n − 1 to n. What is here was released and is never edited. */
export const migrations: readonly string[] = [
  initial,
  pausesAndLists,
  settingsAndRetention,
  credits,
  webhooks,
  executions,
  waitingRoom,
];

import { initial } from "./0001-initial.ts";
import { pausesAndLists } from "./0002-pauses-and-lists.ts";

/** The whole history of the SQLite schema: the nth one leads from version n − 1 to n. What is here was released and is never edited. */
export const migrations: readonly string[] = [initial, pausesAndLists];

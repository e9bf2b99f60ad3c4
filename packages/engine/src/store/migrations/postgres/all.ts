import { initial } from "./0001-initial.ts";
import { pausesAndLists } from "./0002-pauses-and-lists.ts";
import { partialOutput } from "./0003-partial-output.ts";

/** The whole history of the PostgreSQL schema: the nth one leads from version n − 1 to n. What is here was released and is never edited. */
export const migrations: readonly string[] = [initial, pausesAndLists, partialOutput];

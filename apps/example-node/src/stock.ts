import { tool } from "@noukai/sdk";
import { z } from "zod";

/** What the shop has, and what it has ordered. */
export class Stock {
  readonly #counts: Map<string, number>;
  readonly #ordered: string[] = [];

  constructor(counts: Readonly<Record<string, number>>) {
    this.#counts = new Map(Object.entries(counts));
  }

  get ordered(): readonly string[] {
    return this.#ordered;
  }

  /** The tools by which a flow looks into it. Arguments are checked before they come here. */
  tools() {
    const lookUp = tool({
      name: "look_up",
      description: "How many of an article are there.",
      input: z.object({ article: z.string().optional().describe("All of them, when left out.") }),
      execute: ({ article }) =>
        article === undefined ? Object.fromEntries(this.#counts) : { [article]: this.#counts.get(article) ?? 0 },
    });
    const order = tool({
      name: "order",
      description: "Orders so many of an article.",
      input: z.object({ article: z.string(), count: z.number().int().positive() }),
      execute: ({ article, count }) => {
        this.#ordered.push(`${count} × ${article}`);
        return { isOrdered: true };
      },
    });
    return [lookUp, order];
  }
}

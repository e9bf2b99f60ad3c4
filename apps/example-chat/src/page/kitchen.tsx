import { useState } from "react";
import { useTool } from "@noukai/react";
import { z } from "zod";
import { useKept } from "./kept.ts";

z.config({ jitless: true }); // the server's Content-Security-Policy lets no text become code

interface Tools {
  readonly look: boolean;
  readonly add: boolean;
}

/** The shopping list, and what the assistant may do with it. A tool is offered to the model while its component is on the page. */
export function Kitchen() {
  const [items, setItems] = useKept<readonly string[]>("list", ["Flour", "Eggs"]);
  const [tools, setTools] = useKept<Tools>("tools", { look: false, add: false });
  const toggle = (name: keyof Tools) => () => setTools((before) => ({ ...before, [name]: !before[name] }));
  const [isWide] = useState(() => matchMedia("(min-width: 46rem)").matches);
  return (
    <aside aria-label="Kitchen">
      <details open={isWide}>
        <summary>Shopping list and tools</summary>
        <ul className="items">
          {items.map((item, index) => (
            <li key={`${index} ${item}`}>
              {item}
              <button
                type="button"
                className="quiet"
                aria-label={`Take ${item} off the list`}
                onClick={() => setItems((before) => before.filter((_, place) => place !== index))}
              >
                ×
              </button>
            </li>
          ))}
          {items.length === 0 && <li className="note">Nothing to buy.</li>}
        </ul>
        <fieldset>
          <legend>The assistant may</legend>
          <label>
            <input type="checkbox" checked={tools.look} onChange={toggle("look")} /> look at the list
          </label>
          <label>
            <input type="checkbox" checked={tools.add} onChange={toggle("add")} /> add to it, when I agree
          </label>
        </fieldset>
      </details>
      {tools.look && <LookAtList items={items} />}
      {tools.add && <AddToList add={(item) => setItems((before) => [...before, item])} />}
    </aside>
  );
}

function LookAtList({ items }: { readonly items: readonly string[] }) {
  useTool({ name: "look_at_list", description: "What is on the shopping list.", input: z.object({}) }, () => items);
  return null;
}

const ITEM = z.object({
  item: z
    .string()
    .max(80)
    .meta({ examples: ["Two lemons"] }),
});

function AddToList({ add }: { readonly add: (item: string) => void }) {
  const description = "Puts an item on the shopping list.";
  useTool({ name: "add_to_list", description, input: ITEM, needsApproval: true }, ({ item }) => {
    add(item);
    return `On the list now: ${item}.`;
  });
  return null;
}

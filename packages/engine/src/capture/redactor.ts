import type { Json, JsonObject } from "../flow/definition.ts";
import { isList, isObject } from "../flow/json.ts";
import type { RedactionRule } from "../flow/kept.ts";
import { createLru } from "../flow/lru.ts";
import { isCardNumber } from "./cards.ts";
import { builtInNames, builtInRules, isSecretName, marker, ownRule, type TextRule } from "./rules.ts";
import type { Turn } from "./turn.ts";

/** Takes secrets and personal data out of what a trace may show. */
export interface Redactor {
  text(text: string, turn: Turn): Promise<string>;
  /** Strings wherever they are, names of members too. What lies behind the first 64 Ki characters of text is left out: no snapshot shows it. */
  object(value: JsonObject, turn: Turn): Promise<JsonObject>;
}

/** As many as a snapshot has bytes. */
const maxChars = 64 * 1024;

/** Looked at behind that and thrown away: what is cut in two there cannot be recognised. */
const marginChars = 8 * 1024;

const redactors = createLru<string, Redactor>(100);

/** The built-in rules and these, which must be in order. */
export function createRedactor(rules: readonly RedactionRule[]): Redactor {
  const key = JSON.stringify(rules);
  const known = redactors.get(key);
  if (known !== undefined) return known;
  const redactor = compileRedactor(rules);
  redactors.set(key, redactor);
  return redactor;
}

function compileRedactor(own: readonly RedactionRule[]): Redactor {
  const names = new Set([...builtInNames, ...own.map(({ name }) => name)]);
  // Names are letters, digits and hyphens.
  const markers = new RegExp(String.raw`(\[redacted:(?:${[...names].join("|")})\])`);
  const rules = [...builtInRules, ...own.map((rule) => outside(markers, ownRule(rule)))];
  return {
    text: (text, turn) => new Walk(rules, turn).text(text),
    object: (value, turn) => new Walk(rules, turn).object(value),
  };
}

/** The rule, kept away from what stands in place of something already. */
function outside(markers: RegExp, rule: TextRule): TextRule {
  return (text) =>
    text
      .split(markers)
      .map((part, index) => (index % 2 === 0 && part !== "" ? rule(part) : part))
      .join("");
}

/** One value on its way through the rules. */
class Walk {
  readonly #rules: readonly TextRule[];
  readonly #turn: Turn;
  #charsLeft = maxChars;

  constructor(rules: readonly TextRule[], turn: Turn) {
    this.#rules = rules;
    this.#turn = turn;
  }

  async object(value: JsonObject): Promise<JsonObject> {
    const members = new Map<string, Json>();
    const copies = new Map<string, number>();
    for (const [name, inner] of Object.entries(value)) {
      if (this.#charsLeft === 0) break;
      const shown = await this.text(name);
      const copy = (copies.get(shown) ?? 0) + 1;
      copies.set(shown, copy);
      // Two names may look alike once they are hidden.
      members.set(copy === 1 ? shown : `${shown}#${copy}`, await this.#member(name, inner));
    }
    return Object.fromEntries(members);
  }

  async text(text: string): Promise<string> {
    const limit = this.#charsLeft;
    this.#charsLeft = Math.max(0, limit - text.length);
    if (text.length <= limit) return this.#redact(text);
    const shown = await this.#redact(text.slice(0, limit + marginChars));
    return `${shown.slice(0, Math.max(0, shown.length - marginChars))}…`;
  }

  async #member(name: string, value: Json): Promise<Json> {
    const hides = isSecretName(name) && (typeof value === "string" || typeof value === "number");
    return hides ? marker("secret") : this.#value(value);
  }

  async #value(value: Json): Promise<Json> {
    // Each value counts, or a list of nothing would be endless work.
    this.#charsLeft = Math.max(0, this.#charsLeft - 1);
    if (typeof value === "string") return this.text(value);
    if (typeof value === "number") return isCardNumber(value) ? marker("card") : value;
    if (isList(value)) return this.#list(value);
    return isObject(value) ? this.object(value) : value;
  }

  async #list(values: readonly Json[]): Promise<Json> {
    const shown: Json[] = [];
    for (const value of values) {
      if (this.#charsLeft === 0) break;
      shown.push(await this.#value(value));
    }
    return shown;
  }

  async #redact(text: string): Promise<string> {
    let shown = text;
    for (const rule of this.#rules) {
      shown = rule(shown);
      const wait = this.#turn.breathe();
      if (wait !== undefined) await wait;
    }
    return shown;
  }
}

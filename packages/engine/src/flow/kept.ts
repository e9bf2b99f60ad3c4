import { isList, isObject, ownMember } from "./json.ts";
import { integer, list, object, text, type Check } from "./members.ts";
import { compilePattern } from "./schema/pattern.ts";

/** What flows and projects say of the data that their runs leave: what is hidden of it, and how long it is kept. */

/** A pattern of the author's own, for the capture mode `redacted`. */
export interface RedactionRule {
  /** Stands in place of a match, as `[redacted:<name>]`. */
  readonly name: string;
  /** A regular expression of RE2's syntax. */
  readonly pattern: string;
}

/** How long runs are kept; then all of them goes. */
export interface Retention {
  /** Days after a run's end. */
  readonly days: number;
}

/** Rules per flow or project: every text of a run is searched for each of them. */
const maxRules = 20;

const ruleName = text({
  check: (name) =>
    /^[a-z][a-z0-9-]{0,39}$/u.test(name)
      ? undefined
      : "is no name. Use at most 40 lowercase letters, digits and hyphens, a letter first.",
});

const pattern = text({
  minLength: 1,
  maxLength: 500,
  check: (source) => {
    try {
      // What matches nothing at all would be found between any two letters.
      return compilePattern(source).test("") ? "matches the empty text. Make it match something." : undefined;
    } catch (error) {
      return `cannot be used: ${error instanceof Error ? error.message : "it cannot be read"}.`;
    }
  },
});

const rules = list(
  object({ name: { check: ruleName, isRequired: true }, pattern: { check: pattern, isRequired: true } }),
  {
    least: 0,
    most: maxRules,
    of: "rules",
  },
);

export const redactionRules: Check = (value, path, report) => {
  rules(value, path, report);
  const seen = new Set<unknown>();
  for (const [index, rule] of (isList(value) ? value : []).entries()) {
    const name = isObject(rule) ? ownMember(rule, "name") : undefined;
    if (name !== undefined && seen.has(name))
      report({ path: [...path, index, "name"], message: "another rule has this name. Choose another one." });
    seen.add(name);
  }
};

export const retention: Check = object({ days: { check: integer(1, 36_500), isRequired: true } });

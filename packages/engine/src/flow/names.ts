/** Rules for names that a definition gives. Each gives what is wrong, with the fix, or undefined. */

/** Of organisations, projects and flows (`contract.md` §1). */
export function checkSlug(slug: string): string | undefined {
  const isSlug = /^[a-z0-9][a-z0-9-]{0,48}[a-z0-9]$/u.test(slug);
  if (isSlug) return undefined;
  return `\`${shorten(slug)}\` is no slug. Use 2 to 50 lowercase letters, digits and hyphens, no hyphen at either end.`;
}

/** Of steps and of a parallel node's branches. */
export function checkStepId(id: string): string | undefined {
  if (/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/u.test(id)) return undefined;
  return `\`${shorten(id)}\` is no id. Use at most 64 letters, digits, hyphens and underscores, the first one a letter or an underscore.`;
}

export function checkModel(model: string): string | undefined {
  if (model.length <= 200 && /^[A-Za-z0-9_-]+\/\S+$/u.test(model)) return undefined;
  return `\`${shorten(model)}\` is no model. Write \`provider/model\`, such as \`openai/gpt-5-mini\`.`;
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

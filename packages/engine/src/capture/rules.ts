import { compilePattern } from "../flow/schema/pattern.ts";
import type { RedactionRule } from "../flow/kept.ts";
import { redactCards } from "./cards.ts";

/** Puts `[redacted:<name>]` in place of what it finds. */
export type TextRule = (text: string) => string;

export function marker(name: string): string {
  return `[redacted:${name}]`;
}

/**
 * Each of these looks at a place of the text no more often than a fixed number of times: what may repeat without end begins behind something
 * that cannot be part of it, so that a hostile text of any length takes time in proportion to it. They are the language's own because they
 * are ours; patterns of tenants are not.
 */
const privateKey =
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----(?:(?!-----END)[\s\S])*(?:-----END [A-Z0-9 ]{0,60}(?:-----)?)?/g;
const jwt = /(?<![\w-])eyJ[\w-]{6,}\.[\w-]{4,}(?:\.[\w-]*){0,3}/g;
/** Keys of services that mark them: ours, OpenAI, Anthropic, Stripe, GitHub, GitLab, Slack, AWS, Google, Hugging Face, npm, SendGrid, webhooks. */
const apiKey = new RegExp(
  String.raw`nk_(?:live|test)_[A-Za-z0-9_]{8,}|(?<![A-Za-z0-9])(?:${[
    String.raw`nkt?_[A-Za-z0-9_]{8,}`,
    String.raw`(?:sk|rk|pk)[-_][A-Za-z0-9_-]{12,}`,
    String.raw`(?:gh[pousr]_|github_pat_)[A-Za-z0-9_]{16,}`,
    String.raw`glpat-[\w-]{16,}`,
    String.raw`xox[a-z]-[A-Za-z0-9-]{10,}`,
    String.raw`xapp-[A-Za-z0-9-]{10,}`,
    String.raw`(?:AKIA|ASIA|AROA|AIDA|AGPA|ANPA|ABIA|ACCA)[0-9A-Z]{16}(?![0-9A-Za-z])`,
    String.raw`AIza[\w-]{30,}`,
    String.raw`ya29\.[\w-]{16,}`,
    String.raw`hf_[A-Za-z0-9]{16,}`,
    String.raw`npm_[A-Za-z0-9]{30,}`,
    String.raw`SG\.[\w-]{16,}\.[\w-]{16,}`,
    String.raw`whsec_[A-Za-z0-9+/=]{16,}`,
  ].join("|")})`,
  "g",
);
/** Long, or with a digit in it: bearers of news are no tokens. */
const bearer =
  /(?<![A-Za-z0-9])(bearer|authorization["']?[ \t]{0,10}[:=][ \t]{0,10}["']?(?:basic|token|digest|apikey)?)[ \t]{1,10}(?:[\w.~+/=-]{20,}|(?=[A-Za-z.~+/=_-]{0,40}\d)[\w.~+/=-]{6,})/gi;
/** `password=…`, `"api_key": "…"` and the like inside a text; what stands in an object under such a name is `isSecretName`'s. */
const assigned =
  /(?<![A-Za-z0-9])((?:[A-Za-z0-9]{1,30}[_-]){0,3}(?:passwords?|passwd|pwd|secrets?|api[_-]?keys?|(?:access|refresh|client|auth)[_-]?(?:token|secret|key)|private[_-]?key)["'\\]{0,4}[ \t]{0,10}[:=][ \t]{0,10})(\\{0,3}["'])?((?<=["'])[^"'\\\r\n]{1,500}|[^\s"'\\,;&}\][]{3,})/gi;
/** In a URL: `https://user:password@host`. */
const urlPassword = /(?<=:\/\/[^\s/:@]{0,100}:)[^\s/@]{1,200}(?=@)/g;
const email = /(?<![\p{L}\p{N}._%+'-])[\p{L}\p{N}._+'-]+(?:@|%40)[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu;

/** In this order: what is longer comes first, so that nothing takes a piece out of it. */
export const builtInRules: readonly TextRule[] = [
  (text) => (text.includes("-----BEGIN ") ? text.replace(privateKey, marker("private-key")) : text),
  (text) => (text.includes("eyJ") ? text.replace(jwt, marker("jwt")) : text),
  (text) => text.replace(apiKey, marker("api-key")),
  (text) => text.replace(bearer, `$1 ${marker("token")}`),
  (text) => (text.includes("://") ? text.replace(urlPassword, marker("password")) : text),
  (text) => (/[:=]/.test(text) ? text.replace(assigned, `$1$2${marker("secret")}`) : text),
  (text) => (/@|%40/.test(text) ? text.replace(email, marker("email")) : text),
  redactCards,
];

/** What stands in a text already, so that a pattern of somebody's own does not look into it. */
export const builtInNames = ["private-key", "jwt", "api-key", "token", "password", "secret", "email", "card"];

/** A tenant's pattern, which takes linear time whatever it says. Names are letters, digits and hyphens: nothing in them means anything. */
export function ownRule({ name, pattern }: RedactionRule): TextRule {
  const compiled = compilePattern(pattern);
  return (text) => compiled.replaceAll(text, marker(name));
}

const secretNames = new Set([
  "password",
  "passwd",
  "pwd",
  "secret",
  "apikey",
  "xapikey",
  "accesstoken",
  "refreshtoken",
  "idtoken",
  "authtoken",
  "clientsecret",
  "secretkey",
  "secretaccesskey",
  "awssecretaccesskey",
  "privatekey",
  "authorization",
  "cookie",
  "setcookie",
]);

/** Is what a member of this name holds a secret, whatever it looks like? */
export function isSecretName(name: string): boolean {
  return name.length <= 40 && secretNames.has(name.replaceAll(/[-_ ]/g, "").toLowerCase());
}

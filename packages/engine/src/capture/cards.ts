/** Digits with at most one space or hyphen between two of them: what a card number may be written as. */
const digitRun = /(?<!\d)\d(?:[ \u00A0-]?\d){12,}/g;

/** Longest first. Source: ISO/IEC 7812, and the networks' own lengths from 13 on. */
const lengths = [19, 18, 17, 16, 15, 14, 13];

/** Visa, Mastercard, American Express, Discover, Diners, JCB, UnionPay, Maestro. A time in milliseconds begins with 1, and is none. */
const network = /^(?:3[0-9]|4|5[0-9]|6[0-9]|2[2-7])/;

/** Puts a marker in place of each number that begins like a payment card's and has its check digit. */
export function redactCards(text: string): string {
  return text.replace(digitRun, hideCards);
}

/** Is this number, written without separators, one of a card? */
export function isCardNumber(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1e12 && isCard(String(value));
}

/** A card begins and ends where a group of digits does, or every long number would hold one by chance. */
function hideCards(run: string): string {
  const groups = run.split(/(?=[ \u00A0-])/);
  let shown = "";
  for (let first = 0; first < groups.length;) {
    const last = lastGroupOfCard(groups, first);
    if (last === undefined) {
      shown += groups[first] ?? "";
      first += 1;
    } else {
      shown += `${/^\d/.test(groups[first] ?? "") ? "" : (groups[first]?.[0] ?? "")}[redacted:card]`;
      first = last + 1;
    }
  }
  return shown;
}

function lastGroupOfCard(groups: readonly string[], first: number): number | undefined {
  let digits = "";
  let last: number | undefined;
  for (let index = first; index < groups.length && digits.length < 19; index += 1) {
    digits += (groups[index] ?? "").replaceAll(/\D/g, "");
    if (isCard(digits)) last = index;
  }
  return last;
}

function isCard(digits: string): boolean {
  return lengths.includes(digits.length) && network.test(digits) && hasCheckDigit(digits);
}

/** Luhn's algorithm, ISO/IEC 7812-1 annex B. */
function hasCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    const weighted = index % 2 === 0 ? digit : digit * 2;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}

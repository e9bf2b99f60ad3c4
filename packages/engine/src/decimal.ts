/** An exact decimal number: units / 10^scale. */
export interface Decimal {
  readonly units: bigint;
  /** Whole, never negative. */
  readonly scale: number;
}

/** How amounts are written: digits, perhaps a point and digits, perhaps an exponent; never negative. */
// The exponent is at most two digits: it becomes a number of zeros.
export const amountPattern = /^(\d+)(?:\.(\d+))?(?:e([+-]?\d{1,2}))?$/;

/** Reads an amount, or one behind a minus sign. Throws a `RangeError` for any other text. */
export function parseDecimal(text: string): Decimal {
  const isNegative = text.startsWith("-");
  const match = amountPattern.exec(isNegative ? text.slice(1) : text);
  if (match === null)
    throw new RangeError(`"${text}" is not an amount: write digits and at most one point, such as "0.25".`);
  const [, whole = "", fraction = "", exponent = "0"] = match;
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(whole + fraction);
  const units = isNegative ? -digits : digits;
  return scale >= 0 ? { units, scale } : { units: units * 10n ** BigInt(-scale), scale: 0 };
}

/** Without trailing zeros, with a minus sign below zero. */
export function formatDecimal({ units, scale }: Decimal): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, "");
  const sign = units < 0n ? "-" : "";
  return fraction === "" ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

/** The exact sum of two decimal strings. */
export function addDecimals(a: string, b: string): string {
  const left = parseDecimal(a);
  const right = parseDecimal(b);
  const scale = Math.max(left.scale, right.scale);
  return formatDecimal({ units: unitsAt(left, scale) + unitsAt(right, scale), scale });
}

/** `a − b`, exactly. */
export function subtractDecimals(a: string, b: string): string {
  return addDecimals(a, b.startsWith("-") ? b.slice(1) : `-${b}`);
}

export function isPositive(text: string): boolean {
  return parseDecimal(text).units > 0n;
}

function unitsAt(value: Decimal, scale: number): bigint {
  return value.units * 10n ** BigInt(scale - value.scale);
}

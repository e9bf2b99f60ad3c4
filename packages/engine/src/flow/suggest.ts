/** " Did you mean `x`?" for the candidate that `name` is most likely a slip of; empty when none is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const nearest = findNearest(name, candidates);
  return nearest === undefined ? "" : ` Did you mean \`${nearest}\`?`;
}

/** The candidate within a third of the name's length, at least one slip, at most three; case does not count. */
export function findNearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.slice(0, maxNameLength).toLowerCase();
  let nearest: string | undefined;
  let least = Math.min(3, Math.max(1, Math.floor(wanted.length / 3))) + 1;
  for (const candidate of candidates) {
    // Each letter more or less is a slip, which spares most comparisons.
    if (Math.abs(Math.min(candidate.length, maxNameLength) - wanted.length) >= least) continue;
    const distance = slipsBetween(wanted, candidate.slice(0, maxNameLength).toLowerCase());
    if (distance < least) [nearest, least] = [candidate, distance];
  }
  return nearest;
}

/** Longer names are compared by their beginning, since the cost is quadratic. */
const maxNameLength = 64;

/** Letters to insert, drop, replace or swap with their neighbour (optimal string alignment distance). */
function slipsBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const isSame = a[row - 1] === b[column - 1];
      let slips = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (isSame ? 0 : 1));
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        slips = Math.min(slips, at(beforeLast, column - 2) + 1);
      }
      current.push(slips);
    }
    [beforeLast, last] = [last, current];
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}

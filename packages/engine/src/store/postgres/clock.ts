/** The store's clock in SQL: the given milliseconds since 1970, or the database's own when they are null; processes may differ, it does not. */
export function clock(parameter: string): string {
  return `coalesce(${parameter}::bigint, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)`;
}

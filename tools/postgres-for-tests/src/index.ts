export { describePostgres, execute } from "./describe-postgres.ts";
export type { TestDatabase, TestPostgres } from "./describe-postgres.ts";
export type { PostgresServer } from "./server.ts";

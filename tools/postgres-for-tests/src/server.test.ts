import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { describePostgres } from "./describe-postgres.ts";
import { findPostmaster } from "./server.ts";

describePostgres("a PostgreSQL server of the caller's own", (postgres) => {
  it("is reached through a socket that no other user can open", async () => {
    const server = await postgres.startServer();
    const directory = decodeURIComponent(server.url("x").split("host=")[1] ?? "");
    expect((statSync(join(directory, ".s.PGSQL.5432")).mode & 0o777).toString(8)).toBe("700");
    await server.dispose();
    expect(existsSync(directory)).toBe(false);
  }, 30_000);

  it("can be disposed of after somebody killed it", async () => {
    const server = await postgres.startServer();
    const directory = decodeURIComponent(server.url("x").split("host=")[1] ?? "");
    const postmaster = findPostmaster(directory) ?? 0;
    process.kill(postmaster, "SIGKILL");
    while (findPostmaster(directory) !== undefined) await new Promise(setImmediate);
    await server.dispose();
    expect(existsSync(directory)).toBe(false);
  }, 30_000);
});

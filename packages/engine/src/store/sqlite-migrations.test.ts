import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { migrations } from "./migrations/sqlite/all.ts";
import { migrate } from "./sqlite-migrations.ts";

function newDatabase(): DatabaseSync {
  return new DatabaseSync(":memory:");
}

/** Every table and index, as SQLite remembers it. */
function schemaOf(database: DatabaseSync): readonly unknown[] {
  return database.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name").all();
}

function versionsOf(database: DatabaseSync): readonly unknown[] {
  return database
    .prepare("SELECT version FROM schema_version ORDER BY version")
    .all()
    .map((row) => row["version"]);
}

describe("migrations", () => {
  it.each(migrations.map((_, version) => version))(
    "lead from version %i to the schema of a fresh database",
    (version) => {
      const fresh = newDatabase();
      migrate(fresh, migrations);
      const older = newDatabase();
      migrate(older, migrations.slice(0, version));
      migrate(older, migrations);
      expect(schemaOf(older)).toEqual(schemaOf(fresh));
      expect(versionsOf(older)).toEqual(migrations.map((_, index) => index + 1));
    },
  );

  it("change nothing the second time", () => {
    const database = newDatabase();
    migrate(database, migrations);
    const schema = schemaOf(database);
    migrate(database, migrations);
    expect(schemaOf(database)).toEqual(schema);
    expect(versionsOf(database)).toEqual(migrations.map((_, index) => index + 1));
  });

  it("are applied in order, each once, and keep what is stored", () => {
    const database = newDatabase();
    const first = ["CREATE TABLE words (text TEXT) STRICT", "INSERT INTO words VALUES ('kept')"];
    migrate(database, first);
    migrate(database, [
      ...first,
      "ALTER TABLE words ADD COLUMN length INTEGER; UPDATE words SET length = length(text)",
    ]);
    expect(database.prepare("SELECT text, length FROM words").all()).toEqual([{ text: "kept", length: 4 }]);
    expect(versionsOf(database)).toEqual([1, 2, 3]);
  });

  it("leave the last whole version when one of them fails half-way", () => {
    const database = newDatabase();
    const good = "CREATE TABLE words (text TEXT) STRICT";
    const bad = "CREATE TABLE more (text TEXT) STRICT; INSERT INTO nowhere VALUES (1)";
    expect(() => migrate(database, [good, bad])).toThrow(/nowhere/);
    expect(versionsOf(database)).toEqual([1]);
    expect(database.prepare("SELECT name FROM sqlite_schema WHERE name IN ('words', 'more')").all()).toEqual([
      { name: "words" },
    ]);
  });

  it("refuse a database of a newer release and say what to do", () => {
    const database = newDatabase();
    migrate(database, ["CREATE TABLE words (text TEXT) STRICT", "CREATE TABLE more (text TEXT) STRICT"]);
    const schema = schemaOf(database);
    expect(() => migrate(database, ["CREATE TABLE words (text TEXT) STRICT"])).toThrow(
      /version 2.*knows 1.*newer release/,
    );
    expect(schemaOf(database)).toEqual(schema);
  });
});

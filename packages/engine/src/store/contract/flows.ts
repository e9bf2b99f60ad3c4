import { expect, it } from "vitest";
import { newRunId } from "../../run-id.ts";
import type { ApiKeyRecord, FlowRecord, Store } from "../store.ts";
import { definitionOf, type Subject } from "./subject.ts";

type Draft = Parameters<Store["saveDraft"]>[0];

const text = '{"steps":[{"id":"z","type":"passthrough"},{"id":"a","type":"passthrough"}]}';

function save({ store, project }: Subject, changes: Partial<Draft> = {}): Promise<FlowRecord> {
  const definition = definitionOf(text);
  return store.saveDraft({
    projectId: project.id,
    slug: "titles",
    name: "Titles",
    description: "Makes titles.",
    definition,
    retentionDays: null,
    fromFile: false,
    at: 10,
    ...changes,
  });
}

export function describeFlows(subject: () => Subject): void {
  it("finds or makes a project", async () => {
    const { store, project } = subject();
    expect(await store.ensureProject("acme", "spelling")).toEqual(project);
    expect(await store.project("acme", "spelling")).toEqual(project);
    expect(await store.projectById(project.id)).toEqual(project);
    expect(await store.project("acme", "unknown")).toBeUndefined();
    expect(await store.projectById(newRunId())).toBeUndefined();
    const other = await store.ensureProject("aaa", "spelling");
    expect(await store.projects()).toEqual([other, project]);
  });

  it("makes one project for calls at once", async () => {
    const { store } = subject();
    const made = await Promise.all(Array.from({ length: 5 }, () => store.ensureProject("acme", "new")));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
  });

  it("makes a flow with its draft and gives the definition's very text", async () => {
    const { store, project } = subject();
    const flow = await save(subject());
    expect(flow).toEqual({
      id: expect.any(String),
      projectId: project.id,
      slug: "titles",
      name: "Titles",
      description: "Makes titles.",
      draftHash: definitionOf(text).hash,
      loadedHash: null,
      retentionDays: null,
      latestVersion: 0,
      productionVersion: null,
      createdAt: 10,
      updatedAt: 10,
      archivedAt: null,
    });
    expect(await store.flow(project.id, "titles")).toEqual(flow);
    expect(await store.flowById(flow.id)).toEqual(flow);
    expect(await store.definition(flow.draftHash)).toBe(text);
    expect(await store.definition("0".repeat(64))).toBeUndefined();
    expect(await store.flow(project.id, "unknown")).toBeUndefined();
    expect((await store.flows(project.id)).map(({ slug }) => slug)).toEqual(["grade-3", "titles"]);
  });

  it("replaces a draft and remembers what was last loaded from a file", async () => {
    const first = await save(subject(), { fromFile: true });
    const edited = definitionOf('{"steps":[]}');
    const second = await save(subject(), { definition: edited, name: "New", description: null, at: 20 });
    expect(first.loadedHash).toBe(first.draftHash);
    expect(second).toEqual({
      ...first,
      name: "New",
      description: null,
      draftHash: edited.hash,
      loadedHash: first.draftHash,
      updatedAt: 20,
    });
  });

  it("publishes drafts as versions 1, 2, 3 that no later draft changes", async () => {
    const { store } = subject();
    const flow = await save(subject());
    const first = await store.publish(flow.id, "first", 20);
    expect(first).toEqual({
      flowId: flow.id,
      version: 1,
      definitionHash: flow.draftHash,
      note: "first",
      createdAt: 20,
    });
    const edited = await save(subject(), { definition: definitionOf('{"steps":[]}'), at: 30 });
    const second = await store.publish(flow.id, null, 40);
    expect(second).toMatchObject({ version: 2, definitionHash: edited.draftHash, note: null });
    const third = await store.publish(flow.id, null, 50);
    expect(await store.versions(flow.id)).toEqual([first, second, third]);
    expect(await store.version(flow.id, 1)).toEqual(first);
    expect(await store.version(flow.id, 4)).toBeUndefined();
    expect(await store.flowById(flow.id)).toMatchObject({ latestVersion: 3, productionVersion: null, updatedAt: 50 });
    expect(await store.definition(first.definitionHash)).toBe(text);
  });

  it("publishes once when the answer was lost and the call is made again", async () => {
    const { store } = subject();
    const flow = await save(subject());
    const first = await store.publish(flow.id, "first", 20);
    expect(await store.publish(flow.id, "first", 20)).toEqual(first);
    expect(await store.versions(flow.id)).toHaveLength(1);
  });

  it("rejects the publishing of a flow that does not exist", async () => {
    await expect(subject().store.publish(newRunId(), null, 20)).rejects.toThrow(/no flow/);
  });

  it("promotes a version that exists, back too, and no other", async () => {
    const { store } = subject();
    const flow = await save(subject());
    expect(await store.promote(flow.id, 1, 15)).toBe(false);
    await store.publish(flow.id, null, 20);
    await store.publish(flow.id, null, 30);
    expect(await store.promote(flow.id, 2, 40)).toBe(true);
    expect(await store.promote(flow.id, 3, 50)).toBe(false);
    expect(await store.flowById(flow.id)).toMatchObject({ productionVersion: 2, updatedAt: 40 });
    expect(await store.promote(flow.id, 1, 60)).toBe(true);
    expect(await store.flowById(flow.id)).toMatchObject({ productionVersion: 1, updatedAt: 60 });
  });

  it("hides an archived flow, keeps it for its runs, and brings it back with the next draft", async () => {
    const { store, project } = subject();
    const flow = await save(subject());
    await store.publish(flow.id, null, 20);
    await store.archive(flow.id, 30);
    await store.archive(flow.id, 40);
    expect((await store.flows(project.id)).map(({ slug }) => slug)).toEqual(["grade-3"]);
    expect(await store.flow(project.id, "titles")).toMatchObject({ archivedAt: 30 });
    expect(await store.flowById(flow.id)).toMatchObject({ archivedAt: 30 });
    expect(await save(subject(), { at: 50 })).toMatchObject({ id: flow.id, latestVersion: 1, archivedAt: null });
    expect(await store.flow(project.id, "titles")).toMatchObject({ id: flow.id });
  });

  it("keeps API keys and their first revocation", async () => {
    const { store, project } = subject();
    const key: ApiKeyRecord = {
      id: "abcd1234",
      projectId: project.id,
      name: "default",
      mode: "live",
      secretHash: "a".repeat(64),
      scopes: ["run", "trace:read"],
      createdAt: 10,
      expiresAt: null,
      revokedAt: null,
    };
    const older: ApiKeyRecord = {
      ...key,
      id: "efgh5678",
      mode: "test",
      secretHash: "b".repeat(64),
      scopes: [],
      createdAt: 5,
      expiresAt: 90,
    };
    await store.saveKey(key);
    await store.saveKey(older);
    expect(await store.key("abcd1234")).toEqual(key);
    expect(await store.key("unknown1")).toBeUndefined();
    expect(await store.keys(project.id)).toEqual([older, key]);
    await store.revokeKey("abcd1234", 30);
    await store.revokeKey("abcd1234", 40);
    await store.revokeKey("unknown1", 40);
    await store.saveKey(key);
    expect(await store.key("abcd1234")).toEqual({ ...key, revokedAt: 30 });
    await expect(store.saveKey({ ...key, secretHash: "c".repeat(64) })).rejects.toThrow(/abcd1234/);
  });

  it("answers a ping while it can write", async () => {
    await expect(subject().store.ping()).resolves.toBeUndefined();
    await expect(subject().store.ping()).resolves.toBeUndefined();
  });

  it("may be closed twice, and answers nothing afterwards", async () => {
    const { store } = subject();
    await Promise.all([store.close(), store.close()]);
    await expect(store.ping()).rejects.toMatchObject({ name: "StoreUnavailableError" });
    await expect(store.append([])).rejects.toMatchObject({ name: "StoreUnavailableError" });
  });
}

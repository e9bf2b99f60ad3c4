import { afterEach, beforeEach, describe } from "vitest";
import { describeAppend } from "./contract/append.ts";
import { describeCreate } from "./contract/create.ts";
import { describeFlows } from "./contract/flows.ts";
import { describeHandOut } from "./contract/hand-out.ts";
import { describeModel } from "./contract/model.ts";
import { describePayloads } from "./contract/payloads.ts";
import { furnish, type StoreUnderTest, type Subject } from "./contract/subject.ts";
import { describeWakeUps } from "./contract/wake-ups.ts";

/** The port's promises as tests, to be run by every implementation of `Store`. `open` gives a fresh, empty store. */
export function describeStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`a store (${name})`, () => {
    let subject: Subject;
    beforeEach(async () => {
      const world = await open();
      subject = { ...world, ...(await furnish(world.store)) };
    });
    afterEach(() => subject.dispose());

    const current = (): Subject => subject;
    describe("creating a run", () => {
      describeCreate(current);
    });
    describe("appending", () => {
      describeAppend(current);
    });
    describe("random histories", () => {
      describeModel(current);
    });
    describe("payloads", () => {
      describePayloads(current);
    });
    describe("handing runs out", () => {
      describeHandOut(current);
    });
    describe("wake-ups", () => {
      describeWakeUps(current);
    });
    describe("projects, flows and keys", () => {
      describeFlows(current);
    });
  });
}

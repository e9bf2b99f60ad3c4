import { afterEach, beforeEach, describe } from "vitest";
import { describeAppend } from "./contract/append.ts";
import { describeBacklog } from "./contract/backlog.ts";
import { describeCreate } from "./contract/create.ts";
import { describeCredits, describeKeyLimit } from "./contract/credits.ts";
import { describeDeliveries } from "./contract/deliveries.ts";
import { describeExecutions } from "./contract/executions.ts";
import { describeFlows } from "./contract/flows.ts";
import { describeFairness } from "./contract/fairness.ts";
import { describeForgetting } from "./contract/forgetting.ts";
import { describeHandOut } from "./contract/hand-out.ts";
import { describeHistories } from "./contract/histories.ts";
import { describeLists } from "./contract/lists.ts";
import { describePauses, describeSeizing } from "./contract/pauses.ts";
import { describePayloads } from "./contract/payloads.ts";
import { describeRetention } from "./contract/retention.ts";
import { furnish, type StoreUnderTest, type Subject } from "./contract/subject.ts";
import { describeRoom } from "./contract/room.ts";
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
    describe("pauses", () => {
      describePauses(current);
    });
    describe("seizing a run", () => {
      describeSeizing(current);
    });
    describe("random histories", () => {
      describeHistories(current);
    });
    describe("payloads", () => {
      describePayloads(current);
    });
    describe("handing runs out", () => {
      describeHandOut(current);
    });
    describe("turns of projects", () => {
      describeFairness(current);
    });
    describe("room for a project's runs", () => {
      describeRoom(current);
    });
    describe("what waits", () => {
      describeBacklog(current);
    });
    describe("lists", () => {
      describeLists(current);
    });
    describe("what time does to runs", () => {
      describeRetention(current);
    });
    describe("settings and retention", () => {
      describeForgetting(current);
    });
    describe("webhooks to be sent", () => {
      describeDeliveries(current);
    });
    describe("executions", () => {
      describeExecutions(current);
    });
    describe("wake-ups", () => {
      describeWakeUps(current);
    });
    describe("projects, flows and keys", () => {
      describeFlows(current);
    });
    describe("credits", () => {
      describeCredits(current);
    });
    describe("the number of keys", () => {
      describeKeyLimit(current);
    });
  });
}

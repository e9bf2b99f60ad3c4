import { ChatPage, equal, holds, words } from "./chat-page.ts";
import type { Stage } from "./stage.ts";

/** Something that must be seen. Gives a figure to be told, if there is one. */
export type Check = (stage: Stage) => Promise<string | void>;

/** Long enough for things to happen meanwhile: some 2.5 ms for each word. */
const LONG = words(1_200);
const BEGUN = 400;

/** What a person does with the chat, and what may happen to them. */
export const CHAT_CHECKS: Readonly<Record<string, Check>> = {
  async "text is shown as it comes"(stage) {
    const chat = await ChatPage.open(stage);
    await chat.ask(words(300));
    await chat.showsExactly(words(300));
    const { length } = await chat.shown();
    holds(length > 10, `${length} different texts were shown`);
    equal(chat.calls.length, 1, "calls");
    return `${length} texts`;
  },

  async "stop stops the run, not only the showing of it"(stage) {
    const chat = await ChatPage.open(stage);
    await chat.ask(LONG);
    await chat.shows(BEGUN);
    const run = await chat.runId();
    await chat.page.getByRole("button", { name: "Stop" }).click();
    await chat.page.getByText("Stopped.").waitFor();
    equal(await stage.statusOf(run), "cancelled", "the run on the server");
    holds((await chat.text()).length >= BEGUN, "what was written is gone");
  },

  async "a reload in the middle loses and doubles nothing"(stage) {
    const chat = await ChatPage.open(stage);
    await chat.ask(LONG);
    await chat.shows(BEGUN);
    for (const more of [1, 2]) {
      await chat.page.reload();
      await chat.shows(BEGUN * (more + 2));
    }
    await chat.showsExactly(LONG);
    await chat.page.reload();
    await chat.showsExactly(LONG);
    equal(chat.runsBegun(), 1, "runs begun");
  },

  async "a reload before the first word finds the run that was begun"(stage) {
    const chat = await ChatPage.open(stage);
    await chat.ask(words(300));
    await chat.page.reload();
    await chat.showsExactly(words(300));
  },

  async "a server killed in the middle, and back, goes on with the answer"(stage) {
    const chat = await ChatPage.open(stage);
    await chat.ask(LONG);
    await chat.shows(BEGUN);
    await stage.engine.end("SIGKILL");
    await stage.engine.start();
    await chat.showsExactly(LONG);
    equal(chat.runsBegun(), 1, "runs begun");
  },

  async "the application's own server killed in the middle, and back, knows whose the run is"(stage) {
    const chat = await ChatPage.open(stage);
    await chat.ask(LONG);
    await chat.shows(BEGUN);
    await stage.application.end("SIGKILL");
    await stage.application.start();
    await chat.showsExactly(LONG);
    equal(chat.runsBegun(), 1, "runs begun");
  },

  async "offline and back goes on where it was"(stage) {
    const chat = await ChatPage.open(stage);
    await chat.ask(LONG);
    await chat.shows(BEGUN);
    await chat.context.setOffline(true); // which lets streams that are open go on
    stage.recorder.cut();
    await chat.page.getByText("Connecting again").waitFor();
    await chat.context.setOffline(false);
    await chat.showsExactly(LONG);
    equal(chat.runsBegun(), 1, "runs begun");
  },

  async "a tool is answered by the page"(stage) {
    const chat = await ChatPage.open(stage);
    await chat.page.getByLabel("look at the list").check();
    await chat.ask("What is on it?");
    equal(await chat.isWhole(), 'look_at_list: ["Flour","Eggs"]', "the answer");
  },

  async "a call that needs a person waits for one, who may agree or not"(stage) {
    const chat = await ChatPage.open(stage);
    await chat.page.getByLabel("add to it").check();
    await chat.ask("Lemons, please.");
    await chat.page.getByRole("button", { name: "Allow" }).click();
    equal(await chat.isWhole(), "add_to_list: On the list now: Two lemons.", "the answer");
    await chat.ask("And again.");
    await chat.page.getByRole("button", { name: "Refuse" }).click();
    holds((await chat.isWhole()).includes("A person refused this call."), "the model is not told");
    equal(
      await chat.page.getByRole("button", { name: "Take Two lemons off the list" }).count(),
      1,
      "lemons on the list",
    );
  },

  async "a reload while a person is asked leaves a run that can go on, or be stopped"(stage) {
    const chat = await ChatPage.open(stage);
    await chat.page.getByLabel("add to it").check();
    for (const [answer, told] of [
      ["Go on without", "The page was loaded anew"],
      ["Stop", "Stopped."],
    ] as const) {
      await chat.ask("Lemons, please.");
      await chat.page.getByRole("button", { name: "Allow" }).waitFor();
      await chat.page.reload();
      await chat.page.getByRole("button", { name: "Go on without" }).waitFor();
      await chat.page.getByRole("button", { name: answer }).click();
      await chat.page.getByText(told).waitFor();
      await chat.isWhole();
    }
    equal(chat.faults.join(), "", "what the page threw");
  },

  async "two tabs have a conversation each, and a copied tab shows the same run"(stage) {
    const first = await ChatPage.open(stage);
    await first.ask(LONG);
    await first.shows(BEGUN);
    const copy = await first.openTab();
    await copy.shows(BEGUN);
    equal(first.runsBegun(), 1, "runs begun by two tabs");
    const own = await first.openOwnTab();
    await own.ask(words(300));
    await own.showsExactly(words(300));
    await first.showsExactly(LONG);
    await copy.showsExactly(LONG);
    equal(first.runsBegun(), 2, "runs begun by three tabs");
  },

  async "another person finds nothing of this"(stage) {
    const chat = await ChatPage.open(stage);
    await chat.ask(LONG);
    await chat.shows(BEGUN);
    const run = await chat.runId();
    const stranger = await ChatPage.open(stage);
    const status = (path: string): Promise<number> =>
      stranger.page.evaluate(`fetch(${JSON.stringify(path)}).then(({ status }) => status)`);
    equal(await status(`/agent/runs/${run}`), 404, "a stranger's look at the run");
    equal(await status(`/agent/runs/${run}/trace/stream`), 404, "a stranger's watching of the run");
    await chat.page.getByRole("button", { name: "Stop" }).click();
  },
};

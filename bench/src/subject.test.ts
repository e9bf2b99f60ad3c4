import { expect, it } from "vitest";
import { startSubject } from "./subject.ts";

const listens =
  "console.log('warming up'); console.log('http://127.0.0.1:4711 synchronous=1'); setInterval(() => {}, 1000)";

it("gives the URL that a program announces, and what it said of itself beside it", async () => {
  const subject = await startSubject(["-e", listens]);
  expect(subject).toMatchObject({ url: "http://127.0.0.1:4711", detail: "synchronous=1" });
  await subject.stop();
  expect(() => process.kill(subject.pid, 0)).toThrow("ESRCH");
});

it("tells what a program said that ended before it listened", async () => {
  await expect(startSubject(["-e", "console.error('the disk is full'); process.exit(1)"])).rejects.toThrow(
    "the disk is full",
  );
});

it("can be stopped again after it was killed", async () => {
  const subject = await startSubject(["-e", listens]);
  await subject.kill();
  await subject.stop();
});

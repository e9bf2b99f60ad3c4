import { act } from "@testing-library/react";
import { fault, flow, step } from "@noukai/sdk/testing";
import type { RelayFlow } from "@noukai/sdk";
import { describe, expect, test } from "vitest";
import { type UsedJob, useJob } from "../src/index.ts";
import { asked, NAME, serve } from "./fixtures.ts";
import { open, pass } from "./page.tsx";

const REPORT = flow([step("read", { after: 200, output: {} }), step("write", { after: 500, output: { pages: 3 } })]);

let job: UsedJob<RelayFlow>;

function Report() {
  job = useJob(NAME);
  return null;
}

describe("a job", () => {
  test("is submitted and followed to its end", async () => {
    const { noukai, server } = serve(REPORT);
    open(<Report />, { client: noukai });
    expect(job).toMatchObject({ status: "idle", isRunning: false });
    act(() => void job.submit({ message: "x" }));
    expect(job).toMatchObject({ status: "submitting", isRunning: true });
    await pass(0);
    await pass(300);
    expect(job).toMatchObject({
      status: "running",
      isRunning: true,
      progress: { currentStepId: "write", stepCount: 2 },
    });
    expect(job.executionId).toEqual(expect.any(String));
    await pass(600);
    expect(job).toMatchObject({ status: "completed", isRunning: false, data: { pages: 3 }, error: undefined });
    expect(asked(server)).toEqual(["submitJob", "streamTrace", "getJob"]);
    expect(sessionStorage).toHaveLength(0);
    server.assertDone();
  });

  test("is found again after a reload", async () => {
    const { noukai, server } = serve(REPORT);
    const page = open(<Report />, { client: noukai });
    act(() => void job.submit({ message: "x" }));
    await pass(300);
    page.unmount();
    open(<Report />, { client: noukai });
    await pass(1_000);
    expect(job).toMatchObject({ status: "completed", data: { pages: 3 } });
    expect(asked(server).filter((operation) => operation === "submitJob")).toHaveLength(1);
  });

  test("tells why it could not be submitted", async () => {
    const { noukai } = serve(REPORT, { faults: [fault.status(401, { code: "UNAUTHENTICATED" })] });
    open(<Report />, { client: noukai });
    act(() => void job.submit());
    await pass();
    expect(job).toMatchObject({ status: "idle", isRunning: false, error: { code: "UNAUTHENTICATED" } });
  });

  test("is stopped by `cancel`, and forgotten by `reset`", async () => {
    const { noukai } = serve(REPORT);
    open(<Report />, { client: noukai });
    act(() => void job.submit());
    await pass(300);
    await act(() => job.cancel());
    await pass();
    expect(job).toMatchObject({ status: "cancelled", isRunning: false, error: { message: "cancelled" } });
    act(() => job.reset());
    expect(job).toMatchObject({ status: "idle", executionId: undefined, error: undefined });
  });

  test("is waited for once, however many components show it", async () => {
    const { noukai, server } = serve(REPORT);
    const { executionId } = await noukai.flow(NAME).executeAsync({});
    function Shown() {
      return <p>{useJob(NAME, { executionId }).status} </p>;
    }
    const page = open(
      Array.from({ length: 20 }, (_, index) => <Shown key={index} />),
      { client: noukai },
    );
    await pass(1_000);
    expect(page.container.textContent).toBe("completed ".repeat(20));
    expect(asked(server)).toEqual(["submitJob", "streamTrace", "getJob"]);
  });
});

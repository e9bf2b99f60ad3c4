import { act } from "@testing-library/react";
import { fault, flow, step } from "@noukai/sdk/testing";
import { describe, expect, test } from "vitest";
import { useLiveTrace, useRun, useTrace } from "../src/index.ts";
import { asked, NAME, serve } from "./fixtures.ts";
import { open, pass } from "./page.tsx";

const GRADER = flow([step("check", { text: ["Two ", "mistakes"], costUsd: "0.0004", every: 100 })]);

async function ran(options: Parameters<typeof serve>[1] = {}) {
  const served = serve(GRADER, options);
  const stream = served.noukai.flow(NAME).events();
  await stream.opened();
  stream.detach();
  return { ...served, executionId: stream.executionId ?? "" };
}

describe("what is known of a run", () => {
  test("is asked for once, however many components show it", async () => {
    const { noukai, server, executionId } = await ran();
    function Shown() {
      const run = useRun(executionId);
      const trace = useTrace(executionId);
      return <p>{`${run.data?.status ?? "…"} ${trace.data?.steps.length ?? "…"};`}</p>;
    }
    const page = open([<Shown key="1" />, <Shown key="2" />], { client: noukai });
    expect(page.container.textContent).toBe("… …;… …;");
    await pass(20);
    expect(page.container.textContent).toBe("running 1;running 1;");
    expect(asked(server)).toEqual(["step", "getRun", "getTrace"]);
  });

  test("is asked for again when a component says so", async () => {
    const { noukai, executionId } = await ran();
    let refresh = async (): Promise<void> => {};
    function Shown() {
      const run = useRun(executionId);
      refresh = run.refresh;
      return <p>{`${run.data?.status} ${run.isLoading}`}</p>;
    }
    const page = open(<Shown />, { client: noukai });
    await pass(500);
    await act(() => refresh());
    expect(page.container.textContent).toBe("completed false");
  });

  test("is what went wrong, when it cannot be had", async () => {
    const { noukai } = await ran({ faults: [fault.none(), fault.status(403, { code: "FORBIDDEN" })] });
    function Shown() {
      const { error, isLoading } = useTrace("00000001-0000-7000-8000-000000000001");
      return <p>{`${error?.code} ${isLoading}`}</p>;
    }
    const page = open(<Shown />, { client: noukai });
    await pass(20);
    expect(page.container.textContent).toBe("FORBIDDEN false");
  });

  test("is given up when nobody shows it any more", async () => {
    const { noukai, server, executionId } = await ran();
    function Shown() {
      return <p>{useRun(executionId).data?.status}</p>;
    }
    const page = open(<Shown />, { client: noukai });
    await pass(500);
    page.show(null);
    await pass(1_500);
    page.show(<Shown />);
    await pass(20);
    expect(page.container.textContent).toBe("completed");
    expect(asked(server)).toEqual(["step", "getRun", "getRun"]);
  });
});

test("a run is watched by its id alone, and by a flow that leads to it", async () => {
  const { noukai, server, executionId, flow: grader } = await ran();
  function Watched() {
    const byId = useLiveTrace(executionId);
    const byFlow = useLiveTrace(executionId, { flow: grader });
    return <p>{`${byId.text} ${byFlow.text} ${byId.summary?.costUsd}`}</p>;
  }
  const page = open(<Watched />, { client: noukai });
  await pass(1_000);
  expect(page.container.textContent).toBe("Two mistakes Two mistakes 0.0004");
  expect(asked(server)).toEqual(["step", "streamTrace"]);
});

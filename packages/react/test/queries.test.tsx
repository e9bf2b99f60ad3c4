import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import { fault, flow, step } from "@noukai/sdk/testing";
import { StrictMode } from "react";
import { describe, expect, test } from "vitest";
import { flowQueryOptions, runQueryOptions } from "../src/index.ts";
import { asked, serve } from "./fixtures.ts";
import { pass } from "./page.tsx";

const GRADER = flow([step("check", { output: { mistakes: 2 }, after: 3_000 })]);

function show(Query: () => string) {
  const client = new QueryClient();
  function Shown() {
    return <p>{Query()}</p>;
  }
  const inside = (
    <StrictMode>
      <QueryClientProvider client={client}>
        <Shown />
        <Shown />
      </QueryClientProvider>
    </StrictMode>
  );
  return { client, ...render(inside) };
}

describe("a flow as a query", () => {
  test("runs once for all who ask for the same, and not again because somebody comes back", async () => {
    const { flow: grader, server } = serve(GRADER);
    const page = show(() => {
      const { data, status } = useQuery(flowQueryOptions(grader, { message: "kat" }));
      return `${status} ${JSON.stringify(data)} `;
    });
    expect(page.container.textContent).toBe("pending undefined pending undefined ");
    await pass(4_000);
    expect(page.container.textContent).toBe('success {"mistakes":2} '.repeat(2));
    globalThis.dispatchEvent(new Event("visibilitychange"));
    page.unmount();
    await pass(4_000);
    expect(asked(server)).toEqual(["step"]);
  });

  test("fails once, with the run's error", async () => {
    const { flow: grader, server } = serve(GRADER, { faults: [fault.status(401, { code: "UNAUTHENTICATED" })] });
    const page = show(() => {
      const { error } = useQuery(flowQueryOptions(grader));
      return `${(error as { code?: string } | null)?.code} `;
    });
    await pass(60_000);
    expect(page.container.textContent).toBe("UNAUTHENTICATED UNAUTHENTICATED ");
    expect(asked(server)).toEqual(["step"]);
  });
});

test("a run as a query is asked for until it is over", async () => {
  const { flow: grader, noukai, server } = serve(GRADER);
  const stream = grader.events();
  await stream.opened();
  stream.detach();
  const run = noukai.run(stream.executionId ?? "");
  const page = show(() => `${useQuery(runQueryOptions(run)).data?.status} `);
  await pass(100);
  expect(page.container.textContent).toBe("running running ");
  await pass(5_000);
  expect(page.container.textContent).toBe("completed completed ");
  await pass(60_000);
  expect(asked(server)).toEqual(["step", "getRun", "getRun", "getRun"]);
});

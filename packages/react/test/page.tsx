import { act, render, type RenderResult } from "@testing-library/react";
import { type ReactNode, StrictMode } from "react";
import { vi } from "vitest";
import { NoukaiProvider, type NoukaiProviderProps } from "../src/index.ts";

/** Lets time pass, with all that happens in it. What is loaded when it is needed, and then needs something itself, takes none. */
export async function elapse(ms: number): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    await vi.advanceTimersByTimeAsync(0);
    await vi.dynamicImportSettled();
  }
  await vi.advanceTimersByTimeAsync(ms);
}

/** Lets time pass on a page. */
export async function pass(ms = 50): Promise<void> {
  await act(() => elapse(ms));
}

export interface Page extends RenderResult {
  /** Shows something else, under the same provider if that has the same options. */
  readonly show: (children: ReactNode, options?: Options) => void;
}

type Options = Omit<NoukaiProviderProps, "children">;

/** A page under StrictMode with a provider. */
export function open(children: ReactNode, options: Options): Page {
  const around = (inner: ReactNode, given: Options): ReactNode => (
    <StrictMode>
      <NoukaiProvider {...given}>{inner}</NoukaiProvider>
    </StrictMode>
  );
  const page = render(around(children, options));
  return { ...page, show: (inner, given = options) => page.rerender(around(inner, given)) };
}

/** Lets frames be drawn, one by one as a page does. */
export async function draw(frames: number): Promise<void> {
  for (let frame = 0; frame < frames; frame += 1) await act(() => vi.advanceTimersByTimeAsync(16));
}

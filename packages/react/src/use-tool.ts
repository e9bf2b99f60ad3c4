"use client";
import { useEffect, useRef } from "react";
import { type JsonSchema, tool, type ToolContext, type ToolOptions } from "@noukai/sdk";
import type { FlowSource } from "./flow-types.ts";
import { useHub } from "./provider.ts";
import { RunStore } from "./run-store.ts";
import { type ShelvedTool, ToolShelf } from "./tool-shelf.ts";

/** A schema library's schema. */
type Schema = Parameters<typeof tool>[0]["input"];

/** What a schema reads. */
type Read<Input extends Schema> = NonNullable<Input["~standard"]["types"]>["output"];

/** A tool as a component describes it: the SDK's `tool()` without what it does. */
export interface ToolDefinition<Input extends Schema> {
  /** Letters, digits, `_` and `-`, at most 64. Of two components with one name, the later one is called. */
  readonly name: string;
  /** Tells the model what it does and when to call it. */
  readonly description?: string | undefined;
  /** Reads the arguments: a schema of zod, valibot, arktype or any other Standard Schema library. */
  readonly input: Input;
  /** Describes the arguments to the model, where the library of `input` cannot. */
  readonly inputSchema?: JsonSchema | undefined;
  /** Must a person agree before it runs? `usePendingApprovals` shows what waits. Default `false`. */
  readonly needsApproval?: boolean | ((args: Read<Input>) => boolean | Promise<boolean>) | undefined;
  /** The flow that may call it; others would refuse what they did not ask for. Default: the provider's only relay. */
  readonly flow?: FlowSource;
}

/** What a component does when the model calls its tool. What it returns goes to the model, and of what it throws, the message. */
export type ToolCallback<Input extends Schema> = (args: Read<Input>, context: ToolContext) => unknown;

/**
 * Lets the model call into this component while it is on the page. The tool is offered to the runs that begin meanwhile; the handler may be
 * another function at every rendering, and the latest is called. A call that comes when the component is gone tells the model so. A run of the
 * flow that is taken up, as after a reload, and waits for tools is answered once all of them are on the page.
 */
export function useTool<Input extends Schema>(definition: ToolDefinition<Input>, handler: ToolCallback<Input>): void {
  const hub = useHub();
  const latest = useRef({ definition, handler });
  useEffect(() => {
    latest.current = { definition, handler };
  });
  const { name, flow } = definition;
  useEffect(() => {
    const shelf = (hub.shelf ??= new ToolShelf());
    const takeAway = shelf.add(shelvedTool(name, hub.flow(flow), latest));
    // A run may wait for it.
    for (const store of hub.stores.values()) if (store instanceof RunStore) store.answer();
    return takeAway;
  }, [hub, name, flow]);
}

/** What the component gave at its latest rendering. */
interface Latest<Input extends Schema> {
  readonly current: { readonly definition: ToolDefinition<Input>; readonly handler: ToolCallback<Input> };
}

function shelvedTool<Input extends Schema>(name: string, flow: object, latest: Latest<Input>): ShelvedTool {
  return {
    name,
    flow,
    make: (run) => {
      const { description, input, inputSchema } = latest.current.definition;
      const options = { name, description, input, inputSchema, execute: run };
      return tool(options as ToolOptions<Schema>); // it says itself when nothing describes its input
    },
    needsApproval: (args) => {
      const { needsApproval = false } = latest.current.definition;
      return typeof needsApproval === "function" ? needsApproval(args) : needsApproval;
    },
    run: (args, context) => latest.current.handler(args, context),
  };
}

import { operations } from "../generated/operations.gen.ts";

/** One operation of the contract. `path` is OpenAPI's and begins at the origin. */
export type Operation = (typeof operations)[number];
export type OperationId = Operation["operationId"];

/** Every operation of the contract, in the document's order. */
export { operations };

/**
 * The pattern that Hono routes the operation by: `{flow}` becomes `:flow`. `v{version}` becomes one parameter `:version` that holds the
 * whole segment, whatever it is: one that is no version is the handler's to refuse (400 `INVALID_VERSION`).
 */
export function routePattern({ path }: Pick<Operation, "path">): string {
  return path.replace(/v?\{(\w+)\}/g, ":$1");
}

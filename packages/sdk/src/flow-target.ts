import type { FlowAddress, FlowVersion } from "./identifiers.ts";
import type { FlowSchemas } from "./typed-flow/flow-schemas.ts";

/** What a flow's calls share. */
export interface FlowTarget {
  readonly address: FlowAddress;
  /** What runs when a call names no version. */
  readonly defaultVersion: FlowVersion;
  /** What the flow takes and gives, where the caller said so. */
  readonly schemas: FlowSchemas;
}

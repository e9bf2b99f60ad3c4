import "./parts.ts";

export { type Fault, fault, type Place, type StatusFaultOptions } from "./fault.ts";
export type { TestOperation } from "./routes.ts";
export {
  flow,
  type FlowOptions,
  type FlowScript,
  type InnerStepScript,
  type ScriptedCall,
  type ScriptedError,
  type ScriptedToolCall,
  type ScriptedToolResult,
  step,
  type StepContinuation,
  type StepScript,
} from "./script.ts";
export { createTestServer, type TestRequest, type TestServer, type TestServerOptions } from "./test-server.ts";

// What a page has loaded when it loads a part of the SDK: what streams are made of, and classes that the package exports. Parts import it
// from here. Bundlers put modules into one file that the same parts lead to; otherwise they make many small ones, each loaded by itself.
export { cancelOnAbort } from "./cancel.ts";
export { Cursor } from "./cursor.ts";
export { EventStream } from "./event-stream.ts";
export { EventsCall, isStepwise } from "./events-call.ts";
export { setHidden } from "./events.ts";
export { flowName, show } from "./identifiers.ts";
export { Job } from "./job/job.ts";
export { loaded } from "./loaded.ts";
export { callThrough } from "./middleware.ts";
export { prepareCall } from "./options.ts";
export { notePause, pauseOf } from "./pause-of.ts";
export { ExecuteResult, PausedResult } from "./results.ts";
export { flowOperation, postCancel, postStep, runOperation } from "./routes.ts";
export { isTerminal, MAX_RETRIES, openTraceStream, RunWatch, wayBack } from "./run-watch.ts";
export { ambientSession, runInSession } from "./session/ambient.ts";
export { sessionOf } from "./session/session.ts";
export { sourceOver } from "./stream-source.ts";
export { isExecutable } from "./tools/executable-tool.ts";
export { SchemaIssuesError } from "./typed-flow/schema-issues-error.ts";

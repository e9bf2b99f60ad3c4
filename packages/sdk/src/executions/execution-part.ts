// What `noukai.executions` loads when the first of its methods is called.
export { changes } from "./execution-socket.ts";
export { events } from "./execution-watch.ts";
export { list } from "./execution-list.ts";
export { cancel, create, editOutput, get, reexecute, remove as delete, task, tasks } from "./execution-requests.ts";
export { result, wait } from "./execution-wait.ts";

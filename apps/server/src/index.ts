export { createApp, type AppOptions } from "./app.ts";
export { Authenticator, type Principal } from "./auth.ts";
export { type Config, ConfigError, readConfig } from "./config.ts";
export type { Services } from "./context.ts";
export { startServer, type StartedServer, type StartOptions } from "./listen.ts";
export { type KeyScope, type MadeKey, makeKey } from "./keys.ts";
export { createLog, type Log, type LogLevel } from "./log.ts";
export { createServer, type NewKey, type Opened, type Server, type ServerOptions } from "./server.ts";

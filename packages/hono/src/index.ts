export { onFlowError } from "./error-handler.ts";
export { fetchHandler, type FetchHandler } from "./fetch-handler.ts";
export { noukai, type NoukaiEnv, type NoukaiMiddlewareOptions } from "./middleware.ts";
export { RelayRefusal } from "./refusal.ts";
export type { RelayInput } from "./relay/input.ts";
export type { RelayLimits } from "./relay/limits.ts";
export { memoryStore, type MemoryStoreOptions } from "./relay/memory-store.ts";
export type {
  Grant,
  ManyFlowsOptions,
  OneFlowOptions,
  Permission,
  PinnedFlow,
  RelayBounds,
  RelayCall,
  RelayCommonOptions,
  RelayOptions,
} from "./relay/options.ts";
export { flowRelay } from "./relay/relay.ts";
export type { ExecuteAnswer, RelayRoutes } from "./relay/relay-routes.ts";
export type { PutOptions, RelayStore, StoredValue } from "./relay/store.ts";
export { readTicket, signTicket, type SignTicketOptions, type Ticket, type TicketSecret } from "./relay/tickets.ts";
export type { NoukaiBindings } from "./settings.ts";
export { streamFlow } from "./stream-flow.ts";
export { webhook, type WebhookSecret } from "./webhook.ts";

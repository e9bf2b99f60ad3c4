"use client";
import { createContext, createElement, type ReactElement, type ReactNode, useContext, useState } from "react";
import { Hub, type HubOptions } from "./hub.ts";

const HubContext = createContext<Hub | undefined>(undefined);

/** What `<NoukaiProvider>` is given. */
export interface NoukaiProviderProps extends HubOptions {
  readonly children?: ReactNode;
}

/**
 * Leads the components in it to flows: by a `client`, or in a browser by a `relay`, which needs no key. Components under one provider share
 * runs and requests. Make the client or relay outside of components: another one begins with nothing shared.
 */
export function NoukaiProvider({ children, ...options }: NoukaiProviderProps): ReactElement {
  const [hub, setHub] = useState(() => new Hub(options));
  const { client, relay } = hub.options;
  if (client !== options.client || relay !== options.relay) setHub(new Hub(options));
  return createElement(HubContext.Provider, { value: hub }, children);
}

/** Throws outside of a provider. */
export function useHub(): Hub {
  const hub = useContext(HubContext);
  if (hub) return hub;
  throw new Error("There is no <NoukaiProvider> around this component. Put one around the application.");
}

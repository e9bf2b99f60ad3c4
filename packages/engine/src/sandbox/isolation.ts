import type { Launcher } from "./launch.ts";
import type { Surroundings } from "./protocol.ts";

/** What shuts the sandbox processes in, as the first of them found it when it started. */
export interface Isolation {
  /** No network interface is up in a process: it has a network namespace of its own. Otherwise only QuickJS, which has no sockets, stands between code and network. */
  readonly isNetworkShut: boolean;
  /** Node's permission model refuses writing, child processes, threads, addons, and reading anything but the sandbox's own files. */
  readonly arePermissionsShut: boolean;
  /** Nothing of the server's environment is there. */
  readonly isEnvironmentEmpty: boolean;
  /** The kernel ends the processes with the server. Otherwise they end by themselves, those in a long call once that gives them a moment. */
  readonly endsWithServer: boolean;
  /** All of it in one sentence, for the log at start. */
  readonly summary: string;
}

export function describeIsolation(launcher: Launcher, surroundings: Surroundings): Isolation {
  const facts = {
    isNetworkShut: surroundings.interfaces === 0,
    arePermissionsShut: surroundings.permissions.length === 0,
    isEnvironmentEmpty: surroundings.variables === 0,
    endsWithServer: launcher.endsWithParent,
  };
  return { ...facts, summary: summarise(facts) };
}

function summarise(facts: Omit<Isolation, "summary">): string {
  const parts = [
    facts.isNetworkShut
      ? "no network"
      : "NETWORK OPEN to the process (no namespace could be made), though not to QuickJS",
    facts.arePermissionsShut ? "no files, no child processes" : "FILES OR PROCESSES OPEN",
    facts.isEnvironmentEmpty ? "an empty environment" : "AN ENVIRONMENT THAT IS NOT EMPTY",
    facts.endsWithServer ? "ended by the kernel with the server" : "ended by themselves when the server is gone",
  ];
  return `Code steps run in QuickJS (WASM), in processes with ${parts.join(", ")}.`;
}

import { useEffect, useState } from "react";

/** State that a reload of this tab does not change. A browser without storage has it until then. */
export function useKept<Value>(name: string, initial: Value): [Value, (change: (value: Value) => Value) => void] {
  const [value, setValue] = useState(() => read(name) ?? initial);
  useEffect(() => {
    try {
      sessionStorage.setItem(name, JSON.stringify(value));
    } catch {
      // Storage is switched off or full.
    }
  }, [name, value]);
  return [value, setValue];

  function read(key: string): Value | undefined {
    try {
      return JSON.parse(sessionStorage.getItem(key) ?? "null") ?? undefined;
    } catch {
      return undefined;
    }
  }
}

import { afterEach, describe, expect, test, vi } from "vitest";
import { readVariable, runtimeAgent } from "./environment.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

describe("environment variables", () => {
  test("are read in Node and Bun", () => {
    vi.stubEnv("NOUKAI_ENV", "dev");
    expect(readVariable("NOUKAI_ENV")).toBe("dev");
  });

  test("count as unset when they are empty", () => {
    vi.stubEnv("NOUKAI_ENV", "");
    expect(readVariable("NOUKAI_ENV")).toBeUndefined();
  });

  test("are read in Deno", () => {
    vi.stubGlobal("process", undefined);
    vi.stubGlobal("Deno", { env: { get: (name: string) => (name === "NOUKAI_ENV" ? "dev" : undefined) } });
    expect(readVariable("NOUKAI_ENV")).toBe("dev");
  });

  test("are unset in Deno without permission to read them", () => {
    const refuse = (): never => {
      throw new Error("NotCapable");
    };
    vi.stubGlobal("process", undefined);
    vi.stubGlobal("Deno", { env: { get: refuse } });
    expect(readVariable("NOUKAI_ENV")).toBeUndefined();
  });

  test.each([undefined, {}, { env: undefined }])("are unset in a browser or worker, where process is %j", (process) => {
    vi.stubGlobal("process", process);
    expect(readVariable("NOUKAI_ENV")).toBeUndefined();
  });
});

describe("the runtime's name", () => {
  test.each(["Node.js/24", "Deno/2.9.5", "Bun/1.4.4", "Cloudflare-Workers"])("%s is told", (userAgent) => {
    vi.stubGlobal("navigator", { userAgent });
    expect(runtimeAgent()).toBe(userAgent);
  });

  test("is left to browsers themselves", () => {
    vi.stubGlobal("navigator", { userAgent: "Mozilla/5.0 (X11; Linux x86_64)" });
    expect(runtimeAgent()).toBeUndefined();
  });

  test.each([undefined, {}])("is unknown where navigator is %j", (navigator) => {
    vi.stubGlobal("navigator", navigator);
    expect(runtimeAgent()).toBe("unknown");
  });
});

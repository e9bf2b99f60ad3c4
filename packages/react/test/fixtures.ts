import { Noukai, type NoukaiOptions, type RelayFlow } from "@noukai/sdk";
import { createTestServer, type FlowScript, type TestServer, type TestServerOptions } from "@noukai/sdk/testing";

export const NAME = "acme/demo/poet";

/** A scripted server with one flow, and a client of it that waits by the timers of the test. */
export function serve(
  script: FlowScript | readonly FlowScript[],
  options: Partial<TestServerOptions> = {},
): { readonly server: TestServer; readonly noukai: Noukai; readonly flow: RelayFlow } {
  const server = createTestServer({ flows: { [NAME]: script }, ...options });
  const noukai = clientOf(server);
  return { server, noukai, flow: noukai.flow(NAME) };
}

/** A page with a key: in a test, nobody can read it. */
export function clientOf({ apiKey, baseUrl, fetch }: TestServer, options: NoukaiOptions = {}): Noukai {
  return new Noukai({
    apiKey,
    baseUrl,
    fetch,
    org: "acme",
    project: "demo",
    dangerouslyAllowBrowser: true,
    ...options,
  });
}

/** What was asked of the server, in its words. */
export function asked(server: TestServer): readonly (string | undefined)[] {
  return server.requests.map(({ operation }) => operation);
}

/** What a flow whose last step writes came to. */
export function textOf(result: unknown): string {
  return (result as { readonly text: string }).text; // the script's step says so
}

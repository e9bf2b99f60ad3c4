// Deno: `deno run --allow-net --allow-env src/deno.ts`. Settings are in the environment.
import { app, type Bindings } from "./app.ts";

/** What is used of Deno. */
interface Deno {
  readonly env: { get(name: string): string | undefined };
  serve(
    options: { readonly hostname: string; readonly port: number },
    handler: (request: Request) => Response | Promise<Response>,
  ): unknown;
}
const { Deno } = globalThis as unknown as { readonly Deno: Deno }; // only Deno runs this file

const hostname = Deno.env.get("HOST") ?? "127.0.0.1";
const port = Number(Deno.env.get("PORT") ?? 8787);
const publicUrl = Deno.env.get("PUBLIC_URL");
const bindings: Bindings = {
  WEBHOOK_SECRET: Deno.env.get("WEBHOOK_SECRET") ?? "",
  ...(publicUrl !== undefined && { PUBLIC_URL: publicUrl }),
};
Deno.serve({ hostname, port }, (request) => app.fetch(request, bindings));

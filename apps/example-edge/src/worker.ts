// Workers: `wrangler deploy`. Secrets: NOUKAI_API_KEY, WEBHOOK_SECRET; a KV namespace: DIGESTS.
export { app as default } from "./app.ts";

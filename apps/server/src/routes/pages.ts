import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { PublicHandler, ServerContext } from "../context.ts";

/**
 * What people see in a browser; no part of the contract. Everything comes from this server: the policy lets a page load nothing from elsewhere
 * and call nobody else, so that a key that is typed into the reference page cannot leave.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  // Swagger UI sets some of its elements' styles as it draws them.
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const welcome = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Noukai</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/reference/page.css">
</head>
<body class="welcome">
<h1>Noukai is running</h1>
<ul>
<li><a href="/reference">The API</a>, with a form for each request</li>
<li><a href="/openapi.json">The same as an OpenAPI document</a></li>
<li><a href="/schemas/flow.schema.json">The schema of flow files</a> and <a href="/schemas/project.schema.json">that of project.yaml</a>, for editors</li>
<li><a href="/readyz">Is it ready?</a> and <a href="/metrics">its figures</a></li>
</ul>
</body>
</html>
`;

const reference = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Noukai API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/reference/swagger-ui.css">
<link rel="stylesheet" href="/reference/page.css">
</head>
<body>
<div id="reference"></div>
<noscript>The request forms need JavaScript. The document itself is at <a href="/openapi.json">/openapi.json</a>.</noscript>
<script src="/reference/swagger-ui.js"></script>
<script src="/reference/page.js"></script>
</body>
</html>
`;

/**
 * The key stays in the page's memory: a reload forgets it. A form is filled with the document's examples, and of what may be left out that
 * would do harm: everybody's second request would carry the idempotency key of the first.
 */
const pageScript = `void (async () => {
  const spec = await (await fetch("/openapi.json")).json();
  for (const parameter of Object.values(spec.components.parameters)) {
    if (parameter.required) continue;
    delete parameter.example;
    delete parameter.examples;
  }
  SwaggerUIBundle({
    spec,
    dom_id: "#reference",
    deepLinking: true,
    displayRequestDuration: true,
    filter: true,
    persistAuthorization: false,
    tryItOutEnabled: true,
    validatorUrl: null,
  });
})();
`;

const pageStyle = `.welcome { font: 16px/1.6 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem; }
.swagger-ui .info { margin: 2rem 0; }
`;

/** Finds the files of the package, which is one bundle and loads nothing by itself. */
const require = createRequire(import.meta.url);

type Load = () => Promise<Buffer>;

function ofFile(path: string): Load {
  return () => readFile(path);
}

function ofText(text: string): Load {
  return async () => Buffer.from(text);
}

const html = "text/html; charset=utf-8";
const script = "text/javascript; charset=utf-8";
const style = "text/css; charset=utf-8";

/** Path → what is there, for GET. */
export function pageRoutes(): ReadonlyMap<string, PublicHandler> {
  return new Map([
    ["/", page(html, ofText(welcome))],
    ["/reference", page(html, ofText(reference))],
    ["/reference/page.js", page(script, ofText(pageScript))],
    ["/reference/page.css", page(style, ofText(pageStyle))],
    ["/reference/swagger-ui.js", page(script, ofFile(require.resolve("swagger-ui-dist/swagger-ui-bundle.js")))],
    ["/reference/swagger-ui.css", page(style, ofFile(require.resolve("swagger-ui-dist/swagger-ui.css")))],
  ]);
}

interface Content {
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly zipped: Uint8Array<ArrayBuffer>;
  readonly tag: string;
}

/** Read and packed when it is first asked for, and kept. A browser asks each time whether it has the newest, and is told in a line. */
function page(type: string, load: Load): PublicHandler {
  let content: Promise<Content> | undefined;
  return async (c) => {
    content ??= pack(load);
    return answer(c, type, await content);
  };
}

async function pack(load: Load): Promise<Content> {
  const plain = new Uint8Array(await load());
  const tag = `"${createHash("sha256").update(plain).digest("base64url").slice(0, 22)}"`;
  return { plain, zipped: new Uint8Array(await promisify(gzip)(plain)), tag };
}

function answer(c: ServerContext, type: string, { plain, zipped, tag }: Content): Response {
  const headers = {
    "cache-control": "no-cache",
    "content-security-policy": policy,
    etag: tag,
    "referrer-policy": "no-referrer",
    vary: "accept-encoding",
    "x-content-type-options": "nosniff",
    "x-request-id": c.get("call").requestId,
  };
  if (c.req.header("if-none-match") === tag) return new Response(null, { status: 304, headers });
  const takesZipped = /\bgzip\b/.test(c.req.header("accept-encoding") ?? "");
  return takesZipped
    ? new Response(zipped, { headers: { ...headers, "content-type": type, "content-encoding": "gzip" } })
    : new Response(plain, { headers: { ...headers, "content-type": type } });
}

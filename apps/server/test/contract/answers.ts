import { operations as table } from "../../src/contract/operations.ts";
import { parseTextFrames } from "./frames.ts";
import { faultsIn, nameOf, operations, type Parameter, resolved, type Schema } from "./document.ts";

/** One operation as the document that is served says it. */
export interface DocumentedOperation {
  readonly id: string;
  /** In capitals. */
  readonly method: string;
  /** OpenAPI's, from the origin on, with `{names}`. */
  readonly path: string;
  /** In the document's order. */
  readonly statuses: readonly number[];
  /** What each of them looks like. */
  readonly answers: Readonly<Record<string, DocumentedAnswer>>;
  readonly parameters: readonly Parameter[];
  readonly hasBody: boolean;
  /** The name of what its body is. */
  readonly bodySchema: string | undefined;
  readonly isGuarded: boolean;
}

/** An answer as far as it is judged here; one that changes the protocol is no `Response`. */
export type Answer = Pick<Response, "status" | "headers" | "text">;

interface DocumentedAnswer {
  readonly $ref?: string;
  readonly headers?: Readonly<Record<string, DocumentedHeader>>;
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

interface DocumentedHeader {
  readonly $ref?: string;
  readonly required?: boolean;
  readonly schema?: Schema;
}

export const documented: readonly DocumentedOperation[] = table.map(({ operationId: id, method, path, isPublic }) => {
  const operation = operations.find((known) => known.operationId === id);
  const { responses = {}, requestBody, parameters = [] } = operation ?? {};
  const taken = requestBody && resolved<NonNullable<typeof requestBody>>(requestBody).content?.["application/json"];
  const answers = Object.fromEntries(
    Object.entries(responses).map(([status, answer]) => [status, resolved<DocumentedAnswer>(answer)]),
  );
  return {
    id,
    method: method.toUpperCase(),
    path,
    statuses: Object.keys(answers).map(Number),
    answers,
    parameters: parameters.map((parameter) => resolved<Parameter>(parameter)),
    hasBody: taken !== undefined,
    bodySchema: taken?.schema.$ref && nameOf(taken.schema.$ref),
    isGuarded: !isPublic,
  };
});

const patterns = documented
  .map((operation) => ({
    operation,
    pattern: new RegExp(`^${operation.path.replaceAll(".", "\\.").replace(/v?\{\w+\}/g, "([^/]+)")}$`),
  }))
  // A path that is written out goes before one with a name in its place.
  .toSorted((a, b) => namesIn(a.operation) - namesIn(b.operation));

function namesIn({ path }: DocumentedOperation): number {
  return path.split("{").length;
}

/** The operation that answers there; undefined when none does. */
export function operationAt(method: string, url: string): DocumentedOperation | undefined {
  const { pathname } = new URL(url, "http://server");
  const asked = method === "HEAD" ? "GET" : method;
  return patterns.find(({ operation, pattern }) => operation.method === asked && pattern.test(pathname))?.operation;
}

/** What of an answer is not as the document has it, but for its body. */
export function faultsOfHead({ id, answers }: DocumentedOperation, response: Omit<Answer, "text">): readonly string[] {
  const answer = answers[String(response.status)];
  if (answer === undefined) return [`${id} has no ${response.status}`];
  const types = Object.keys(answer.content ?? {});
  const type = (response.headers.get("content-type") ?? "").split(";")[0] ?? "";
  const faults = types.length === 0 ? (type === "" ? [] : [`is ${type}, and has no body`]) : faultsOfType(types, type);
  return [...faults, ...Object.entries(answer.headers ?? {}).flatMap(([name, header]) => faultOf(name, header))].map(
    (fault) => `${id} ${response.status}: ${fault}`,
  );

  function faultOf(name: string, header: DocumentedHeader): readonly string[] {
    const { required = false, schema = {} } = resolved<DocumentedHeader>(header);
    const value = response.headers.get(name);
    if (value === null) return required ? [`lacks ${name}`] : [];
    const isNumber = resolved<Schema>(schema).type === "integer";
    return faultsIn(schema, isNumber ? Number(value) : value).map((fault) => `${name} ${fault}`);
  }
}

function faultsOfType(types: readonly string[], type: string): readonly string[] {
  return types.includes(type) ? [] : [`is ${type || "of no type"} and not ${types.join(" or ")}`];
}

/** The same of its body, which is read; a stream's is its text. */
export async function faultsOfBody({ id, answers }: DocumentedOperation, response: Answer): Promise<readonly string[]> {
  const [given] = Object.entries(answers[String(response.status)]?.content ?? {});
  const text = await response.text();
  if (given === undefined) return text === "" ? [] : [`${id} ${response.status}: has a body`];
  const [type, content] = given;
  const value: unknown = type.endsWith("json") ? JSON.parse(text) : text;
  const faults = [
    ...faultsIn(content.schema, value),
    ...(type === "text/event-stream" ? faultsOfFrames(content.schema, text) : []),
  ];
  return faults.map((fault) => `${id} ${response.status}: body${fault}`);
}

/** What of a whole stream's frames is not as the schema of its content has them. */
function faultsOfFrames(schema: Schema, text: string): readonly string[] {
  const { contentSchema = {} } = resolved<Schema>(schema);
  const frames = parseTextFrames(text);
  if (frames.length === 0) return [" has no frame"];
  return frames.flatMap(({ id, ...frame }) => {
    const place = id === undefined ? {} : { id: /^\d+$/.test(id) ? Number(id) : id };
    return faultsIn(contentSchema, { ...place, ...frame });
  });
}

/** Throws when the answer is none that the document gives to that call. Reads a body only where it is whole at once. */
export async function requireDocumented(method: string, url: string, response: Response): Promise<void> {
  const operation = operationAt(method, url);
  if (operation === undefined) return;
  const faults = [...faultsOfHead(operation, response)];
  const isJson = response.headers.get("content-type")?.includes("json") === true;
  if (isJson && faults.length === 0 && method !== "HEAD")
    faults.push(...(await faultsOfBody(operation, response.clone())));
  if (faults.length > 0) throw new Error(`${method} ${url}: ${faults.join("; ")}`);
}

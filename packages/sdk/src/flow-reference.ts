import { ValueError } from "@noukai/core";
import { type FlowAddress, show } from "./identifiers.ts";

const SLUG = /^[a-z0-9][a-z0-9-]{0,48}[a-z0-9]$/;

/** Names a flow: `"grade-3"` (with the client's `org` and `project`), `"acme/spelling/grade-3"`, or its parts. */
export type FlowReference =
  | string
  | { readonly org?: string | undefined; readonly project?: string | undefined; readonly slug: string };

/** The organisation and project that a bare slug belongs to. */
export interface ProjectDefaults {
  readonly org?: string | undefined;
  readonly project?: string | undefined;
}

/** Checks that organisation and project are given together, and are slugs. */
export function checkProject({ org, project }: ProjectDefaults, where: string): void {
  if ((org === undefined) !== (project === undefined)) {
    throw new ValueError(
      `${where} has ${org === undefined ? "a `project` but no `org`" : "an `org` but no `project`"}. Give both or neither.`,
    );
  }
  if (org !== undefined) checkSlug(org, "org");
  if (project !== undefined) checkSlug(project, "project");
}

/** Resolves a reference to a whole address. Throws `ValueError` when a part is missing or is not a slug. */
export function resolveFlow(reference: FlowReference, defaults: ProjectDefaults): FlowAddress {
  const { org, project, slug } = readReference(reference);
  checkSlug(slug, "slug");
  checkProject({ org, project }, `The flow "${slug}"`);
  const address = { org: org ?? defaults.org, project: project ?? defaults.project, flow: slug };
  if (address.org === undefined || address.project === undefined) {
    throw new ValueError(
      `The flow "${slug}" has no project. Write "org/project/${slug}", or give the client \`org\` and \`project\`.`,
    );
  }
  return { org: address.org, project: address.project, flow: slug };
}

function readReference(reference: FlowReference): Exclude<FlowReference, string> {
  if (typeof reference === "string") return splitReference(reference);
  if (typeof reference === "object" && (reference as unknown) !== null) return reference; // untyped code may give null
  throw new ValueError(
    `The flow's name is ${show(reference)}. Write "slug", "org/project/slug", or { org, project, slug }.`,
  );
}

function splitReference(reference: string): { org?: string; project?: string; slug: string } {
  const parts = reference.split("/");
  const [first = "", project, slug] = parts;
  if (parts.length === 1) return { slug: first };
  if (parts.length === 3 && project !== undefined && slug !== undefined) return { org: first, project, slug };
  throw new ValueError(`"${reference}" does not name a flow. Write "slug" or "org/project/slug".`);
}

function checkSlug(slug: unknown, name: string): void {
  if (typeof slug === "string" && SLUG.test(slug)) return;
  throw new ValueError(
    `\`${name}\` is ${show(slug)}. It takes 2 to 50 lower-case letters, digits and hyphens, with no hyphen at either end.`,
  );
}

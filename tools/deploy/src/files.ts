import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";

export const deployFolder = join(import.meta.dirname, "../../../deploy");

export function readDeployFile(name: string): string {
  return readFileSync(join(deployFolder, name), "utf8");
}

/** What is used of a Kubernetes object. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly template?: { readonly spec: PodSpec } };
}

export interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly containers: readonly Container[];
}

interface Probe {
  readonly httpGet: { readonly path: string };
}

interface Container {
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
  readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
}

export function readManifests(): readonly Manifest[] {
  return parseAllDocuments(readDeployFile("kubernetes.yaml")).map((document) => document.toJS() as Manifest);
}

/** What is used of a Compose service. */
export interface Service {
  readonly environment?: Readonly<Record<string, string>>;
  readonly stop_grace_period?: string;
  readonly volumes?: readonly string[];
}

export function readServices(): Readonly<Record<string, Service>> {
  const file = parse(readDeployFile("compose.yaml"), { merge: true }) as {
    readonly services: Readonly<Record<string, Service>>;
  };
  return file.services;
}

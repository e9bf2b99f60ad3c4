import { join } from "node:path";
import { DCLinter } from "dclint";
import { validate } from "dockerfile-utils";
import * as apps from "kubernetes-models/apps/v1";
import * as policy from "kubernetes-models/policy/v1";
import * as core from "kubernetes-models/v1";
import { describe, expect, test } from "vitest";
import { settings } from "../../../apps/server/src/config.ts";
import { operations } from "../../../apps/server/src/contract/operations.ts";
import { deployFolder, type Manifest, type PodSpec, readDeployFile, readManifests, readServices } from "./files.ts";

const known = new Set(settings.map(({ name }) => name));
const paths = new Set<string>(operations.map(({ path }) => path));

describe("the Dockerfile", () => {
  test("has no fault that a linter finds", () => {
    expect(validate(readDeployFile("Dockerfile")).map(({ message, range }) => ({ message, range }))).toEqual([]);
  });

  test("sets only what the server reads", () => {
    const line = /^ENV (.*)$/m.exec(readDeployFile("Dockerfile"))?.[1] ?? "";
    const names = line.split(" ").map((pair) => pair.split("=")[0] ?? "");
    expect(names.filter((name) => name !== "NODE_ENV" && !known.has(name))).toEqual([]);
  });
});

describe("the Compose file", () => {
  test("has no fault that a linter finds, the order of keys aside", () => {
    const rules = { "service-keys-order": 0, "top-level-properties-order": 0, "require-quotes-in-ports": 0 } as const;
    const linter = new DCLinter({ rules, quiet: false, debug: false, exclude: [] });
    const results: readonly LintResult[] = linter.lintFiles([join(deployFolder, "compose.yaml")], false);
    expect(results.flatMap(({ messages }) => messages.map(({ rule, message }) => `${rule}: ${message}`))).toEqual([]);
    expect(results).toHaveLength(1);
  });

  test("sets only what the server reads, and kills no node before it has drained", () => {
    const { api, worker } = readServices();
    for (const { environment = {}, stop_grace_period: grace = "" } of [api, worker].map((node) => node ?? {})) {
      expect(Object.keys(environment).filter((name) => !known.has(name))).toEqual([]);
      expect(Number.parseInt(grace) * 1_000).toBeGreaterThan(Number(environment["NOUKAI_DRAIN_MS"]));
    }
  });
});

test("flows and the operator's key are where the API is, and nowhere else", () => {
  const { api, worker } = readServices();
  expect([api?.volumes, Object.keys(api?.environment ?? {}).includes("NOUKAI_API_KEY")]).toEqual([
    ["../flows:/flows:ro"],
    true,
  ]);
  expect([worker?.volumes, Object.keys(worker?.environment ?? {}).includes("NOUKAI_API_KEY")]).toEqual([
    undefined,
    false,
  ]);
});

describe("the Kubernetes example", () => {
  const manifests = readManifests();
  const pods = manifests.flatMap(({ spec }) => (spec?.template === undefined ? [] : [spec.template.spec]));

  test.each(manifests.map((manifest) => [`${manifest.kind} ${manifest.metadata.name}`, manifest] as const))(
    "%s is what its API takes",
    (_, manifest) => {
      expect(() => check(manifest)).not.toThrow();
    },
  );

  test("a wrong key in it is found", () => {
    const [manifest] = manifests;
    expect(() => check({ ...manifest, spec: { replicas: "2" } } as unknown as Manifest)).toThrow(/replicas/);
  });

  test.each(pods.map((pod, index) => [index, pod] as const))("pod %i can run", (_, pod) => {
    const [container] = pod.containers;
    const names = (container?.env ?? []).map(({ name }) => name);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
    expect(paths).toContain(container?.readinessProbe.httpGet.path);
    expect(paths).toContain(container?.livenessProbe.httpGet.path);
    expect(graceLeftMs(pod)).toBeGreaterThan(0);
  });
});

/** What is used of the linter's result, whose own types name files that are not in its package. */
interface LintResult {
  readonly messages: readonly { readonly rule: string; readonly message: string }[];
}

const models: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "apps/v1": apps,
  "policy/v1": policy,
  v1: core,
};

/** Throws with what the object's API would refuse. */
function check(manifest: Manifest): void {
  const Model = models[manifest.apiVersion]?.[manifest.kind] as
    | (new (data: Manifest) => { validate(): void })
    | undefined;
  if (Model === undefined) throw new Error(`No model of ${manifest.apiVersion} ${manifest.kind}.`);
  new Model(manifest).validate();
}

/** What is left of the grace period once a node has drained. */
function graceLeftMs({ terminationGracePeriodSeconds, containers: [container] }: PodSpec): number {
  const drainMs = Number(container?.env.find(({ name }) => name === "NOUKAI_DRAIN_MS")?.value);
  const pauseMs = (container?.lifecycle?.preStop.sleep.seconds ?? 0) * 1_000;
  return terminationGracePeriodSeconds * 1_000 - pauseMs - drainMs;
}

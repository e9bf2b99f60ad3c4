// Writes what the published packages export, as one file per entry point: `packages/<name>/api/<entry>.api.md`.
// A change of the public surface is then seen in a diff, and `check.mjs` asks for its changeset.
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";

/** The entry points of a package that have types: `.` is `index`, `./testing` is `testing`. Generated shapes change with `openapi/`, which has a diff of its own. */
function entryPoints(folder) {
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return Object.entries(exports)
    .filter(([path, target]) => target.types !== undefined && path !== "./schema")
    .map(([path, { types }]) => ({
      name: path === "." ? "index" : path.slice(2).replaceAll("/", "-"),
      types: join(folder, types),
    }));
}

/** Reports on one package into `reports`. Needs its built types. */
export function writeReports(folder, reports = join(folder, "api")) {
  mkdirSync(reports, { recursive: true });
  for (const { name, types } of entryPoints(folder)) {
    const config = ExtractorConfig.prepare({
      configObject: {
        projectFolder: folder,
        mainEntryPointFilePath: types,
        bundledPackages: ["@noukai/core"],
        compiler: {
          overrideTsconfig: {
            compilerOptions: {
              target: "ES2023",
              module: "NodeNext",
              moduleResolution: "NodeNext",
              lib: ["ES2023", "ESNext.Disposable", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
              strict: true,
              exactOptionalPropertyTypes: true,
              skipLibCheck: true,
              types: [],
            },
            files: [types],
          },
        },
        apiReport: {
          enabled: true,
          reportFileName: name,
          reportFolder: reports,
          reportTempFolder: join(reports, ".temp"),
        },
        docModel: { enabled: false },
        dtsRollup: { enabled: false },
        tsdocMetadata: { enabled: false },
        messages: {
          compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
          extractorMessageReporting: {
            default: { logLevel: ExtractorLogLevel.None },
            // A type that users meet and cannot import.
            "ae-forgotten-export": { logLevel: ExtractorLogLevel.Warning, addToApiReportFile: true },
          },
          tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        },
      },
      configObjectFullPath: undefined,
      packageJsonFullPath: join(folder, "package.json"),
    });
    const { succeeded } = Extractor.invoke(config, {
      localBuild: true,
      showVerboseMessages: false,
      messageCallback: (message) => {
        if (message.logLevel === ExtractorLogLevel.Error) console.error(message.formatMessageWithLocation(folder));
        message.handled = true;
      },
    });
    if (!succeeded) throw new Error(`No report could be made of ${types}.`);
  }
  rmSync(join(reports, ".temp"), { recursive: true, force: true });
}

if (process.argv[1] === import.meta.filename) {
  for (const name of ["core", "sdk", "hono"]) writeReports(join(import.meta.dirname, "../../../packages", name));
}

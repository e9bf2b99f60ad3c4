import { defineProject } from "vitest/config";
import { sourceConditions, sourceThreads } from "../../vitest.shared.ts";

export default defineProject({ ...sourceConditions, test: { name: "server", execArgv: sourceThreads } });

import { defineProject } from "vitest/config";

// The tests run the real tools on the real document; Redocly alone takes a second to start on a cold machine.
export default defineProject({ test: { name: "codegen", testTimeout: 60_000 } });

import { fileURLToPath } from "node:url";
import { defineProject } from "vitest/config";
import { sourceConditions } from "../../vitest.shared.ts";

/** The tests of `@noukai/react` once more, with what is installed here. */
const root = fileURLToPath(new URL("../../packages/react", import.meta.url));
const here = fileURLToPath(new URL("node_modules", import.meta.url));
const replaced = ["react", "react-dom", "@testing-library/react", "@tanstack/react-query"];

export default defineProject({
  ...sourceConditions,
  root,
  resolve: {
    ...sourceConditions.resolve,
    alias: replaced.map((name) => ({ find: new RegExp(`^${name}(?=/|$)`), replacement: `${here}/${name}` })),
  },
  test: {
    name: "react-18",
    environment: "jsdom",
    setupFiles: ["test/setup.ts"],
    env: { REACT_MAJOR: "18" },
    include: ["test/**/*.test.tsx"],
  },
});

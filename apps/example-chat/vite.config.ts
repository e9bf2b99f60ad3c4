import { defineConfig } from "vite";

export default defineConfig({
  build: {
    outDir: "dist/page", // where the server looks for it
    emptyOutDir: true,
    target: "es2022",
    // The hooks' "use client" is for servers that render; here all is client.
    rolldownOptions: { checks: { moduleLevelDirective: false } },
  },
});

/** Tests read the workspace's source, never a build that may be stale. */
const conditions = ["@noukai/source"];

export const sourceConditions = {
  resolve: { conditions },
  ssr: { resolve: { conditions } },
} as const;

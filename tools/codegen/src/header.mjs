/** The first line of every generated file. */
export const header = "// Generated from openapi/ by `npm run generate`; do not edit.\n\n";

/** This SDK's version, the one in `package.json`. */
export const VERSION = "0.0.0";
/** The date of the wire contract that this SDK was written for. */
export const API_VERSION = "2026-05-31";

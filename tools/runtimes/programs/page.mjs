// For browsers: the page calls it.
import { smoke } from "./smoke.mjs";

globalThis.smoke = smoke;

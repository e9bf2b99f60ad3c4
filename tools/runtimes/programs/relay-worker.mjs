// For workerd, which gives it its bindings.
export { app as default } from "./relay-app.mjs";

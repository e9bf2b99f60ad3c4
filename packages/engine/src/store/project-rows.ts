import type { Project, StoredSettings } from "./store.ts";

/** A project as it comes back: its settings are still JSON. */
export interface ProjectRow extends Omit<Project, "settings"> {
  readonly settings: string;
}

export function toProject({ settings, ...row }: ProjectRow): Project {
  return { ...row, settings: JSON.parse(settings) as StoredSettings }; // as: `saveSettings` wrote it
}

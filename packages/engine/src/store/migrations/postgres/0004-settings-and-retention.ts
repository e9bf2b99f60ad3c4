/** Projects' settings, as text like every JSON here, and how long flows keep their runs. */
export const settingsAndRetention = `
ALTER TABLE projects ADD COLUMN settings text NOT NULL DEFAULT '{}';
ALTER TABLE flows ADD COLUMN retention_days integer;
`;

/** The cache: `openStore` for the process that coordinates, `openArtifactStore` for workers. */
export { sqliteVersion } from "./driver.js";
export { openArtifactStore, openStore, storeFailure } from "./open.js";
export * from "./types.js";

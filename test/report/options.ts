import { readFileSync } from "node:fs";
import type { Json, JsonObject } from "../../src/base/json.js";

/** The options of a chart with the defaults of its schema filled in, as the parent process would hand them over. */
export function withDefaults(kind: string, given: JsonObject): JsonObject {
  const path = new URL(`../../schemas/charts/${kind}.schema.json`, import.meta.url);
  const schema = JSON.parse(readFileSync(path, "utf8")) as { properties: Record<string, { default?: Json }> };
  const defaults = Object.entries(schema.properties).flatMap(([name, { default: value }]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return { ...Object.fromEntries(defaults), ...given };
}

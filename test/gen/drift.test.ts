import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { missingHalves } from "../../scripts/generate/registries.js";
import { readSchemas } from "../../scripts/generate/schemas.js";
import { drift } from "../../scripts/generate.js";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

describe("what is generated", () => {
  it("is what the schemas and the code directories give (npm run generate)", async () => {
    expect(await drift()).toEqual([]);
  });
});

describe("a kind that YAML can name", () => {
  it("has both halves: a schema and code", () => {
    expect(missingHalves(root, readSchemas(root))).toEqual([]);
  });
});

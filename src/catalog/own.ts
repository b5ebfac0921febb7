import type { JsonObject } from "../base/json.js";
import { codeOf, type OwnFamily, ownName, shortKind } from "../base/own-kind.js";
import type { InputPort, StageFacts } from "../base/ports.js";
import { adoptLayer } from "../layers/index.js";
import type { Answers } from "../own/answers.js";
import { describedLayer } from "../own/layer.js";
import type { Catalog, FactsOf, Family, Kind, LossFacts, Schema } from "./types.js";

/** A file of own code that is known: its code by its parts, what its definition says, and its compiled schema. */
export interface OwnSource {
  readonly family: OwnFamily;
  /** Absolute. */
  readonly file: string;
  /** 16 hexadecimal digits. */
  readonly code: string;
  /** Module or package → digest or version. */
  readonly parts: JsonObject;
  readonly description: JsonObject;
  readonly schema: Schema;
}

/** A file that was looked at, and of which there are complaints already. */
export interface FailedSource {
  readonly family: OwnFamily;
  readonly file: string;
  readonly failed: true;
}

/**
 * The catalog with kinds of the project's own, found by their files.
 *
 * @param answers what functions of own layers say; questions that it cannot answer are left open there.
 */
export function withOwn(base: Catalog, sources: readonly (OwnSource | FailedSource)[], answers: Answers): Catalog {
  const byFile = new Map(sources.map((source) => [`${source.family} ${source.file}`, source]));
  const byName = new Map<string, Kind>();
  const code = new Map<string, JsonObject>();
  return {
    ...base,
    get<F extends Family>(family: F, name: string): Kind<F> | undefined {
      return codeOf(name) === undefined ? base.get(family, name) : (byName.get(`${family} ${name}`) as Kind<F>);
    },
    schema: (id) => byName.get(id.replace("/", " ")) ?? base.schema(id),
    codeOf: (name) => code.get(name),
    own(family, file, written) {
      const source = byFile.get(`${family} ${file}`);
      if (source === undefined) return undefined;
      if ("failed" in source) return null;
      const kind = kindOf(source, written);
      byName.set(`${family} ${kind.name}`, kind);
      code.set(kind.name, source.parts);
      if (family === "layers") {
        adoptLayer(kind.name, describedLayer(kind.name, source.code, source.description, answers));
      }
      return kind;
    },
  };
}

function kindOf({ family, code, description, schema }: OwnSource, written: string): Kind {
  const about = factsOf[family]?.(description, written);
  return { family: family as Family, name: ownName(written, code), ...schema, about: about as undefined };
}

const factsOf: { readonly [F in OwnFamily]?: (description: JsonObject, written: string) => FactsOf<F> } = {
  stages: stageFacts,
  losses: ({ output = "any", reconstruction = true }) => ({ output, reconstruction }) as LossFacts,
  metrics: ({ name }, written) => ({ name: typeof name === "string" ? name : shortKind(written) }),
};

type Port = string | (Pick<InputPort, "type"> & Partial<InputPort>);

function stageFacts({ version = 1, seeded = false, engine = false, inputs = {}, outputs }: JsonObject): StageFacts {
  const ports = Object.entries(inputs as Readonly<Record<string, Port>>).map(([name, port]) => {
    return [name, { optional: false, ...(typeof port === "string" ? { type: port } : port) }];
  });
  return { version, inputs: Object.fromEntries(ports), outputs, seeded, engine } as unknown as StageFacts;
}

import { lossTable } from "../gen/losses.js";
import { stageTable } from "../gen/stages.js";
import { kindNames, schemaFacts } from "../gen/tables.js";
import { validators } from "../gen/validators.js";
import type { Catalog, Family, Kind, KindFacts, Schema } from "./types.js";

const about: { readonly [F in keyof KindFacts]: Readonly<Record<string, KindFacts[F]>> } = {
  stages: stageTable,
  losses: lossTable,
  metrics: {},
};

/** The kinds that come with the program, as generated from `schemas/`. Looked up by name: nothing is built at start-up. */
export const builtIn: Catalog = {
  get<F extends Family>(family: F, name: string): Kind<F> | undefined {
    const id = `${family}/${name}`;
    if (!Object.hasOwn(schemaFacts, id)) return undefined;
    const table = (about as Readonly<Record<string, Readonly<Record<string, unknown>>>>)[family];
    return { family, name, ...schemaOf(id), about: table?.[name] } as Kind<F>;
  },
  names: (family) => known(family).names,
  one: (family) => known(family).one,
  schema: schemaOf,
  codeOf: () => undefined,
  own: () => undefined,
};

function known(family: string) {
  const found = kindNames[family];
  if (found === undefined) throw new Error(`no family of kinds is called ${family}`);
  return found;
}

function schemaOf(id: string): Schema {
  const [facts, validate] = [schemaFacts[id], validators[id]];
  if (facts === undefined || validate === undefined) throw new Error(`no schema ${id}`);
  return { facts, validate };
}

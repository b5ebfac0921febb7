/** What spec needs of a schema besides its validator: the places of kinds and files, and the keys. */
import { banner, visitPlaces, walk } from "./schemas.js";
import { allSchemas, unlessId } from "./validators.js";

export function tableFiles(schemas) {
  const facts = Object.fromEntries(allSchemas(schemas).map(([id, schema]) => [id, factsOf(id, schema)]));
  const text = `${banner}
/** A place is a path into the data, joined by \`/\`; \`*\` stands for any index or key. */
export interface SchemaFacts {
  /** The keys of the mapping at a place. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
  /** What is expected at a place, for messages. */
  readonly expected: Readonly<Record<string, string>>;
  /** What keys that the user chooses at a place may be, for messages. */
  readonly keyNames?: Readonly<Record<string, string>>;
  /** Places of kinds of a folder; a mapping with one of \`unless\`'s keys is checked by that schema instead. */
  readonly kinds: readonly { readonly place: string; readonly folder: string; readonly unless?: string }[];
  /** Where a file is named, and what must be in it. */
  readonly files: readonly { readonly place: string; readonly holds: string }[];
  /** Places of names that must be safe as file names. */
  readonly names: readonly string[];
  /** The kind that describes the whole mapping is the value of this key. */
  readonly select?: Select;
}

/** The kind of a mapping is the value of \`key\`; without that key, another one decides it. */
export interface Select {
  readonly key: string;
  readonly folder: string;
  readonly without?: Readonly<Record<string, string>>;
}

/** \`folder/kind\` → facts. */
export const schemaFacts: Readonly<Record<string, SchemaFacts>> = ${JSON.stringify(facts, null, 1)};

/** Folder → what one of its kinds is called, and their names. */
export const kindNames: Readonly<Record<string, { readonly one: string; readonly names: readonly string[] }>> = ${JSON.stringify(
    namesOf(schemas),
    null,
    1,
  )};
`;
  return new Map([["src/gen/tables.ts", text]]);
}

function factsOf(id, schema) {
  const facts = { keys: {}, expected: {}, kinds: [], files: [], names: [] };
  if (schema["x-select"]) facts.select = schema["x-select"];
  // What an `x-unless` describes is a schema of its own.
  const own = walk(schema, (node) => (node["x-unless"] ? { ...node, "x-unless": {} } : node));
  visitPlaces(own, (node, path) => {
    const place = path.join("/");
    if (node.properties) facts.keys[place] = Object.keys(node.properties);
    if (node["x-expected"] && node["x-shared"] !== "name") facts.expected[place] = node["x-expected"];
    if (node.propertyNames?.["x-expected"]) {
      facts.keyNames = { ...facts.keyNames, [place]: node.propertyNames["x-expected"] };
    }
    if (node["x-shared"] === "name") facts.names.push(place);
    if (node["x-file"]) facts.files.push({ place, holds: node["x-file"] });
    if (node["x-kind"]) {
      const unless = node["x-unless"] ? { unless: unlessId(id, path) } : {};
      facts.kinds.push({ place, folder: node["x-kind"], ...unless });
    }
  });
  return facts;
}

function namesOf({ kinds }) {
  return Object.fromEntries(
    Object.entries(kinds).map(([folder, list]) => [folder, { one: singular(folder), names: Object.keys(list) }]),
  );
}

function singular(folder) {
  return { stages: "stage", families: "family", losses: "loss" }[folder] ?? folder.slice(0, -1);
}

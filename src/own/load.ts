import { pathToFileURL } from "node:url";
import { codeOf, type OwnFamily, shownKind } from "../base/own-kind.js";
import { type Definition, definitionOf } from "./definition.js";
import { bundlePath } from "./home.js";

/** A definition by the name that its code's digest is part of. Only a worker may: this runs what the project brought. */
export async function loadOwn(family: OwnFamily, name: string): Promise<Definition> {
  const code = codeOf(name);
  if (code === undefined) throw new Error(`${name} names no own code`);
  process.setSourceMapsEnabled(true);
  const { default: exported } = await import(pathToFileURL(bundlePath(code)).href);
  const defined = definitionOf(family, exported);
  if (!defined.ok) throw new Error(`${shownKind(name)} is no definition any more`);
  return defined.value.definition;
}

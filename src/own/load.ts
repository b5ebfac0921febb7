import { pathToFileURL } from "node:url";
import { OwnCodeError } from "../base/own-failure.js";
import { codeOf, type OwnFamily, shownKind } from "../base/own-kind.js";
import { type Definition, definitionOf } from "./definition.js";
import { bundlePath } from "./home.js";

/** Own code must not end the process that it runs in, by which its place would be lost. */
export function forbidExit(): void {
  process.exit = (code) => {
    throw new OwnCodeError(`process.exit(${code ?? ""}) was called, and only the program ends its processes`);
  };
}

/** The exports of the code that a name means. Only a worker may load them: this runs the project's code. */
export async function importOwn(name: string): Promise<unknown> {
  const code = codeOf(name);
  if (code === undefined) throw new Error(`${name} names no own code`);
  process.setSourceMapsEnabled(true);
  forbidExit();
  const { default: exported } = await import(pathToFileURL(bundlePath(code)).href);
  return exported;
}

export async function loadOwn(family: OwnFamily, name: string): Promise<Definition> {
  const defined = definitionOf(family, await importOwn(name));
  if (!defined.ok) throw new Error(`${shownKind(name)} is no definition any more`);
  return defined.value.definition;
}

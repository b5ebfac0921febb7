import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { VEIL, VEILED_NAMES } from "../vega-names.js";
import { lightColors } from "./style.js";

/** Vega, its expression interpreter, and the page's own script: what the page needs to be interactive. */
export function pageScripts(): readonly string[] {
  scripts ??= [vegaScript(), interpreterScript(), ownScript()];
  return scripts;
}
let scripts: readonly string[] | undefined;

const resolve = createRequire(import.meta.url).resolve;

/** The build for browsers lies beside the module that Node loads. */
function vegaScript(): string {
  return closable(readFileSync(join(dirname(resolve("vega")), "vega.min.js"), "utf8"));
}

/**
 * The interpreter comes as a module only. Its one import is a part of what the `vega` global holds already, and its one
 * export becomes a property of it.
 */
function interpreterScript(): string {
  let replaced = 0;
  const replace = (text: string, pattern: RegExp, by: string) =>
    text.replace(pattern, (...match) => {
      replaced++;
      return by.replace("$1", String(match[1]));
    });
  let text = readFileSync(resolve("vega-interpreter"), "utf8");
  text = replace(text, /^import \{([^}]*)\} from 'vega-util';$/m, "const {$1} = vega;");
  text = replace(text, /^export \{ (\w+) as expressionInterpreter \};$/m, "vega.expressionInterpreter = $1;");
  if (replaced !== 2 || /^(import|export)\b/m.test(text)) {
    throw new Error("vega-interpreter is not built as this report expects; see src/report/html/scripts.ts");
  }
  return closable(`(() => {\n${text.replace(/^\/\/# sourceMappingURL.*$/m, "")}})();`);
}

/** `page/*.ts` are plain scripts that share their top level; compiled each for itself and joined here. */
function ownScript(): string {
  const folder = pageFolder();
  const files = readdirSync(folder).filter((name) => name.endsWith(".js"));
  const text = files.sort().map((name) => readFileSync(join(folder, name), "utf8"));
  const constants = Object.entries({ LIGHT: lightColors, VEIL, VEILED_NAMES });
  const declared = constants.map(([name, value]) => `const ${name} = ${JSON.stringify(value)};\n`).join("");
  return closable(`(() => {\n"use strict";\n${declared}${text.join("\n")}\n})();`);
}

/** Tests run this file from `src/`; the compiled page script is in `dist/` either way. */
function pageFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const beside = join(here, "../page");
  const built = existsSync(join(beside, "main.js")) ? beside : join(here, "../../../dist/src/report/page");
  if (!existsSync(join(built, "main.js"))) throw new Error("the page's script is not built: run npm run build");
  return built;
}

/** No text of a script may end its element. In strings and regular expressions `<\/` means the same. */
function closable(text: string): string {
  return text.replace(/<\/(script)/gi, "<\\/$1").replace(/<!--/g, "<\\!--");
}

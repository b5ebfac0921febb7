import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { ResvgRenderOptions } from "@resvg/resvg-js";
import type { Diagnostic } from "../base/diagnostic.js";
import { err, ok, type Result } from "../base/result.js";
import { charactersOf } from "./font.js";

/** Pixels of the PNG for one of the drawing, along each side: sharp in print and on dense screens. */
const SCALE = 2;

/** The font comes from a package, and the machine's own are never looked at: every machine writes the same file. */
const FONT = "Open Sans";
const FONT_FILES = ["400Regular/OpenSans_400Regular.ttf", "700Bold/OpenSans_700Bold.ttf"];
/** The scripts that it has letters for. */
const SCRIPTS = "Latin, Greek, Cyrillic and Hebrew letters";

/** Signs of the report itself that the font lacks, and what stands for them. */
const SUBSTITUTES: Readonly<Record<string, string>> = { "\u202f": "\u00a0", "⁻": "−" };
const substituted = new RegExp(`[${Object.keys(SUBSTITUTES).join("")}]`, "g");

export interface Rasterizer {
  /** Draws a complete, self-contained `<svg>` element as a PNG file, on white. A letter that the font lacks is an empty box. */
  draw(svg: string): Uint8Array;
  /** The letters in the texts of a drawing that the font lacks. */
  lacking(svg: string): readonly string[];
}

/** The renderer is native code, loaded at the first call. Errors: there is none for this machine. */
export async function rasterizer(): Promise<Result<Rasterizer, readonly Diagnostic[]>> {
  const library = await import("@resvg/resvg-js").catch((error: unknown) => error as Error);
  if (library instanceof Error) return err([noRenderer(library)]);
  const { resolve } = createRequire(import.meta.url);
  const fontFiles = FONT_FILES.map((file) => resolve(`@expo-google-fonts/open-sans/${file}`));
  const has = charactersOf(readFileSync(fontFiles[0] as string));
  const options: ResvgRenderOptions = {
    font: { fontFiles, defaultFontFamily: FONT, sansSerifFamily: FONT, loadSystemFonts: false },
    fitTo: { mode: "zoom", value: SCALE },
    background: "#ffffff",
  };
  const drawable = (svg: string) => svg.replace(substituted, (sign) => SUBSTITUTES[sign] as string);
  return ok({
    draw: (svg) => new library.Resvg(drawable(svg), options).render().asPng(),
    lacking: (svg) => [...new Set(lettersOf(drawable(svg)))].filter((letter) => !has(letter.codePointAt(0) as number)),
  });
}

/** What can be seen of the texts of a drawing: signs that only join or arrange others have no picture anywhere. */
function lettersOf(svg: string): string[] {
  const texts = [...svg.matchAll(/<text\b[^>]*>(.*?)<\/text>/gs)].map(([, inside = ""]) =>
    inside.replace(/<[^>]*>/g, ""),
  );
  return [...texts.join("").replace(/&#?\w+;/g, "")].filter(
    (letter) => !/[\p{C}\p{Z}\p{Variation_Selector}]/u.test(letter),
  );
}

/** Letters that a warning names. */
const NAMED = 12;

/** Says which letters are missing in drawings; null where none are. */
export function missingLetters(letters: ReadonlySet<string>, drawings: number): Diagnostic | null {
  if (letters.size === 0) return null;
  const some = [...letters].slice(0, NAMED).join(" ");
  return {
    code: "missing-letters",
    severity: "warning",
    message: `${drawings === 1 ? "1 picture has" : `${drawings} pictures have`} empty boxes for letters that their font lacks`,
    received: letters.size > NAMED ? `${some} and ${letters.size - NAMED} more` : some,
    expected: SCRIPTS,
    fix: "Say `--format svg`: a program that opens such a file draws it in fonts of its own.",
  };
}

function noRenderer(error: Error): Diagnostic {
  return {
    code: "no-rasterizer",
    severity: "error",
    message: "charts cannot be written as PNG: the package @resvg/resvg-js does not load",
    received: error.message.split("\n")[0] as string,
    fix: "Install again with optional dependencies (without `--omit=optional`), or say `--format svg`.",
  };
}

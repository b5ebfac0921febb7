import { createRequire } from "node:module";
import type { ResvgRenderOptions } from "@resvg/resvg-js";
import type { Diagnostic } from "../base/diagnostic.js";
import { err, ok, type Result } from "../base/result.js";

/** Pixels of the PNG for one of the drawing, along each side: sharp in print and on dense screens. */
const SCALE = 2;

/**
 * The font comes from a package, so that a machine without fonts writes the same file as any other. The machine's own
 * fonts serve only the letters that it lacks.
 */
const FONT = "Open Sans";
const FONT_FILES = ["400Regular/OpenSans_400Regular.ttf", "700Bold/OpenSans_700Bold.ttf"];

/** Draws a complete, self-contained `<svg>` element as a PNG file, on white. */
export type Rasterizer = (svg: string) => Uint8Array;

/** The renderer is native code, loaded at the first call. Errors: there is none for this machine. */
export async function rasterizer(): Promise<Result<Rasterizer, readonly Diagnostic[]>> {
  const library = await import("@resvg/resvg-js").catch((error: unknown) => error as Error);
  if (library instanceof Error) return err([noRenderer(library)]);
  const { resolve } = createRequire(import.meta.url);
  const options: ResvgRenderOptions = {
    font: {
      fontFiles: FONT_FILES.map((file) => resolve(`@expo-google-fonts/open-sans/${file}`)),
      defaultFontFamily: FONT,
      sansSerifFamily: FONT,
      loadSystemFonts: true,
    },
    fitTo: { mode: "zoom", value: SCALE },
    background: "#ffffff",
  };
  return ok((svg) => new library.Resvg(svg, options).render().asPng());
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

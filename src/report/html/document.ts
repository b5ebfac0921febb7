import { createHash } from "node:crypto";
import type { Section } from "../block.js";
import type { Sprite, VariantLook } from "../chart.js";
import { type Html, html, trusted } from "./html.js";
import { styleSheet } from "./style.js";
import { dataUri } from "./table.js";

export interface DocumentParts {
  readonly title: string;
  readonly header: Html;
  readonly sections: readonly { readonly section: Section; readonly body: Html }[];
  readonly looks: readonly VariantLook[];
  readonly sprites: Readonly<Record<string, Sprite>>;
  /** All that the page's script works on, and all that programs may want to read. */
  readonly data: Html;
  readonly scripts: readonly string[];
}

/** The whole file: one document that needs nothing else, and may load nothing else. */
export function documentHtml(parts: DocumentParts): Uint8Array {
  const style = styleSheet(parts.looks);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(parts.scripts, style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${parts.title}</title>
<style>${trusted(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
${parts.header}
<nav aria-label="Sections"><ul>${parts.sections.map(({ section }) => html`<li><a href="#${section.id}">${section.title}</a></li>`)}</ul></nav>
<main id="main" tabindex="-1">
${parts.sections.map(({ body }) => body)}</main>
<svg class="sprites" aria-hidden="true" width="0" height="0">${Object.entries(parts.sprites).map(([name, sprite]) => spriteHtml(name, sprite))}</svg>
<script type="application/json" id="report-data">${parts.data}</script>
${parts.scripts.map((script) => html`<script>${trusted(script)}</script>\n`)}</body>
</html>
`;
  return new TextEncoder().encode(page.text);
}

function spriteHtml(name: string, sprite: Sprite): Html {
  const width = sprite.columns * sprite.tileWidth;
  const height = Math.max(1, Math.ceil(sprite.count / sprite.columns)) * sprite.tileHeight;
  return html`<image id="sprite-${name}" width="${width}" height="${height}" href="${dataUri(sprite.png)}"/>`;
}

/**
 * Nothing may be loaded, sent or evaluated; only the scripts and the style of this very file are allowed, by
 * their hashes. Pictures are data URIs, and a saved chart is a blob.
 */
function policy(scripts: readonly string[], style: string): string {
  const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  return [
    "default-src 'none'",
    `script-src ${scripts.map(hash).join(" ") || "'none'"}`,
    `style-src ${hash(style)}`,
    "img-src data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

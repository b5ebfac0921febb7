/** Markup that is safe to put into a page: made only here, so that no text gets in unescaped. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
}

export type HtmlPart = Html | string | number | null | undefined | false | readonly HtmlPart[];

/** Tagged template: values are escaped unless they are `Html` already; null, undefined and false are left out. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlPart[]): Html {
  let text = strings[0] as string;
  values.forEach((value, i) => {
    text += partText(value) + strings[i + 1];
  });
  return new Html(text);
}

/** Vouches for markup that was made elsewhere: Vega's SVG, our own scripts. */
export function trusted(text: string): Html {
  return new Html(text);
}

function partText(part: HtmlPart): string {
  if (part === null || part === undefined || part === false) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "string") return escapeHtml(part);
  if (typeof part === "number") return String(part);
  return part.map(partText).join("");
}

/** For text and for attribute values in either kind of quotes; also right inside SVG. */
export function escapeHtml(text: string): string {
  return withoutControls(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Characters that XML cannot hold, however they are written, become the sign for a character that cannot be shown. */
export function withoutControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for.
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd");
}

/**
 * JSON for a data block in a page. Nothing in it can end the element or open a comment, and the
 * line separators that old script parsers choke on are escaped too.
 */
export function jsonForPage(value: unknown): Html {
  const text = JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return new Html(text);
}

import { Composer, type CST, type Document, Parser } from "yaml";
import type { Complaints } from "./complaints.js";
import type { Source } from "./source.js";
import type { Tree } from "./tree.js";
import { maxDepth, TreeBuilder, tooDeep } from "./tree-builder.js";

/**
 * YAML 1.2 text → tree, or null after a complaint. YAML is data here: a tag of any kind is refused, and aliases are
 * shared, not copied, with their written-out size bounded.
 *
 * @param offset where in the source the text begins; what is before it is not YAML (`--set key=`).
 */
export function parseYaml(source: Source, complaints: Complaints, offset = 0): Tree | null {
  // Spaces in front keep all offsets, whatever the text before was.
  const text = offset === 0 ? source.text : " ".repeat(offset) + source.text.slice(offset);
  return quietly(() => parse(text, source, complaints));
}

function parse(text: string, source: Source, complaints: Complaints): Tree | null {
  const tokens = [...new Parser().parse(text)];
  const deepest = tooDeepToken(tokens);
  if (deepest !== null) {
    tooDeep({ source, start: deepest, end: deepest + 1 }, complaints);
    return null;
  }
  // Duplicate keys are found below, with both places.
  const options = { version: "1.2", uniqueKeys: false, prettyErrors: false, logLevel: "error" } as const;
  const documents = new Composer(options).compose(tokens, true, text.length);
  const [document, second] = [...documents] as readonly Document.Parsed[];
  if (document === undefined) throw new Error("the composer made no document");
  if (!checkDirectives(tokens, source, complaints)) return null;
  const mistake = document.errors[0];
  if (mistake !== undefined) {
    // What follows the first syntax error is mostly its echo.
    complaints.error("yaml-syntax", syntaxMessage(mistake.message), {
      at: { source, start: mistake.pos[0], end: mistake.pos[1] },
      fix: fixOf(mistake.code),
    });
    return null;
  }
  if (second !== undefined) {
    complaints.error("yaml-syntax", "the file holds several documents", {
      at: { source, start: second.range[0], end: second.range[1] },
      fix: "Keep one document in a file: remove the line `---`.",
    });
    return null;
  }
  for (const { code, message, pos } of document.warnings) {
    if (said.has(code)) continue;
    complaints.warn("yaml-doubtful", `other programs may not read this: ${firstLine(message)}`, {
      at: { source, start: pos[0], end: pos[1] },
      fix: fixOf(code),
    });
  }
  return new TreeBuilder(source, document, complaints).build();
}

/** Warnings of the parser's of which more is said elsewhere, and of a bracket's indentation, which everybody reads. */
const said = new Set<string>(["BAD_DIRECTIVE", "TAG_RESOLVE_FAILED", "BAD_COLLECTION_TYPE", "BAD_INDENT"]);

/** The parser prints all that it sees to standard output where one of these variables is set, for whatever purpose. */
const printing = ["LOG_STREAM", "LOG_TOKENS"];

function quietly<T>(work: () => T): T {
  const kept = printing.flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]] as const],
  );
  for (const [name] of kept) delete process.env[name];
  try {
    return work();
  } finally {
    for (const [name, value] of kept) process.env[name] = value;
  }
}

/**
 * Lines that begin with `%`. A version other than ours would change what words such as `no` mean, so it is refused; the
 * others say nothing here. Whether there is none of another version.
 */
function checkDirectives(tokens: readonly CST.Token[], source: Source, complaints: Complaints): boolean {
  let fine = true;
  for (const token of tokens) {
    if (token.type !== "directive") continue;
    const at = { source, start: token.offset, end: token.offset + token.source.trimEnd().length };
    const [name = "", version] = token.source.trim().split(/[ \t]+/);
    if (name === "%YAML" && version === "1.2") continue;
    const details = { at, received: token.source.trim(), fix: "Remove the line." };
    if (name === "%YAML") {
      fine = false;
      complaints.error("yaml-directive", "this file says that it is of another version of YAML", {
        ...details,
        expected: "YAML 1.2, which needs no such line",
      });
    } else complaints.warn("yaml-directive", `the directive \`${name}\` has no effect`, details);
  }
  return fine;
}

/**
 * Where the text is nested too deeply, or null. Asked before anything recursive sees it: what comes after the parser
 * would exhaust the stack, and V8 may then end the process.
 */
function tooDeepToken(tokens: readonly CST.Token[]): number | null {
  const open = tokens.map((token) => ({ token, depth: 0 }));
  for (let here = open.pop(); here !== undefined; here = open.pop()) {
    const { token, depth } = here;
    if (depth > maxDepth) return token.offset;
    const inside =
      token.type === "document"
        ? [token.value]
        : "items" in token
          ? (token.items as readonly CST.CollectionItem[]).flatMap((item) => [item.key, item.value])
          : [];
    for (const next of inside) if (next) open.push({ token: next, depth: depth + 1 });
  }
  return null;
}

function syntaxMessage(message: string): string {
  return `this is not YAML: ${firstLine(message)}`;
}

function firstLine(message: string): string {
  const line = (message.split("\n")[0] ?? "").replace(/\.$/, "");
  return `${line.charAt(0).toLowerCase()}${line.slice(1)}`;
}

function fixOf(code: string): string {
  return syntaxFixes[code] ?? "Correct it here, or put quotes around a text that holds signs of YAML.";
}

const syntaxFixes: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "Indent with spaces.",
  BAD_INDENT: "Indent the lines of one mapping or list alike, and close every bracket.",
  MISSING_CHAR: "Add the missing character.",
  BLOCK_AS_IMPLICIT_KEY: "Put quotes around a text that holds `: `, or start a new line.",
  BAD_ALIAS: "Put a space before the colon, or quotes around the text.",
  BAD_DQ_ESCAPE: "Write `\\\\` for a backslash, or use single quotes, in which a backslash is plain.",
  BAD_DIRECTIVE: "Remove the line.",
  BAD_SCALAR_START: "Put quotes around the text.",
  MULTIPLE_ANCHORS: "Keep one anchor.",
  MULTIPLE_TAGS: "Remove the tags.",
};

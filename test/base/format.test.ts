import { describe, expect, it } from "vitest";
import type { Diagnostic, Location } from "../../src/base/diagnostic.js";
import { formatDiagnostic } from "../../src/base/format.js";

function at(lineText: string, column: number, length: number): Location {
  return { file: "vae.yaml", line: 7, column, length, lineText };
}

function diagnostic(more: Partial<Diagnostic>): Diagnostic {
  return { code: "unknown-key", severity: "error", message: "there is no key `x`", ...more };
}

describe("formatDiagnostic", () => {
  it("begins with the place, so that a terminal can follow it, and marks the range", () => {
    const text = formatDiagnostic(
      diagnostic({ at: at("train: { x: 1 }", 10, 1), received: "x", expected: "y", fix: "Did you mean y?" }),
    );
    expect(text).toBe(
      [
        "vae.yaml:7:10 error[unknown-key]: there is no key `x`",
        "  7 | train: { x: 1 }",
        "    |          ^",
        "  received: x",
        "  expected: y",
        "  fix: Did you mean y?",
      ].join("\n"),
    );
  });

  it("does without a place", () => {
    expect(formatDiagnostic(diagnostic({ severity: "warning" }))).toBe("warning[unknown-key]: there is no key `x`");
  });

  it("shows related places", () => {
    const text = formatDiagnostic(diagnostic({ related: [{ message: "the first one", at: at("x: 1", 1, 1) }] }));
    expect(text.split("\n").slice(1)).toEqual(["  vae.yaml:7:1 the first one", "  7 | x: 1", "    | ^"]);
  });

  it("keeps tabs before the mark, so that it stands below what it marks", () => {
    const lines = formatDiagnostic(diagnostic({ at: at("\ta:\tx", 5, 1) })).split("\n");
    expect(lines[2]).toBe("    | \t  \t^");
  });

  it.each([0, 50, 150, 280])("cuts a long line around column %i and still marks the right letter", (index) => {
    const line = `${"a".repeat(index)}X${"b".repeat(300 - index)}`;
    const [, excerpt = "", mark = ""] = formatDiagnostic(diagnostic({ at: at(line, index + 1, 1) })).split("\n");
    expect(excerpt.length).toBeLessThan(130);
    expect(excerpt.charAt(mark.indexOf("^"))).toBe("X");
  });

  it("lets no control character of a file reach the terminal", () => {
    const text = formatDiagnostic(
      diagnostic({ message: "a\u001b[2Jb", at: at("x\u001b]0;title\u0007", 1, 1), fix: "c\rd" }),
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
  });

  it("colours only when asked to", () => {
    expect(formatDiagnostic(diagnostic({ fix: "f" }))).not.toContain("\u001b[");
    expect(formatDiagnostic(diagnostic({ fix: "f" }), { color: true })).toContain("\u001b[31m");
  });
});

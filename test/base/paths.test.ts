import { join, sep } from "node:path";
import { describe, expect, it } from "vitest";
import { pathBelow, withoutFolder } from "../../src/base/paths.js";

describe("pathBelow", () => {
  const project = join(sep, "home", "ada", "digits");
  it.each([
    [project, "."],
    [join(project, "a", "b.yaml"), join("a", "b.yaml")],
    [join(project, "..more", "b.yaml"), join("..more", "b.yaml")],
    [join(project, ".."), null],
    [join(project, "..", "digits-2"), null],
  ])("%s", (path, below) => expect(pathBelow(project, path)).toBe(below));
});

describe("withoutFolder", () => {
  const tilde = { itself: "~", below: "~/" };
  it.each([
    ["/home/ada", "cannot read /home/ada/x, /home/ada: no", "cannot read ~/x, ~: no"],
    ["/home/ada", "/home/ada2/x and /home/ada-b", "/home/ada2/x and /home/ada-b"],
    ["C:\\Users\\Ada", "at C:\\Users\\Ada\\x", "at ~/x"],
    ["/", "nats/example", "nats/example"],
    ["C:\\", "C:\\x", "C:\\x"],
    ["", "loss", "loss"],
    ["/a.b", "/axb/c /a.b/c", "/axb/c ~/c"],
  ])("%s in %s", (folder, text, expected) => expect(withoutFolder(text, folder, tilde)).toBe(expected));
});

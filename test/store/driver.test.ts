import { describe, expect, test } from "vitest";
import { chooseDriver } from "../../src/store/driver.js";
import { Database } from "../rig/sqlite.js";

/** Packages by name, with their versions; what is not there is told as Node tells it. */
function installed(versions: Readonly<Record<string, string>>, load: (name: string) => unknown = () => Database) {
  return (path: string): unknown => {
    const name = path.replace(/\/package\.json$/, "");
    const version = versions[name];
    if (version === undefined) throw new Error(`Cannot find module '${path}'\nRequire stack:\n- driver.js`);
    return path === name ? load(name) : { version };
  };
}

class Unbuilt {
  constructor() {
    throw new Error("Could not locate the bindings file. Tried:\n → build/better_sqlite3.node");
  }
}

describe("which SQLite library is taken", () => {
  const both = { "better-sqlite3": "13.2.0", "better-sqlite3-node20": "12.11.1" };
  const named = (name: string) =>
    class extends Database {
      static readonly package = name;
    };

  test.each([
    [9, both, "better-sqlite3-node20"],
    [10, both, "better-sqlite3"],
    [9, { "better-sqlite3": "12.11.1" }, "better-sqlite3"],
    [10, { "better-sqlite3-node20": "12.11.1" }, "better-sqlite3-node20"],
  ])("with Node-API %i, of %o", (napi, versions, expected) => {
    const chosen = chooseDriver(installed(versions, named), napi);
    expect(chosen.ok && (chosen.value as unknown as { package: string }).package).toBe(expected);
  });

  test("the other one where the first has no binary", () => {
    const load = installed(both, (name) => (name === "better-sqlite3" ? Unbuilt : Database));
    expect(chooseDriver(load, 10)).toEqual({ ok: true, value: Database });
  });

  test("none: every package and why, and what to do", () => {
    const load = installed({ "better-sqlite3": "13.2.0" });
    expect(chooseDriver(load, 9)).toMatchObject({
      error: [
        {
          code: "sqlite-missing",
          message: `no SQLite library can be loaded by Node ${process.version}`,
          received:
            "better-sqlite3 13.2.0 needs Node 22.14 or later; " +
            "better-sqlite3-node20: Cannot find module 'better-sqlite3-node20/package.json'",
          fix: expect.stringContaining("npm install better-sqlite3@12"),
        },
      ],
    });
    expect(
      chooseDriver(
        installed(both, () => Unbuilt),
        10,
      ),
    ).toMatchObject({
      error: [{ received: expect.stringMatching(/^better-sqlite3: Could not .*; better-sqlite3-node20: Could not/) }],
    });
  });
});

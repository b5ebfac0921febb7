import { execFile } from "node:child_process";
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";

/** A checkout of its own, as `npm run build` leaves one. */
const root = fileURLToPath(new URL("../..", import.meta.url));
const checkout = realpathSync(mkdtempSync(join(tmpdir(), "pipe-checkout-")));
for (const name of ["bin", "dist", "schemas", "scripts", "package.json"]) {
  cpSync(join(root, name), join(checkout, name), { recursive: true, preserveTimestamps: true });
}
symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"), "junction");
afterAll(() => rmSync(checkout, { recursive: true, force: true }));

const path = (file: string) => join(checkout, file);
const revisions = () => JSON.parse(readFileSync(path("dist/revisions.json"), "utf8")) as Record<string, unknown>;
const start = () => promisify(execFile)(process.execPath, [path("bin/pipe.js"), "--version"]);

/** What `tsc` alone does: modules are newer than the bundle and the digests. */
function compile(file: string, edit: (text: string) => string): void {
  const text = readFileSync(path(file), "utf8");
  expect(edit(text), `the edit of ${file} changes nothing`).not.toBe(text);
  writeFileSync(path(file), edit(text));
  const later = new Date(Date.now() + 5000);
  for (const each of [file, "dist/src/cli/main.js"]) utimesSync(path(each), later, later);
}

it("after a compilation alone, the program has the digests of the code that runs", async () => {
  const built = revisions();
  await start();
  expect(revisions()).toEqual(built);
  compile("dist/src/engine/train.js", (text) => text.replaceAll("return ", "return globalThis.other(), "));
  await start();
  const renewed = revisions();
  expect(renewed.train).not.toEqual(built.train);
  expect(renewed.report).toEqual(built.report);
});

it("after a compilation that broke off, it says what to do", async () => {
  rmSync(path("dist/src/report/page"), { recursive: true });
  compile("dist/src/engine/train.js", (text) => `${text}\n`);
  await expect(start()).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^pipe is not built whole: .*\n$/),
  });
});

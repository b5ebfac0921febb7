import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { digestBytes, digestJson } from "../../src/base/digest.js";
import { open, sql, tempDir } from "./rig.js";

/** Needs a build: the processes run what users run. */
const SCRIPT = fileURLToPath(new URL("contender.js", import.meta.url));
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

async function contender(): Promise<ChildProcess> {
  const child = fork(SCRIPT, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  children.push(child);
  expect(await once(child, "message")).toEqual(["ready", undefined]);
  return child;
}

async function ask(child: ChildProcess, message: object): Promise<unknown> {
  const ended = once(child, "exit").then(([code]) => `exit ${code}`);
  const answered = once(child, "message").then(([answer]) => answer);
  child.send(message);
  return await Promise.race([answered, ended]);
}

test("several processes make one store at one moment, and work on it side by side", async () => {
  const names = ["one", "two", "three"];
  for (let round = 0; round < 3; round++) {
    const dir = tempDir();
    const processes = await Promise.all(names.map(contender));
    const answers = processes.map((child, i) => ask(child, { job: "work", dir, name: names[i], results: 6 }));
    expect(await Promise.all(answers)).toEqual(["done", "done", "done"]);
    const store = open(dir);
    expect(store.verify()).toEqual([]);
    expect(store.stats()).toMatchObject({ results: 4 * 6, runs: 3 });
    expect(new Set(store.listRuns().map(({ run }) => run))).toEqual(new Set(names));
    for (const owner of ["all", ...names]) {
      expect(store.lookup(digestJson({ kind: "report", owner, i: 5 }))?.outputs).toHaveLength(1);
    }
  }
});

test("a process killed while it stores leaves a sound store with whole entries only", async () => {
  const dir = tempDir();
  const child = await contender();
  expect(await ask(child, { job: "forever", dir })).toBe("stored");
  child.kill("SIGKILL");
  await once(child, "exit");
  const store = open(dir);
  expect(store.verify()).toEqual([]);
  expect(store.hasBlob(digestBytes(new Uint8Array(20_000_000)))).toBe(true);
  expect(sql(store).pragma("integrity_check", { simple: true })).toBe("ok");
});

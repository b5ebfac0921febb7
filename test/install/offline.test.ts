/**
 * What the program asks of the system while it trains, renders and exports: no address of any network, and no file but those in
 * the runs directory. Libraries have been known to report their use some ten to thirty seconds after the start, so one training
 * is watched for longer than that, without `CI`, which alone keeps some of them quiet.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enginesFolder, installedTensorflow } from "../../src/base/tensorflow-home.js";
import { bin, Project } from "../rig/rig.js";
import { foreignActs } from "./strace.js";

const TRAINING_MS = 42_000;
const CALLS =
  "socket,connect,bind,sendto,sendmsg,sendmmsg,open,openat,openat2,creat,mkdir,mkdirat,mknod,mknodat,truncate,unlink,unlinkat," +
  "rename,renameat,renameat2,link,linkat,symlink,symlinkat";
const WATCH = ["-f", "-qq", "-y", "--seccomp-bpf", "-s", "4096", "-e", `trace=${CALLS}`, "-e", "signal=none"];

const traceable = spawnSync("strace", [...WATCH, "-o", "/dev/null", "true"]).status === 0;
if (!traceable) console.log("strace cannot be used here: what the program asks of the system is not watched");

/** The optional engine lies in the home folder, which is another one here. */
const ELSEWHERE = { PIPE_ENGINES: enginesFolder() };
const tensorflow = installedTensorflow(join(enginesFolder(), "tensorflow")) === null ? [] : ["tensorflow"];

let project: Project;
beforeAll(() => {
  project = new Project();
  project.writeTinyExperiment();
  for (const folder of ["home", "tmp"]) mkdirSync(join(project.dir, folder));
});
afterAll(() => project.remove());

/** Runs `pipe` under strace, interrupts it after so many milliseconds of training, and tells what it did beyond its own. */
async function watched(args: readonly string[], stopAfter?: number) {
  const { CI: _, NO_COLOR: __, FORCE_COLOR: ___, ...inherited } = process.env;
  const env = { ...inherited, ...ELSEWHERE, HOME: join(project.dir, "home"), TMPDIR: join(project.dir, "tmp") };
  const trace = join(project.dir, "trace.txt");
  const command = [...WATCH, "-o", trace, process.execPath, bin, ...args];
  const child = spawn("strace", command, { cwd: project.dir, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let timer: NodeJS.Timeout | undefined;
  const hear = (text: string): void => {
    output += text;
    // As a terminal does at Ctrl-C: to the whole group, of which strace lets itself not be interrupted.
    if (stopAfter !== undefined && timer === undefined && /train: epoch/.test(output)) {
      timer = setTimeout(() => process.kill(-(child.pid as number), "SIGINT"), stopAfter);
    }
  };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", hear);
  const code = await new Promise((resolve) => child.on("close", resolve));
  clearTimeout(timer);
  const calls = readFileSync(trace, "utf8");
  return { code, output, calls, acts: foreignActs(calls, project.dir) };
}

it.each([
  ["socket(AF_INET6, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_IP) = 21<UDPv6:[1]>", true],
  [
    'connect(27<socket:[2]>, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")}, 16 <unfinished ...>',
    true,
  ],
  ['sendto(27<TCP:[10.0.0.1:4->10.0.0.2:443]>, "x", 1, MSG_NOSIGNAL, NULL, 0) = 1', true],
  ['connect(3<UNIX-STREAM:[4]>, {sa_family=AF_UNIX, sun_path="/run/x"}, 110) = 0', false],
  ['openat(AT_FDCWD</p>, "/p/home/.cache/id", O_WRONLY|O_CREAT, 0644) = 3', true],
  ['openat(26</p/home/.cache>, "id.tmp", O_RDWR|O_CREAT <unfinished ...>', true],
  ['openat(AT_FDCWD</p>, "/p/runs/../home/id", O_RDWR) = 3', true],
  ['rename("/p/runs/a", "/p/runs-of-others/a") = 0', true],
  ['mkdir("/p/.ses", 0777) = 0', true],
  ['mkdir("runs", 0777) = 0', false],
  ['openat(AT_FDCWD</p>, "runs/cache.db-wal", O_RDWR|O_CREAT|O_CLOEXEC, 0644) = 3</p/runs/cache.db-wal>', false],
  ['openat(AT_FDCWD</p>, "/etc/hosts", O_RDONLY|O_CLOEXEC) = 3</etc/hosts>', false],
  ["<... connect resumed>) = 0", false],
])("a trace with %s", (line, foreign) => {
  expect(foreignActs(`12 ${line}\n`, "/p")).toHaveLength(foreign ? 1 : 0);
});

describe.skipIf(!traceable)("nothing leaves the machine, and nothing is written elsewhere", () => {
  it("while a training takes its time", async () => {
    const vae = fileURLToPath(new URL("../../pipelines/vae.yaml", import.meta.url));
    const { code, output, calls, acts } = await watched(["run", vae, "--set", "params.epochs=100000"], TRAINING_MS);
    expect(code, output).toBe(130);
    // It was watched: the workers too.
    expect(calls).toMatch(/openat\(.*onnxruntime_binding\.node/);
    expect(calls).toMatch(/openat\(.*runs\/cache\.db"/);
    expect(acts).toEqual([]);
  });

  it.each([
    [["doctor"]],
    [["run", "compare.yaml"]],
    [["run", "compare.yaml", "--engine", "wasm", "--force"]],
    ...tensorflow.map((engine) => [["run", "compare.yaml", "--engine", engine, "--force"]]),
    [["report", "latest"]],
    [["export", "latest", "--format", "onnx", "--output", "runs/onnx"]],
    [["export", "latest", "--format", "png", "--output", "runs/png"]],
  ])("by %o", async (args) => {
    const { code, output, acts } = await watched(args);
    expect(code, output).toBe(0);
    expect(acts).toEqual([]);
  });

  it("in the home folder and the temporary one", () => {
    expect(readdirSync(join(project.dir, "home"))).toEqual([]);
    // Node 22 and later keep compiled code there, which bin/pipe.js asks for.
    expect(readdirSync(join(project.dir, "tmp")).filter((name) => name !== "node-compile-cache")).toEqual([]);
    expect(existsSync(join(project.dir, "runs/cache.db"))).toBe(true);
  });
});

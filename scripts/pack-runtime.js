#!/usr/bin/env node
/**
 * Puts ONNX Runtime into what `npm pack` packs, at dist/node_modules, where Node finds it. As a dependency it would
 * bring twice as much, most of it for GPUs, and a post-install script that downloads more; npm 12 asks before it runs such a
 * script, older ones do not, and no setting of ours stops it in the project that installs the tarball.
 *
 *     PIPE_PLATFORMS=linux/x64,darwin/arm64 npm pack      for some systems only
 *
 * In a checkout Node finds the package itself, so the copy stands there only while it is packed.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const from = join(root, "node_modules/onnxruntime-node");
const folder = join(root, "dist/node_modules");
const to = join(folder, "onnxruntime-node");

/** The binding, and the library that computes: by these names on Linux, macOS and Windows. */
const NEEDED = /^(onnxruntime_binding\.node|libonnxruntime\.so\.\d+|libonnxruntime\.\d+\.dylib|onnxruntime\.dll)$/;

const LICENSE = `MIT License

Copyright (c) Microsoft Corporation

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
`;

rmSync(folder, { recursive: true, force: true });
if (process.argv[2] !== "--undo") carry(process.env.PIPE_PLATFORMS?.split(","));

/** @param {string[] | undefined} wanted folders of `bin/napi-v*`, such as `linux/x64`; all where it is undefined */
function carry(wanted) {
  const files = readdirSync(from, { recursive: true }).map((file) => String(file).replaceAll("\\", "/"));
  const binaries = files
    .map((file) => /^bin\/[^/]+\/([^/]+\/[^/]+)\/([^/]+)$/.exec(file))
    .filter((found) => found !== null && NEEDED.test(found[2]));
  const platforms = [...new Set(binaries.map((found) => found[1]))];
  const unknown = wanted?.filter((platform) => !platforms.includes(platform)) ?? [];
  if (unknown.length > 0)
    throw new Error(`PIPE_PLATFORMS: no ${unknown.join(", ")}; there are ${platforms.join(", ")}`);
  for (const platform of platforms) {
    const count = binaries.filter((found) => found[1] === platform).length;
    if (count !== 2) throw new Error(`onnxruntime-node has ${count} of the two files that ${platform} needs`);
  }
  const chosen = binaries.filter((found) => wanted?.includes(found[1]) ?? true).map((found) => found[0]);
  for (const file of [...files.filter((file) => /^dist\/.*\.(js|d\.ts)$/.test(file)), "README.md", ...chosen]) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    copyFileSync(join(from, file), join(to, file));
  }
  const { name, version, description, license, author, repository, main, types } = JSON.parse(
    readFileSync(join(from, "package.json"), "utf8"),
  );
  const manifest = { name, version, description, license, author, repository, main, types };
  writeFileSync(join(to, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  writeFileSync(join(to, "LICENSE"), LICENSE);
}

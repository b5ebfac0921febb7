import type { Disk } from "../base/disk.js";
import {
  manifestEntries,
  safetensorsEntries,
  safetensorsHeader,
  type WeightFileProblem,
} from "../data/weight-files.js";
import type { StageParams } from "../gen/stages.js";
import type { Complaints } from "./complaints.js";
import { fixFor, unreadable } from "./read.js";
import type { StageTree } from "./stage-tree.js";

interface Given {
  readonly params: StageParams["weights"];
  readonly written: StageTree;
  readonly disk: Disk;
  readonly complaints: Complaints;
}

/** Which keys say something only beside another one. */
const BESIDE = { manifest: "file", loss: "file", variant: "run", stage: "run" } as const;

/** Where a `weights` stage takes them from, and whether the file's header is one. */
export function checkWeightSource(given: Given): void {
  const { params, written, complaints } = given;
  const sources = (["file", "run"] as const).filter((key) => params[key] !== undefined);
  if (sources.length !== 1) {
    complaints.error("weights-source", "weights come from a file or from a run", {
      ...written.place(sources.length === 0 ? [] : ["run"]),
      received: sources.length === 0 ? "neither" : "both",
      expected: "one of file, run",
      fix: "Write `file: weights.safetensors`, or `run: latest` with the `variant`.",
    });
    return;
  }
  for (const [key, needed] of Object.entries(BESIDE)) {
    if (params[key as keyof typeof BESIDE] === undefined || params[needed] !== undefined) continue;
    complaints.error("weights-source", `\`${key}\` says something only beside \`${needed}\``, {
      ...written.place([key]),
      fix: `Remove it, or write \`${needed}: …\`.`,
    });
  }
  if (params.file !== undefined) checkFile(params.file, given);
}

function checkFile(file: string, { params, written, disk, complaints }: Given): void {
  const absolute = written.absolutePath(["file"], file);
  const { manifest } = params;
  const key = manifest === undefined ? "file" : "manifest";
  const problemOf = ({ message, code, ...texts }: WeightFileProblem) =>
    complaints.error(code, `${manifest ?? file} ${message}`, { ...written.place([key]), ...texts });
  const size = disk.size(absolute);
  if (!size.ok) {
    complaints.error(...unreadable(file, size.error), { ...written.place(["file"]), ...fixFor(size.error) });
    return;
  }
  if (manifest !== undefined) {
    const text = disk.read(written.absolutePath(["manifest"], manifest));
    if (!text.ok) {
      complaints.error(...unreadable(manifest, text.error), { ...written.place(["manifest"]), ...fixFor(text.error) });
      return;
    }
    const entries = manifestEntries(text.value, size.value);
    if (!entries.ok) problemOf(entries.error);
    return;
  }
  const start = disk.read(absolute, { from: 0, length: 16 });
  const header = start.ok ? safetensorsHeader(start.value, size.value) : null;
  if (header === null) return;
  const head = header.ok ? disk.read(absolute, { from: 0, length: header.value }) : null;
  const entries = head?.ok ? safetensorsEntries(head.value, size.value) : header;
  if (!entries.ok) problemOf(entries.error);
}

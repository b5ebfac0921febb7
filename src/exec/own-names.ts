import { type ArtifactStore, fetchArtifact } from "../artifact/io.js";
import type { ArtifactKind, ArtifactTypes } from "../artifact/types.js";
import { ownNamesIn } from "../base/own-kind.js";

/** Artifacts that name kinds: layers, losses, charts. */
const NAMING: readonly string[] = ["model", "weights", "figures"] satisfies readonly ArtifactKind[];

/** Names of own kinds in an artifact; none in those that name no kinds. */
function ownNamesOf(kind: string, artifact: unknown): Iterable<string> {
  if (kind === "model") return ownNamesIn(artifact);
  if (kind === "weights") return ownNamesIn((artifact as ArtifactTypes["weights"]).loss);
  if (kind === "figures") return ownNamesIn((artifact as ArtifactTypes["figures"]).charts.map((chart) => chart.kind));
  return [];
}

/** Names of own kinds in all artifacts that the input of a task names by digest. */
export function ownNamesBehind(input: unknown, store: ArtifactStore): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [kind, digests] of artifactsIn(input)) {
    for (const digest of digests) {
      for (const name of ownNamesOf(kind, fetchArtifact(store, kind as ArtifactKind, digest))) names.add(name);
    }
  }
  return names;
}

/** `{ kind: "model", digest }` and `{ model: digest }`, wherever they stand. */
function artifactsIn(data: unknown, found = new Map<string, Set<string>>()): ReadonlyMap<string, ReadonlySet<string>> {
  if (typeof data !== "object" || data === null) return found;
  const add = (kind: unknown, digest: unknown): void => {
    if (typeof kind !== "string" || typeof digest !== "string") return;
    if (!NAMING.includes(kind) || !/^[0-9a-f]{64}$/.test(digest)) return;
    found.set(kind, (found.get(kind) ?? new Set()).add(digest));
  };
  const { kind, digest } = data as { readonly kind?: unknown; readonly digest?: unknown };
  add(kind, digest);
  for (const [key, value] of Object.entries(data)) {
    add(key, value);
    artifactsIn(value, found);
  }
  return found;
}

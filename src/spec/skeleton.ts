import type { StageFacts } from "../base/ports.js";
import { didYouMean, oneOf } from "../base/suggest.js";
import type { Catalog, Family, Kind } from "../catalog/types.js";
import type { Complaints } from "./complaints.js";
import { without } from "./extends.js";
import { checkName } from "./names.js";
import { isOwnKind, ownKindName, pathHint } from "./own-kinds.js";
import { checkSchema } from "./schema.js";
import type { Span } from "./source.js";
import { StageTree } from "./stage-tree.js";
import { describe, type Entry, type MapTree, type Tree, toJson } from "./tree.js";

/** A stage as it was written: its keys for us taken out, its parameters not looked at yet. */
export interface RawStage {
  readonly name: string;
  readonly key: Span;
  readonly kind: string;
  /** Of its kind. */
  readonly facts: StageFacts;
  /** The stage's mapping without `uses`, `needs` and `inputs`. */
  readonly written: StageTree;
  /** As written; undefined where it follows the stage above. */
  readonly needs: readonly { readonly name: string; readonly at: Span }[] | undefined;
  /** The explicit wiring of its inputs. */
  readonly wires: readonly WrittenWire[];
}

/** `weights: pretrain.weights` in a stage's `inputs`. */
export interface WrittenWire {
  readonly port: string;
  readonly key: Span;
  readonly stage: string;
  /** The stage's output; undefined where the stage alone is named. */
  readonly output: string | undefined;
  readonly at: Span;
}

/** A pipeline whose outer form is right. */
export interface RawPipeline {
  readonly name: string;
  readonly description: string;
  readonly seed: number;
  readonly tree: MapTree;
  readonly stages: readonly RawStage[];
  /** Every stage that was written is among them. */
  readonly complete: boolean;
}

/**
 * Checks everything outside of the stages' parameters. Stages whose kind is not known are left out, after a complaint, so
 * that the others are still checked; null where there is nothing to go on with.
 *
 * @param defaultName for a pipeline without a name: its file's.
 */
export function checkSkeleton(
  tree: MapTree,
  defaultName: string,
  catalog: Catalog,
  complaints: Complaints,
): RawPipeline | null {
  const named = "this pipeline";
  const json = checkSchema({ id: "skeleton/pipeline", tree, path: [], what: named }, catalog, complaints) as {
    readonly name?: string;
    readonly description?: string;
    readonly seed: number;
  };
  const group = tree.entries.get("stages")?.value;
  if (json.name === undefined) checkName(defaultName, "the file's name, which names the variant,", tree.at, complaints);
  const found = group?.type === "map" ? [...group.entries] : [];
  if (found.length === 0 || found.length > maxStages) return null;
  const errors = complaints.errorCount;
  const stages = found.flatMap(([name, entry]) => rawStage(name, entry, catalog, complaints) ?? []);
  return {
    name: json.name ?? defaultName,
    description: typeof json.description === "string" ? json.description : "",
    seed: json.seed,
    tree,
    stages,
    complete: complaints.errorCount === errors,
  };
}

/** What the schema says too; beyond it there is nothing to go on with. */
const maxStages = 200;

/** Stage names have no dots: `--set stages.train.epochs=1` would not know where they end. */
const stageName = /^[^.]*$/;

function rawStage(name: string, entry: Entry, catalog: Catalog, complaints: Complaints): RawStage | null {
  const what = `the name of the stage \`${name}\``;
  if (checkName(name, what, entry.key, complaints) && !stageName.test(name)) {
    complaints.error("unsafe-name", `${what} holds a dot`, { at: entry.key, fix: "Use `-` instead." });
  }
  if (entry.value.type !== "map") {
    complaints.error("wrong-type", `the stage \`${name}\` is a mapping`, {
      at: entry.value.at.end > entry.value.at.start ? entry.value.at : entry.key,
      received: describe(toJson(entry.value)),
      expected: "a mapping of the stage's parameters",
      fix: `Write \`${name}: {}\` for a stage without parameters.`,
    });
    return null;
  }
  const uses = entry.value.entries.get("uses");
  const kind = kindOf(name, entry.key, uses?.value, catalog, complaints);
  const needs = entry.value.entries.get("needs");
  const known = kind === null ? undefined : catalog.get("stages", kind);
  if (known === undefined) return null;
  const { wired, params } = withoutWires(["uses", "needs"].reduce(without, entry.value), known, catalog);
  return {
    name,
    key: entry.key,
    kind: known.name,
    facts: known.about,
    written: new StageTree(name, entry.key, params),
    needs: needs && needsOf(needs.value, complaints),
    wires: wired === undefined ? [] : wiresOf(wired, complaints),
  };
}

/** Takes the explicit wiring of a stage's ports out of its mapping. */
function withoutWires(
  written: MapTree,
  { facts, about }: Kind<"stages">,
  catalog: Catalog,
): { readonly wired?: Tree; readonly params: MapTree } {
  const inputs = written.entries.get("inputs");
  if (inputs === undefined) return { params: written };
  const rest = without(written, "inputs");
  // The parameters of a model have `inputs` of their own: what is no port there is meant for them.
  const { folder } = facts.select ?? {};
  const forms =
    folder === undefined
      ? [facts]
      : catalog.names(folder as Family).map((kind) => catalog.schema(`${folder}/${kind}`).facts);
  if (!forms.some(({ keys }) => keys[""]?.includes("inputs"))) return { wired: inputs.value, params: rest };
  if (inputs.value.type !== "map") return { params: written };
  const isPort = ([name]: readonly [string, Entry]) => Object.hasOwn(about.inputs, name);
  const all = [...inputs.value.entries];
  const part = (entries: readonly (readonly [string, Entry])[]): MapTree => ({
    ...(inputs.value as MapTree),
    entries: new Map(entries),
  });
  const own = all.filter((entry) => !isPort(entry));
  const entry = { key: inputs.key, value: part(own) };
  const params =
    own.length < all.length && own.length === 0
      ? rest
      : { ...rest, entries: new Map([...rest.entries, ["inputs", entry]]) };
  return { wired: part(all.filter(isPort)), params };
}

function kindOf(
  name: string,
  key: Span,
  uses: Tree | undefined,
  catalog: Catalog,
  complaints: Complaints,
): string | null {
  const kinds = catalog.names("stages");
  if (uses === undefined) {
    if (kinds.includes(name)) return name;
    complaints.error("unknown-stage", `there is no stage kind \`${name}\``, {
      at: key,
      expected: oneOf(kinds),
      fix: didYouMean(name, kinds) ?? "Say what it is with `uses: <kind>`.",
    });
    return null;
  }
  const kind = uses.type === "scalar" ? uses.value : undefined;
  if (typeof kind === "string" && isOwnKind("stages", kind)) {
    return ownKindName("stages", kind, uses.at, catalog, complaints);
  }
  if (typeof kind === "string" && kinds.includes(kind)) return kind;
  complaints.error(
    "unknown-stage",
    typeof kind === "string" ? `there is no stage kind \`${kind}\`` : "`uses` names a stage kind",
    {
      at: uses.at,
      received: describe(toJson(uses)),
      expected: oneOf(kinds),
      fix:
        (typeof kind === "string" ? (pathHint(kind) ?? didYouMean(kind, kinds)) : undefined) ?? "Write one of these.",
    },
  );
  return null;
}

function needsOf(tree: Tree, complaints: Complaints): RawStage["needs"] {
  const items = tree.type === "list" ? tree.items : [];
  const names = items.flatMap((item) =>
    item.type === "scalar" && typeof item.value === "string" ? [{ name: item.value, at: item.at }] : [],
  );
  if (tree.type === "list" && names.length === items.length) return names;
  complaints.error("wrong-type", "`needs` is a list of stage names", {
    at: tree.at,
    received: describe(toJson(tree)),
    expected: "a list such as [load, build]",
    fix: "Put the names in brackets.",
  });
  return undefined;
}

function wiresOf(tree: Tree, complaints: Complaints): readonly WrittenWire[] {
  if (tree.type !== "map") {
    complaints.error("wrong-type", "`inputs` says what the stage takes from which other one", {
      at: tree.at,
      received: describe(toJson(tree)),
      expected: "a mapping such as { weights: pretrain.weights }",
      fix: "Name an input, and the stage that makes it.",
    });
    return [];
  }
  return [...tree.entries].flatMap(([port, { key, value }]) => {
    const written = value.type === "scalar" ? value.value : undefined;
    if (typeof written === "string" && /^[^.]+(\.[^.]+)?$/.test(written)) {
      const [stage, output] = written.split(".") as [string, string?];
      return [{ port, key, stage, output, at: value.at }];
    }
    complaints.error("wrong-type", `the input \`${port}\` names a stage and its output`, {
      at: value.at.end > value.at.start ? value.at : key,
      received: describe(toJson(value)),
      expected: "a text such as pretrain.weights",
      fix: `Write \`${port}: <stage>.<output>\`.`,
    });
    return [];
  });
}

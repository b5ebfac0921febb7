import type { GraphSpec, GroupSpec, NodeSpec, OutputSpec } from "../artifact/graph.js";
import type { JsonPath } from "../base/json.js";
import type { VariationalAutoencoderFamily } from "../gen/families.js";
import type { Layer, LayerParams } from "../gen/layers.js";
import type { BuildStage } from "../gen/stages.js";
import { chosen } from "./choice.js";

/** A model of a family as a graph, and where in the family's parameters each node stands. */
export interface Expanded {
  readonly graph: GraphSpec;
  readonly places: ReadonlyMap<string, JsonPath>;
}

const INPUT = "x";

export function expandFamilies(params: BuildStage): Expanded {
  const expansion = new Expansion();
  const inputs = { [INPUT]: { column: null } };
  if (params.family === "sequential") {
    const node = expansion.list(params.layers, "model", INPUT, ["layers"]);
    return expansion.finish(inputs, { output: { node, target: "label" } });
  }
  const features = expansion.list(params.encoder, "encoder", INPUT, ["encoder"]);
  expansion.group("encoder", INPUT, features);
  const latent = params.family === "variational-autoencoder";
  const code = latent ? expansion.latent(params.latent, features) : features;
  if (latent) expansion.group("latent", features, code);
  const node = expansion.list(params.decoder, "decoder", code, ["decoder"]);
  expansion.group("decoder", code, node);
  const reconstruction = { node, target: `input:${INPUT}` };
  if (!latent) return expansion.finish(inputs, { code: { node: code }, reconstruction });
  const [mean, scale] = [{ node: "latent/mean" }, { node: "latent/scale" }];
  return expansion.finish(inputs, { mean, scale, z: { node: code }, reconstruction });
}

class Expansion {
  readonly #nodes: Record<string, NodeSpec> = {};
  readonly #groups: Record<string, GroupSpec> = {};
  readonly #places = new Map<string, JsonPath>();
  #grouped = 0;

  /** Layers one after the other, named after their kinds. Returns the last one's name. */
  list(layers: readonly Layer[], prefix: string, input: string, path: JsonPath): string {
    const seen = new Map<string, number>();
    let from = input;
    for (const [i, layer] of layers.entries()) {
      const { kind, params } = chosen(layer);
      const count = seen.get(kind) ?? 0;
      seen.set(kind, count + 1);
      const name = `${prefix}/${kind}${count === 0 ? "" : `_${count}`}`;
      const { branches, ...own } = params as { branches?: readonly (readonly Layer[])[] };
      const place = [...path, i];
      const ends = branches?.map((branch, b) =>
        this.list(branch, `${name}/branch${b + 1}`, from, [...place, kind, "branches", b]),
      );
      this.#add(name, { [kind]: own, from: ends ?? [from] }, [...place, kind]);
      from = name;
    }
    return from;
  }

  /** Two dense heads, mean and s, and the draw from the distribution that they describe. */
  latent({ units, noise, scale }: VariationalAutoencoderFamily["latent"], features: string): string {
    const dense: LayerParams["dense"] = {
      units,
      activation: "linear",
      useBias: true,
      kernelInitializer: { glorotUniform: {} },
      biasInitializer: { zeros: {} },
    };
    for (const head of ["mean", "scale"]) this.#add(`latent/${head}`, { dense, from: [features] }, ["encoder"]);
    const sampling = { noise, scale, stream: "noise" };
    this.#add("latent/z", { sampling, from: ["latent/mean", "latent/scale"] }, ["latent"]);
    return "latent/z";
  }

  /** Of all nodes since the group before it. */
  group(role: string, input: string, output: string): void {
    const nodes = Object.keys(this.#nodes).slice(this.#grouped);
    this.#grouped += nodes.length;
    this.#groups[role] = { nodes, input, output, role };
  }

  finish(inputs: GraphSpec["inputs"], outputs: Readonly<Record<string, OutputSpec>>): Expanded {
    return { graph: { inputs, nodes: this.#nodes, outputs, groups: this.#groups }, places: this.#places };
  }

  #add(name: string, node: NodeSpec, place: JsonPath): void {
    this.#nodes[name] = node;
    this.#places.set(name, place);
  }
}

/**
 * Models as tests describe them, in the short forms of the families, written out as graphs. `add` and `concatenate` may
 * have `branches` here, lists of layers that all take what the layer takes.
 */
import type { GraphSpec, GroupSpec, NodeSpec, OutputSpec } from "../../src/artifact/graph.js";
import type { Layer, LayerParams } from "../../src/gen/layers.js";

export interface Latent {
  readonly units: number;
  readonly noise: number;
  readonly scale: "exp" | "exp-half";
}

export type FamilyModel =
  | { readonly family: "sequential"; readonly layers: readonly Layer[] }
  | { readonly family: "autoencoder"; readonly encoder: readonly Layer[]; readonly decoder: readonly Layer[] }
  | {
      readonly family: "variational-autoencoder";
      readonly encoder: readonly Layer[];
      readonly latent: Latent;
      readonly decoder: readonly Layer[];
    };

const INPUT = "input";

export function graphOf(params: FamilyModel): GraphSpec {
  const expansion = new Expansion();
  const inputs = { [INPUT]: { column: null } };
  if (params.family === "sequential") {
    const node = expansion.list(params.layers, "model", INPUT);
    return expansion.finish(inputs, { output: { node, target: "label" } });
  }
  const features = expansion.list(params.encoder, "encoder", INPUT);
  expansion.group("encoder", INPUT, features);
  const latent = params.family === "variational-autoencoder";
  const code = latent ? expansion.latent(params.latent, features) : features;
  if (latent) expansion.group("latent", features, code);
  const node = expansion.list(params.decoder, "decoder", code);
  expansion.group("decoder", code, node);
  const reconstruction = { node, target: `input:${INPUT}` };
  if (!latent) return expansion.finish(inputs, { code: { node: code }, reconstruction });
  const [mean, scale] = [{ node: "latent/mean" }, { node: "latent/scale" }];
  return expansion.finish(inputs, { mean, scale, z: { node: code }, reconstruction });
}

class Expansion {
  readonly #nodes: Record<string, NodeSpec> = {};
  readonly #groups: Record<string, GroupSpec> = {};
  #grouped = 0;

  /** Layers one after the other, named after their kinds. Returns the last one's name. */
  list(layers: readonly Layer[], prefix: string, input: string): string {
    const seen = new Map<string, number>();
    let from = input;
    for (const layer of layers) {
      const [kind, params] = Object.entries(layer)[0] as [string, object];
      const count = seen.get(kind) ?? 0;
      seen.set(kind, count + 1);
      const name = `${prefix}/${kind}${count === 0 ? "" : `_${count}`}`;
      const { branches, ...own } = params as { branches?: readonly (readonly Layer[])[] };
      const ends = branches?.map((branch, b) => this.list(branch, `${name}/branch${b + 1}`, from));
      this.#nodes[name] = { [kind]: own, from: ends ?? [from] };
      from = name;
    }
    return from;
  }

  /** Two dense heads, mean and s, and the draw from the distribution that they describe. */
  latent({ units, noise, scale }: Latent, features: string): string {
    const dense: LayerParams["dense"] = {
      units,
      activation: "linear",
      useBias: true,
      kernelInitializer: { glorotUniform: {} },
      biasInitializer: { zeros: {} },
    };
    for (const head of ["mean", "scale"]) this.#nodes[`latent/${head}`] = { dense, from: [features] };
    const sampling = { noise, scale, stream: "noise" };
    this.#nodes["latent/z"] = { sampling, from: ["latent/mean", "latent/scale"] };
    return "latent/z";
  }

  /** Of all nodes since the group before it. */
  group(role: string, input: string, output: string): void {
    const nodes = Object.keys(this.#nodes).slice(this.#grouped);
    this.#grouped += nodes.length;
    this.#groups[role] = { nodes, input, output, role };
  }

  finish(inputs: GraphSpec["inputs"], outputs: Readonly<Record<string, OutputSpec>>): GraphSpec {
    return { inputs, nodes: this.#nodes, outputs, groups: this.#groups };
  }
}

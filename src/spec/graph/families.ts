import type { JsonObject } from "../../base/json.js";
import { type Describing, drawGraph } from "./full.js";
import { inside, type Place } from "./place.js";
import type { DrawnModel, DrawnOutput } from "./types.js";

/** Draws what a family's parameters describe; null after a complaint. */
export type Family = (describing: Describing) => Omit<DrawnModel, "nodes"> | null;

/** How each family is written out as a graph. Nothing else knows families. */
export const families: Readonly<Record<string, Family>> = {
  graph: drawGraph,
  // The plain list is the short form of the graph.
  sequential: drawGraph,
  autoencoder: drawAutoencoder,
  "variational-autoencoder": drawVariational,
};

/** What a list of a family takes is called so in it. */
const INPUT = "input";

function drawAutoencoder(describing: Describing) {
  const code = half("encoder", INPUT, describing);
  const reconstruction = half("decoder", code, describing);
  if (code === null || reconstruction === null) return null;
  return {
    ...onlyInput(describing),
    outputs: new Map([["code", computed(code, "encoder", describing)], again(reconstruction, describing)]),
    groups: describing.drawing.groups,
    flat: new Map(),
  };
}

/** z = mean + σ(s)·noise·ε: mean and s are dense heads on the encoder. */
function drawVariational(describing: Describing) {
  const { drawing, params, place } = describing;
  const { units, noise, scale } = params.latent as { readonly units: number } & JsonObject;
  const encoded = half("encoder", INPUT, describing);
  const latent = inside(place, "latent");
  const head = (name: string) => {
    const from = encoded === null ? [] : [encoded];
    drawing.nodes.set(name, { name, kind: "dense", params: headParams(units), from, trainable: true, place: latent });
  };
  head("latent/mean");
  head("latent/scale");
  const z = "latent/z";
  const draw = { noise, scale, stream: "noise" } as JsonObject;
  const from = ["latent/mean", "latent/scale"];
  drawing.nodes.set(z, { name: z, kind: "sampling", params: draw, from, trainable: true, place: latent });
  drawing.groups.set("latent", { nodes: [...from, z], ...(encoded && { input: encoded }), output: z, role: "latent" });
  const reconstruction = half("decoder", z, describing);
  if (encoded === null || reconstruction === null) return null;
  return {
    ...onlyInput(describing),
    outputs: new Map([
      ["mean", computed("latent/mean", "latent", describing)],
      ["scale", computed("latent/scale", "latent", describing)],
      ["z", computed(z, "latent", describing)],
      again(reconstruction, describing),
    ]),
    groups: drawing.groups,
    flat: new Map(from.map((name) => [name, inside(place, "encoder")])),
  };
}

function headParams(units: number): JsonObject {
  return {
    units,
    activation: "linear",
    useBias: true,
    kernelInitializer: { glorotUniform: {} },
    biasInitializer: { zeros: {} },
  };
}

/** Encoder or decoder, a list of layers of its own; null after a complaint. */
function half(role: "encoder" | "decoder", from: string | null, { drawing, place }: Describing): string | null {
  const before = drawing.nodes.size;
  const { result } = drawing.list(inside(place, role), { prefix: role, inputs: new Map([[INPUT, from]]) });
  const nodes = [...drawing.nodes.keys()].slice(before);
  drawing.groups.set(role, { nodes, ...(from && { input: from }), ...(result && { output: result }), role });
  return result;
}

function onlyInput({ place }: Describing) {
  return { inputs: new Map([[INPUT, { column: null, place }]]) };
}

function computed(node: string, written: string, { place }: Describing): DrawnOutput {
  return { node, place: inside(place, written), end: inside(place, written) };
}

function again(node: string, describing: Describing): [string, DrawnOutput] {
  const end = lastOf(describing, "decoder");
  return ["reconstruction", { node, target: { input: INPUT }, place: end, end }];
}

/** Where the last layer of a list stands. */
function lastOf({ params, place }: Describing, list: string): Place {
  const count = (params[list] as readonly unknown[]).length;
  return count === 0 ? inside(place, list) : inside(place, list, count - 1);
}

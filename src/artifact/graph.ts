import type { JsonObject } from "../base/json.js";

/**
 * A model as it is written down for `build`: plain JSON, everything keyed by its name. The order of keys carries no
 * meaning: equal JSON must give an equal model whatever the order in which it was written.
 */
export interface GraphSpec {
  readonly inputs: Readonly<Record<string, InputSpec>>;
  readonly nodes: Readonly<Record<string, NodeSpec>>;
  readonly outputs: Readonly<Record<string, OutputSpec>>;
  readonly groups: Readonly<Record<string, GroupSpec>>;
}

export interface InputSpec {
  /** Null for the only input column of the dataset. */
  readonly column: string | null;
}

/** One more key is the layer's kind, with its parameters: `{ dense: { units: 4 }, from: ["x"] }`. */
export interface NodeSpec {
  /** Names of inputs or of other nodes, in the order in which the layer takes them. */
  readonly from: readonly string[];
  /** Default true. */
  readonly trainable?: boolean;
  /** The node whose weights this one computes with. Its kind and parameters are that node's, and may be left out. */
  readonly sharedWith?: string;
  readonly [kind: string]: unknown;
}

export interface OutputSpec {
  readonly node: string;
  /**
   * What the output is compared with: a column, or `input:` and an input's name. Absent where it is not trained, null for the only
   * target column of the dataset.
   */
  readonly target?: string | null;
  /** As a resolved choice, `{ "mean-squared-error": {} }`; without one the training's loss counts. */
  readonly loss?: JsonObject;
  /** Of its loss in the sum of all; default 1. */
  readonly weight?: number;
}

/** Nodes that belong together: an encoder, a decoder, a block that is used by its name. */
export interface GroupSpec {
  readonly nodes: readonly string[];
  /** What comes in: a graph's input, or a node outside of the group. */
  readonly input?: string;
  /** The node whose result leaves the group. */
  readonly output?: string;
  /** The block that it was made from. */
  readonly block?: string;
  /** What it is in the model: `encoder`, `latent`, `decoder`. */
  readonly role?: string;
}

export interface ModelInput {
  readonly name: string;
  readonly column: string | null;
  /** Of one item: `[784]`, `[28, 28, 1]`. */
  readonly shape: readonly number[];
}

/** One layer of a model with everything resolved. Shapes leave out the batch. */
export interface ModelNode {
  /** Unique among nodes and inputs: `encoder/dense`, `encoder/dense_1`. Weight names start with it. */
  readonly name: string;
  /** The name in YAML, which is the Keras name in snake_case: `dense`, `conv2d`. */
  readonly kind: string;
  readonly params: JsonObject;
  readonly from: readonly string[];
  /** Of its result. */
  readonly shape: readonly number[];
  /** Trainable and other scalars in its own weights; none in weights that belong to another node. */
  readonly parameters: number;
  /** False where training leaves its weights as they are. */
  readonly trainable: boolean;
  readonly sharedWith?: string;
}

export interface ModelOutput extends Omit<OutputSpec, "target"> {
  readonly name: string;
  readonly target?: string;
  readonly shape: readonly number[];
}

export interface ModelGroup extends GroupSpec {
  readonly name: string;
}

/** A built model: architecture only. Initial weights follow from the seed at training. */
export interface Model {
  readonly inputs: readonly ModelInput[];
  /** Each after those that it takes from. */
  readonly nodes: readonly ModelNode[];
  readonly outputs: readonly ModelOutput[];
  readonly groups: readonly ModelGroup[];
  readonly parameters: number;
}

/** A draw from N(mean, (σ(s) · noise)²), as the node of kind `sampling` makes it from two others. */
export interface Sampling {
  readonly node: ModelNode;
  readonly mean: string;
  /** The node that gives s. */
  readonly scaleFrom: string;
  /** Standard deviation of ε. */
  readonly noise: number;
  /** σ(s) = exp(s), or exp(s / 2). */
  readonly scale: "exp" | "exp-half";
}

const RESERVED = new Set(["from", "trainable", "sharedWith"]);

/** The layer of a node: its kind and parameters; null where it names none. */
export function layerOf(node: NodeSpec): { readonly kind: string; readonly params: JsonObject } | null {
  const kind = Object.keys(node).find((key) => !RESERVED.has(key));
  return kind === undefined ? null : { kind, params: node[kind] as JsonObject };
}

/** The node or input of that name. Throws where there is none, which is a bug of the caller. */
export function sourceNamed({ inputs, nodes }: Pick<Model, "inputs" | "nodes">, name: string): ModelInput | ModelNode {
  const found = nodes.find((node) => node.name === name) ?? inputs.find((input) => input.name === name);
  if (found === undefined) throw new Error(`the model has no node ${name}`);
  return found;
}

export function outputNamed({ outputs }: Model, name: string): ModelOutput | undefined {
  return outputs.find((output) => output.name === name);
}

/** The outputs that training compares with something, in their order. */
export function trainedOutputs({ outputs }: Model): readonly ModelOutput[] {
  return outputs.filter(({ target }) => target !== undefined);
}

const OF_INPUT = "input:";

/** Whether the output is compared with an input of the model. */
export function isReconstruction({ target }: Pick<ModelOutput, "target">): boolean {
  return target?.startsWith(OF_INPUT) ?? false;
}

/** The input that the output is compared with; undefined where it is compared with something else. */
export function reconstructedInput(
  { inputs }: Pick<Model, "inputs">,
  output: Pick<ModelOutput, "target">,
): ModelInput | undefined {
  return inputs.find(({ name }) => output.target === `${OF_INPUT}${name}`);
}

export function nodesOf({ nodes }: Model, group: ModelGroup): readonly ModelNode[] {
  const names = new Set(group.nodes);
  return nodes.filter(({ name }) => names.has(name));
}

/** The part that reconstructs an input from a code. */
export interface Decoder {
  /** Where the code enters. */
  readonly input: string;
  readonly output: string;
  readonly nodes: readonly string[];
}

/** Null where the model has no decoder, or one that takes more than a code. */
export function decoderOf(model: Model): Decoder | null {
  const group = model.groups.find(({ role }) => role === "decoder");
  if (group?.input === undefined || group.output === undefined) return null;
  const { input, output, nodes } = group;
  const known = new Set([input, ...nodes]);
  const takesMore = nodesOf(model, group).some(({ from }) => from.some((source) => !known.has(source)));
  return takesMore ? null : { input, output, nodes };
}

/** The node that gives the code of an item: what the decoder takes, or the mean of what it is drawn from. */
export function codeOf(model: Model): string | undefined {
  return samplingOf(model)?.mean ?? decoderOf(model)?.input;
}

/** Of one code, as the decoder takes it; undefined where there is no decoder. */
export function codeShape(model: Model | undefined): readonly number[] | undefined {
  const decoder = model === undefined ? null : decoderOf(model);
  return decoder === null ? undefined : sourceNamed(model as Model, decoder.input).shape;
}

/** How codes are drawn; null where the model draws none. */
export function samplingOf({ nodes }: Model): Sampling | null {
  const node = nodes.find(({ kind }) => kind === "sampling");
  if (node === undefined) return null;
  const [mean, scaleFrom] = node.from as [string, string];
  return { node, mean, scaleFrom, ...(node.params as unknown as Pick<Sampling, "noise" | "scale">) };
}

/** Scalars in the weights of nodes that are not trained. */
export function frozenParameters({ nodes }: Model): number {
  return nodes.reduce((sum, { trainable, parameters }) => sum + (trainable ? 0 : parameters), 0);
}

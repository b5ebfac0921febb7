import { isPictureWithChannel, leavesPicture } from "../../base/channels.js";
import type { Shape } from "../../layer.js";
import { layerFacts, layerShape, type Misfit, show, sizeOf } from "../../layers/index.js";
import type { Complaints } from "../complaints.js";
import type { DataFacts } from "../data-facts.js";
import { columnNames, complainOfColumn, inputColumn, inputFacts } from "./columns.js";
import { at, inside, type Place, treeOf } from "./place.js";
import type { DrawnModel, DrawnNode, DrawnOutput } from "./types.js";

/** What is known of an output before anything runs. */
export interface OutputFacts extends DrawnOutput {
  readonly name: string;
  readonly shape: Shape;
  /** The activation function that makes it; null where it is none or not known. */
  readonly head: string | null;
}

/** What is known of a model before it is built. */
export interface ModelFacts {
  readonly inputs: readonly { readonly name: string; readonly column: string | null; readonly shape: Shape }[];
  readonly outputs: readonly OutputFacts[];
  /** It is given bytes as quantities, and does not look them up. */
  readonly takesBytes: boolean;
  /** Terms of the loss that come from layers: `kl`. */
  readonly terms: readonly string[];
}

/** The outputs that are compared with something. */
export function trainedOutputs({ outputs }: ModelFacts): readonly OutputFacts[] {
  return outputs.filter(({ target }) => target !== undefined);
}

/** The result of a layer, or an input, for one item. */
interface Value {
  readonly shape: Shape;
  /** Of two dimensions that are height and width. */
  readonly isPicture: boolean;
  /** The data's whole numbers, perhaps in other places. */
  readonly isWhole: boolean;
  /** The data's quantities, which are not normalized. */
  readonly isRaw: boolean;
}

/** How many values a byte has. */
const BYTES = 256;

/** Follows the shape of an item from layer to layer. Null after a complaint. */
export function checkShapes(model: DrawnModel, data: DataFacts, complaints: Complaints): ModelFacts | null {
  const errors = complaints.errorCount;
  const shapes = new Shapes(model, data, complaints);
  shapes.follow();
  return complaints.errorCount > errors ? null : shapes.facts();
}

class Shapes {
  readonly #model: DrawnModel;
  readonly #data: DataFacts;
  readonly #complaints: Complaints;
  /** By the name of the node or input; without those that do not fit, and what takes them. */
  readonly #values = new Map<string, Value>();
  #takesBytes = false;
  #looksUp = false;

  constructor(model: DrawnModel, data: DataFacts, complaints: Complaints) {
    this.#model = model;
    this.#data = data;
    this.#complaints = complaints;
  }

  follow(): void {
    for (const [name, { column, place }] of this.#model.inputs) {
      const found = inputFacts(this.#data, column);
      if (found === undefined) complainOfColumn(String(column), place, columnNames(this.#data), this.#complaints);
      else this.#values.set(name, { ...found, isPicture: found.shape.length === 2 });
    }
    for (const node of this.#model.nodes.values()) {
      const inputs = node.from.flatMap((name) => this.#values.get(name) ?? []);
      const value = inputs.length < node.from.length ? null : this.#valueOf(node, inputs);
      if (value !== null) this.#values.set(node.name, value);
    }
    for (const [name, output] of this.#model.outputs) this.#comesBack(name, output);
  }

  facts(): ModelFacts {
    const shapeOf = (name: string) => (this.#values.get(name) as Value).shape;
    const nodes = [...this.#model.nodes.values()];
    const inputs = [...this.#model.inputs.keys()].map((name) => this.#values.get(name) as Value);
    return {
      inputs: [...this.#model.inputs].map(([name, { column }]) => ({ name, column, shape: shapeOf(name) })),
      outputs: [...this.#model.outputs].map(([name, output]) => {
        const target = this.#targetOf(output);
        return {
          ...output,
          ...(target && { target }),
          name,
          shape: shapeOf(output.node),
          head: this.#headOf(output.node),
        };
      }),
      // What passes the bytes on without computing compares with them all the same.
      takesBytes: this.#takesBytes || (!this.#looksUp && inputs.some(({ isRaw }) => isRaw)),
      terms: nodes.some(({ kind }) => kind === "sampling") ? ["kl"] : [],
    };
  }

  /** Null after a complaint. */
  #valueOf(node: DrawnNode, inputs: readonly Value[]): Value | null {
    const { kind, params } = node;
    const facts = layerFacts(kind);
    const looksUp = facts.indices !== undefined;
    const isWhole = inputs.every((input) => input.isWhole);
    const shapes = inputs.map((input) => input.shape);
    if ((looksUp && !this.#hasNumbers(node, isWhole)) || !this.#isFlat(node, shapes)) return null;
    const isPicture = inputs.some((input) => input.isPicture);
    const shape = layerShape(kind, params, shapes, isPicture);
    if (!shape.ok) return this.#misfit(node, shape.error);
    if (this.#isLoneSoftmax(node, shape.value) || !this.#fitsShared(node, shapes)) return null;
    if (looksUp) this.#warnOfIdleRows(node, facts.indices?.(params) as number);
    const stays = isWhole && (facts.keeps === "order" || facts.keeps === "numbers");
    const isRaw = inputs.some((input) => input.isRaw);
    if (looksUp) this.#looksUp = true;
    else if (isRaw && facts.keeps === undefined) this.#takesBytes = true;
    const picture = leavesPicture(facts, shape.value, isPicture);
    return { shape: shape.value, isPicture: picture, isWhole: stays, isRaw: isRaw && stays };
  }

  #misfit(node: DrawnNode, { path, message, code, input, ...texts }: Misfit): null {
    const outer: Place = { ...node.place, path: node.place.path.slice(0, -1) };
    const from = input === undefined ? undefined : inside(outer, "from", input);
    const place = from !== undefined && treeOf(from) !== undefined ? from : inside(node.place, ...path);
    at(place, this.#complaints).error(code, message, texts);
    return null;
  }

  /** Whole numbers pass only through layers that move values without changing them. */
  #hasNumbers({ place, kind, from }: DrawnNode, isWhole: boolean): boolean {
    if (isWhole) return true;
    const ofData = from.every((name) => this.#model.inputs.has(name));
    at(place, this.#complaints).error("shape-mismatch", `the layer \`${kind}\` takes whole numbers`, {
      received: ofData ? "values that are normalized" : "the output of another layer",
      expected: "the data as they are",
      fix: "Make it the first layer, and leave out the stage normalize.",
    });
    return false;
  }

  #isFlat({ name }: DrawnNode, [shape = []]: readonly Shape[]): boolean {
    const place = this.#model.flat.get(name);
    if (place === undefined || shape.length === 1) return true;
    at(place, this.#complaints).error("shape-mismatch", "the encoder's output has more than one dimension", {
      received: show(shape),
      expected: "one dimension, such as [64]",
      fix: "End the encoder with flatten.",
    });
    return false;
  }

  /** Where a softmax has one value to share its 1 among, nothing behind it learns. */
  #isLoneSoftmax({ place, kind, params }: DrawnNode, shape: Shape): boolean {
    if (layerFacts(kind).endsWith?.(params) !== "softmax" || shape.at(-1) !== 1) return false;
    const written = params.activation === undefined ? place : inside(place, "activation");
    at(written, this.#complaints).error("wrong-activation", "a softmax over a single value is always 1", {
      received: "one value in the last dimension",
      expected: "two values or more, or another activation",
      fix: "Write `activation: sigmoid`, or give the layer more outputs.",
    });
    return true;
  }

  /** Weights were made for inputs of certain shapes. */
  #fitsShared({ place, sharedWith }: DrawnNode, shapes: readonly Shape[]): boolean {
    const first = sharedWith === undefined ? undefined : this.#model.nodes.get(sharedWith);
    const wanted = first?.from.flatMap((name) => this.#values.get(name)?.shape ?? []);
    const made = first?.from.map((name) => this.#values.get(name)?.shape);
    if (wanted === undefined || made?.includes(undefined) || String(made) === String(shapes)) return true;
    at(place, this.#complaints).error("shape-mismatch", "what is shared has weights for inputs of another shape", {
      received: shapes.map(show).join(" and "),
      expected: (made as Shape[]).map(show).join(" and "),
      fix: "Give it inputs of this shape, or a layer of its own in place of `shared`.",
    });
    return false;
  }

  /** Rows of an embedding's table that no item can ask for: a mistake about the data, or memory for nothing. */
  #warnOfIdleRows({ place, kind }: DrawnNode, rows: number): void {
    if (rows <= BYTES) return;
    at(inside(place, "inputDim"), this.#complaints).warn(
      "idle-rows",
      `the ${kind} has rows that the data cannot ask for`,
      {
        received: `${rows} rows, and data of bytes, from 0 to ${BYTES - 1}`,
        expected: `at most ${BYTES}`,
        fix: `Write \`inputDim: ${BYTES}\`, or less where the data have fewer values.`,
      },
    );
  }

  /** A column that the model is given is to be made again. */
  #targetOf({ target }: DrawnOutput): DrawnOutput["target"] {
    if (target === undefined || "input" in target || target.column === null) return target;
    const wanted = target.column;
    const same = [...this.#model.inputs].find(([, { column }]) => (column ?? inputColumn(this.#data)) === wanted);
    return same === undefined ? target : { input: same[0] };
  }

  /** Whether an output that is compared with an input has its shape. */
  #comesBack(name: string, output: DrawnOutput): void {
    const { node, end } = output;
    const target = this.#targetOf(output);
    const [made, wanted] = [
      this.#values.get(node)?.shape,
      target && "input" in target && this.#values.get(target.input)?.shape,
    ];
    if (!made || !wanted || String(made) === String(wanted) || isPictureWithChannel(made, wanted)) return;
    const last = wanted.at(-1);
    at(end, this.#complaints).error(
      "shape-mismatch",
      `the output \`${name}\` has another shape than the data that it is to make again`,
      {
        received: show(made),
        expected: show(wanted),
        fix:
          sizeOf(made) === sizeOf(wanted)
            ? `End with { reshape: { targetShape: ${show(wanted)} } }.`
            : `Let the last layer make ${wanted.length === 1 ? `${last} values` : `the shape ${show(wanted)}`}.`,
      },
    );
  }

  /** The activation of the last layer that has one, through layers that keep its range. */
  #headOf(name: string): string | null {
    for (let node = this.#model.nodes.get(name); node !== undefined; ) {
      const { endsWith, keeps } = layerFacts(node.kind);
      const end = endsWith?.(node.params);
      if (end !== undefined) return end;
      if (keeps === undefined || node.from.length > 1) return null;
      node = this.#model.nodes.get(node.from[0] as string);
    }
    return null;
  }
}

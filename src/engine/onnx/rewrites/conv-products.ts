import type { Graph, Node, Value } from "../ir.js";
import { type Columns, columnsOf, type Phase, padded, pixelIndices, poolPhases, wholePhase } from "../lower/columns.js";
import { reshaped } from "../lower/layout.js";
import { convWindow, type Window } from "../lower/window.js";
import { sizeOf } from "../ops/types.js";
import { Copy, type Rewrite, usersOf, withoutDead } from "./rewrite.js";

/**
 * Convolutions and their gradients as matrix products over gathered pixels (`lower/columns.ts`). Nothing is
 * transposed, the gathered pixels serve the forward pass and the filter's gradient alike, and a max pooling that
 * follows becomes a maximum of whole matrices. ONNX Runtime's own convolution is as fast forwards, but as the filter's
 * gradient it is not, nor is pooling that remembers places.
 */
export const convProducts: Rewrite = {
  name: "conv-products",
  apply: (graph) => withoutDead(new Products(graph).build()),
};

/** Beyond so many gathered numbers the plain form is left: the matrices should stay within reach of a cache. */
const LARGEST = 2 ** 24;

class Products {
  readonly #graph: Graph;
  readonly #copy: Copy;
  readonly #users: ReadonlyMap<Value, readonly Node[]>;
  /** Values of the old graph that are kept as one matrix `[positions, filters]` a phase. */
  readonly #split = new Map<Value, readonly Value[]>();
  /** For convolutions that are pooled, and for everything that goes back through them: the pooling. */
  readonly #pools = new Map<Value, Node>();
  readonly #gathered = new Map<string, readonly Columns[]>();

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#copy = new Copy(graph);
    this.#users = usersOf(graph);
    for (const node of graph.nodes) if (node.op === "image.Conv") this.#findPool(node);
  }

  build(): Graph {
    for (const node of this.#graph.nodes) if (!this.#replace(node)) this.#copy.node(node);
    return this.#copy.finish();
  }

  /**
   * A convolution whose result is used by one max pooling with windows side by side, and by its gradient, which in
   * turn is used by this convolution's gradients alone.
   */
  #findPool(conv: Node): void {
    const [result] = conv.outputs as [Value];
    const users = this.#users.get(result) ?? [];
    const pool = users.find((user) => user.op === "image.MaxPool");
    const gradients = users.filter((user) => user.op === "image.MaxPoolGrad" && user.inputs[1] === result);
    if (!pool || !suits(conv) || !isTiling(pool) || gradients.length !== users.length - 1) return;
    if (gradients.some((node) => attributesText(node) !== attributesText(pool))) return;
    if (this.#graph.outputs.some((port) => port.value === result)) return;
    const back = gradients.flatMap((node) => this.#users.get(node.outputs[0] as Value) ?? []);
    if (!back.every((node) => isConvGradient(node) && suits(node) && sameWindow(node, conv))) return;
    for (const value of [result, ...gradients.map((node) => node.outputs[0] as Value)]) this.#pools.set(value, pool);
  }

  /** Builds the new form of a node; false when it stays as it is. */
  #replace(node: Node): boolean {
    switch (node.op) {
      case "image.Conv":
        return suits(node) && this.#conv(node);
      case "image.ConvFilterGrad":
        return suits(node) && this.#filterGradient(node);
      case "image.ConvInputGrad":
        return suits(node) && this.#inputGradient(node);
      case "image.MaxPool":
        return this.#maximum(node);
      case "image.MaxPoolGrad":
        return this.#route(node);
      default:
        return false;
    }
  }

  #conv(node: Node): boolean {
    const { graph } = this.#copy;
    const [x, filter] = this.#copy.valuesOf(node.inputs) as [Value, Value];
    const [output] = node.outputs as [Value];
    const w = convWindow(node);
    const weights = reshaped(graph, filter, [sizeOf(filter.shape.slice(0, 3)), filter.shape[3] as number]);
    const products = this.#columns(x, w, this.#phases(output, w)).map(({ matrix, turned }) =>
      graph.add("Gemm", [matrix, weights], { transA: turned ? 1 : 0 }),
    );
    if (!this.#pools.has(output)) return this.#stand(output, products[0] as Value);
    this.#split.set(output, products);
    return true;
  }

  /** The pixels of every phase; gathered once for the forward pass and the filter's gradient. */
  #columns(x: Value, w: Window, phases: readonly Phase[]): readonly Columns[] {
    const key = JSON.stringify([x.id, w, phases]);
    const known = this.#gathered.get(key);
    if (known) return known;
    const images = padded(this.#copy.graph, x, w);
    const columns = phases.map((phase) => columnsOf(this.#copy.graph, images, w, phase));
    this.#gathered.set(key, columns);
    return columns;
  }

  /** One matrix for all positions; for a pooled convolution, one a place in the pooling window. */
  #phases(value: Value, w: Window): readonly Phase[] {
    const pool = this.#pools.get(value);
    if (!pool) return [wholePhase(w)];
    return poolPhases(pool.attributes.kernel as readonly number[], pool.outputs[0]?.shape.slice(1, 3) ?? []);
  }

  #maximum(node: Node): boolean {
    const [x] = node.inputs as [Value];
    const phases = this.#split.get(x);
    return phases !== undefined && this.#stand(node.outputs[0] as Value, this.#copy.graph.add("Max", phases));
  }

  /** The pooled gradient goes to the first phase that has the maximum: what is left after each goes on to the next. */
  #route(node: Node): boolean {
    const [dy, x] = node.inputs as [Value, Value];
    const phases = this.#split.get(x);
    if (!phases) return false;
    const { graph } = this.#copy;
    let left = reshaped(graph, this.#copy.value(dy), phases[0]?.shape ?? []);
    const maximum = graph.add("Max", phases);
    const parts = phases.slice(0, -1).map((phase) => {
      const hit = graph.add("Cast", [graph.add("Equal", [phase, maximum])], { to: 1 });
      const part = graph.add("Mul", [left, hit]);
      left = graph.add("Sub", [left, part]);
      return part;
    });
    this.#split.set(node.outputs[0] as Value, [...parts, left]);
    return true;
  }

  #filterGradient(node: Node): boolean {
    const { graph } = this.#copy;
    const [, dy] = node.inputs as [Value, Value];
    const w = convWindow(node);
    const columns = this.#columns(this.#copy.value(node.inputs[0] as Value), w, this.#phases(dy, w));
    const sum = this.#gradients(dy).reduce<Value | undefined>(
      (partial, gradient, i) => productOf(graph, columns[i] as Columns, gradient, partial),
      undefined,
    );
    return this.#stand(node.outputs[0] as Value, sum as Value);
  }

  /** What every position passes back to the pixels of its window is added up there. */
  #inputGradient(node: Node): boolean {
    const { graph } = this.#copy;
    const [dy] = node.inputs as [Value, Value];
    const filter = this.#copy.value(node.inputs[1] as Value);
    const w = convWindow(node);
    const [batch, height, width, channels] = node.attributes.input as readonly [number, number, number, number];
    const [top, left, bottom, right] = w.pads as [number, number, number, number];
    const shape = [batch, height + top + bottom, width + left + right, channels];
    const weights = reshaped(graph, filter, [sizeOf(filter.shape.slice(0, 3)), filter.shape[3] as number]);
    const phases = this.#phases(dy, w);
    let pixels = graph.add("Expand", [graph.scalar(0), graph.ints([sizeOf(shape) / channels, channels])]);
    this.#gradients(dy).forEach((gradient, i) => {
      const indices = pixelIndices(shape, w, phases[i] as Phase);
      const places = graph.constant("int64", [indices.length, 1], indices);
      const back = graph.add("Gemm", [gradient, weights], { transB: 1 });
      const updates = reshaped(graph, back, [indices.length, channels]);
      pixels = graph.add("ScatterND", [pixels, places, updates], { reduction: "add" });
    });
    const images = reshaped(graph, pixels, shape);
    const cut = [
      graph.ints([top, left]),
      graph.ints([top + height, left + width]),
      graph.ints([1, 2]),
      graph.ints([1, 1]),
    ];
    const isPadded = w.pads.some((pad) => pad !== 0);
    return this.#stand(node.outputs[0] as Value, isPadded ? graph.add("Slice", [images, ...cut]) : images);
  }

  /** A gradient as one matrix a phase. */
  #gradients(dy: Value): readonly Value[] {
    const known = this.#split.get(dy);
    if (known) return known;
    const channels = dy.shape[3] as number;
    return [reshaped(this.#copy.graph, this.#copy.value(dy), [sizeOf(dy.shape) / channels, channels])];
  }

  #stand(old: Value, value: Value): true {
    this.#copy.stand([old], [reshaped(this.#copy.graph, value, old.shape)]);
    return true;
  }
}

/** pixels ᵀ · gradient, added to the sum so far. */
function productOf(graph: Graph, { matrix, turned }: Columns, gradient: Value, sum: Value | undefined): Value {
  return graph.add("Gemm", sum ? [matrix, gradient, sum] : [matrix, gradient], { transA: turned ? 0 : 1 });
}

/** Whether the matrix of pixels is of a size to build. */
function suits(node: Node): boolean {
  if (node.attributes.depthwise) return false;
  const w = convWindow(node);
  const images =
    node.op === "image.ConvInputGrad" ? (node.attributes.input as readonly number[]) : node.inputs[0]?.shape;
  const [batch, , , channels] = images as [number, number, number, number];
  return batch * sizeOf(w.output) * sizeOf(w.kernel) * channels <= LARGEST;
}

/** Windows side by side, none over the border. */
function isTiling(pool: Node): boolean {
  const { kernel, strides, pads } = pool.attributes as Record<string, readonly number[]>;
  return kernel?.join() === strides?.join() && (pads ?? []).every((pad) => pad === 0);
}

function isConvGradient(node: Node): boolean {
  return node.op === "image.ConvFilterGrad" || node.op === "image.ConvInputGrad";
}

function sameWindow(a: Node, b: Node): boolean {
  return JSON.stringify(convWindow(a)) === JSON.stringify(convWindow(b));
}

function attributesText(node: Node): string {
  return JSON.stringify(Object.entries(node.attributes).sort());
}

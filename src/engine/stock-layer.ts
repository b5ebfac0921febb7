import type * as tf from "@tensorflow/tfjs-core";
import type { layers } from "@tensorflow/tfjs-layers";
import type { Activation } from "../gen/shared.js";
import type {
  BuiltLayer,
  Initializers,
  Kit,
  LayerSpec,
  LayerWeight,
  Regularizers,
  Shape,
  StockLayer,
} from "../layer.js";
import { withLibraryActivation } from "./activations.js";
import { initialValues } from "./initializers.js";
import { penaltyOf } from "./regularizer.js";

/** Builds a layer of the library. Throws where the library does not take an input of this shape. */
export function buildStock<P>(
  stock: StockLayer<P>,
  kit: Kit,
  spec: LayerSpec,
  inputShapes: readonly Shape[],
): BuiltLayer {
  const params = spec.params as P;
  const [inputShape] = inputShapes as [Shape];
  const layer = stock.make(kit, params);
  layer.setFastWeightInitDuringBuild(true);
  layer.build([null, ...inputShape]);
  layer.built = true;
  assertTakes(layer, inputShape);
  stock.built?.(kit, layer, params);
  const outputShape = (layer.computeOutputShape([null, ...inputShape]) as (number | null)[]).slice(1) as number[];
  const initializers = stock.initializers?.(params, kit) ?? {};
  const regularizers = stock.regularizers?.(params) ?? {};
  const idle = stock.idle?.(params) ?? [];
  const { activation } = params as { readonly activation?: Activation };
  return {
    spec,
    inputShapes,
    outputShape,
    weights: layer.weights.map((weight) => ({
      ...stockWeight(weight, spec.name, initializers),
      ...(idle.includes(weight.originalName) ? { trainable: false, idle: true as const } : {}),
    })),
    draws: [],
    call([x], pass) {
      const mask = stock.masked ? kit.maskOf(x as tf.Tensor) : null;
      return layer.apply(x as tf.Tensor, { training: pass.training, ...(mask === null ? {} : { mask }) }) as tf.Tensor;
    },
    penalties: () => layer.weights.flatMap((weight) => penalties(weight, regularizers)),
    library: () =>
      stock.library === undefined ? withLibraryActivation(layer, activation) : stock.library(kit, layer, params),
  };
}

/** The library's own check of an input, which it makes at the first call only; throws if the shape is not for this layer. */
function assertTakes(layer: layers.Layer, inputShape: Shape): void {
  const shape = [1, ...inputShape];
  const check = layer as unknown as { assertInputCompatibility(input: object): void };
  check.assertInputCompatibility({ shape, rank: shape.length, dtype: "float32" });
}

type StockVariable = layers.Layer["weights"][number];

/** `val` is protected in the library's types; it is what read() and write() use. */
function slotOf(weight: StockVariable): { val: tf.Variable } {
  return weight as unknown as { val: tf.Variable };
}

function penalties(weight: StockVariable, regularizers: Regularizers): readonly tf.Scalar[] {
  const regularizer = regularizers[weight.originalName];
  const penalty = regularizer === undefined ? null : penaltyOf(slotOf(weight).val, regularizer);
  return penalty === null ? [] : [penalty];
}

function stockWeight(weight: StockVariable, layer: string, initializers: Initializers): LayerWeight {
  const shape = weight.shape as number[];
  const local = weight.originalName;
  const initializer = initializers[local] ?? { zeros: {} };
  const slot = slotOf(weight);
  return {
    name: `${layer}/${local}`,
    shape,
    trainable: weight.trainable,
    initial: (stream) =>
      typeof initializer === "function" ? initializer(shape, stream) : initialValues(initializer, shape, stream),
    adopt(variable) {
      slot.val.dispose();
      slot.val = variable;
    },
  };
}

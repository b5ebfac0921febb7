import type * as tf from "@tensorflow/tfjs-core";
import type { BuiltLayer, Draw, Kit, LayerSpec, OwnLayer, OwnPass, OwnWeight, Pass, Shape } from "../layer.js";
import { initialValues } from "./initializers.js";
import { penaltyOf } from "./regularizer.js";

/** Builds a layer that we compute. */
export function buildOwn<P>(
  own: OwnLayer<P>,
  kit: Kit,
  spec: LayerSpec,
  inputShapes: readonly Shape[],
  outputShape: Shape,
): BuiltLayer {
  const params = spec.params as P;
  const weights = own.weights?.(params, inputShapes) ?? [];
  const draw = own.draw?.(params, inputShapes);
  const draws: readonly Draw[] = draw ? [{ ...draw, name: draw.name ?? spec.name }] : [];
  const variables = new Map<string, tf.Variable>();
  const passOf = (pass: Pass): OwnPass => {
    const known = new Map<string, tf.Tensor>();
    return {
      training: pass.training,
      weight: (name) => variables.get(name) as tf.Variable,
      draw: () => (draws[0] === undefined ? null : pass.draw(draws[0].name)),
      once(name, compute) {
        const value = known.get(name) ?? compute();
        known.set(name, value);
        return value;
      },
    };
  };
  let last: { readonly inputs: readonly tf.Tensor[]; readonly pass: OwnPass } | undefined;
  return {
    spec,
    inputShapes,
    outputShape,
    weights: weights.map((weight) => ({
      name: `${spec.name}/${weight.name}`,
      shape: weight.shape,
      trainable: true,
      initial: (stream) => fill(weight, stream),
      adopt: (variable) => void variables.set(weight.name, variable),
    })),
    draws,
    call(inputs, pass) {
      last = { inputs, pass: passOf(pass) };
      return own.call(kit, inputs, params, last.pass);
    },
    penalties: () =>
      weights.flatMap(({ name, regularizer }) => {
        const penalty = regularizer === undefined ? null : penaltyOf(variables.get(name) as tf.Variable, regularizer);
        return penalty === null ? [] : [penalty];
      }),
    ...(own.itemLosses === undefined
      ? {}
      : {
          itemLosses() {
            if (last === undefined) throw new Error(`${spec.name} has not been called`);
            return own.itemLosses?.(kit, last.inputs, params, last.pass) ?? {};
          },
        }),
    library: () => own.library?.(kit, params, inputShapes, outputShape) ?? null,
  };
}

function fill({ initializer, shape }: OwnWeight, stream: Parameters<typeof initialValues>[2]): Float32Array {
  return typeof initializer === "function" ? initializer(shape, stream) : initialValues(initializer, shape, stream);
}

import type * as tf from "@tensorflow/tfjs-core";
import { OwnCodeError } from "../base/own-failure.js";
import { shownKind } from "../base/own-kind.js";
import type { BuiltLayer, Draw, Kit, LayerSpec, OwnLayer, OwnPass, OwnWeight, Pass, Shape } from "../layer.js";
import { initialValues, isInitializer } from "./initializers.js";
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
  checkWeights(weights, spec.kind);
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
      const made = own.call(kit, inputs, params, last.pass);
      checkResult(made, outputShape, spec.kind);
      return made;
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

/** A project's own layer may give anything: what would end in a library's words is said in ours. */
function checkWeights(weights: readonly OwnWeight[], kind: string): void {
  const names = new Set<string>();
  for (const { name, initializer } of weights) {
    if (names.has(name)) throw new OwnCodeError(`\`weights\` of ${shownKind(kind)} gives two of the name ${name}`);
    names.add(name);
    if (typeof initializer === "function" || isInitializer(initializer)) continue;
    const given = JSON.stringify(initializer) ?? String(initializer);
    throw new OwnCodeError(
      `the weight ${name} of ${shownKind(kind)} needs an initializer such as { zeros: {} }, or a function; it has ${given}`,
    );
  }
}

function checkResult(made: tf.Tensor | undefined, outputShape: Shape, kind: string): void {
  const shape: unknown = made?.shape;
  if (Array.isArray(shape) && String(shape.slice(1)) === String(outputShape)) return;
  const wanted = `[${["batch", ...outputShape].join(", ")}]`;
  const given = Array.isArray(shape) ? `a tensor [${shape.join(", ")}]` : "something else";
  throw new OwnCodeError(`\`call\` of ${shownKind(kind)} must give a tensor ${wanted}, and gave ${given}`);
}

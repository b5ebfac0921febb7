import type * as tf from "@tensorflow/tfjs-core";
import type { MultiHeadAttentionLayer } from "../gen/layers.js";
import { defineLayer, err, type Kit, type OwnPass, type OwnWeight, ok, type Shape } from "../layer.js";
import { oddInput } from "./shared/merging.js";
import { lastOf, sizeOf } from "./shared/sizes.js";

/**
 * Vaswani et al. 2017. Takes query `[steps, channels]`, value and key `[other steps, channels]`; the key is the value unless
 * given, and with one input a sequence attends to itself. Gives `[steps, channels of the query]`. Steps of value or key
 * that a mask leaves out are not attended to.
 */
export default defineLayer<MultiHeadAttentionLayer>({
  inputs: [1, 3],
  rank: 1,
  mask: (kit, [query]) => kit.maskOf(query as tf.Tensor),
  shape(_, inputs) {
    const [query, value, key] = allThree(inputs);
    if (value[0] !== key[0]) return err(oddInput(inputs, 2, "a key of as many steps as the value"));
    return ok(query);
  },
  cost({ params, inputShapes }) {
    const [[steps], [others]] = allThree(inputShapes) as unknown as [Shape, Shape];
    const places = [steps, others, others, steps] as readonly number[];
    const projections = kernels(params, inputShapes).map(({ shape }, i) => (places[i] as number) * sizeOf(shape));
    const { numHeads, keyDim, valueDim = keyDim } = params;
    const attention = (steps as number) * (others as number) * numHeads * (keyDim + valueDim);
    return projections.reduce((sum, n) => sum + n, attention);
  },
  own: {
    weights(p, inputs) {
      return kernels(p, inputs).flatMap(({ name, shape, bias }): OwnWeight[] => [
        { name: `${name}/kernel`, shape, initializer: p.kernelInitializer, regularizer: p.kernelRegularizer },
        ...(p.useBias
          ? [{ name: `${name}/bias`, shape: bias, initializer: p.biasInitializer, regularizer: p.biasRegularizer }]
          : []),
      ]);
    },
    draw({ dropout, numHeads }, inputs) {
      const [query, value] = allThree(inputs);
      if (dropout === 0) return null;
      const shape = [numHeads, query[0] as number, value[0] as number];
      return { shape, distribution: { kind: "keep", rate: dropout }, when: "training" };
    },
    call: attend,
  },
});

/** Query, value and key of one to three inputs. */
function allThree<T>([query, value, key]: readonly T[]): readonly [T, T, T] {
  return [query as T, value ?? (query as T), key ?? value ?? (query as T)];
}

/** The four products with weights, in the order in which Keras has them. */
function kernels({ numHeads, keyDim, valueDim = keyDim }: MultiHeadAttentionLayer, inputs: readonly Shape[]) {
  const [query, value, key] = allThree(inputs).map(lastOf) as [number, number, number];
  return [
    { name: "query", shape: [query, numHeads, keyDim], bias: [numHeads, keyDim] },
    { name: "key", shape: [key, numHeads, keyDim], bias: [numHeads, keyDim] },
    { name: "value", shape: [value, numHeads, valueDim], bias: [numHeads, valueDim] },
    { name: "attention_output", shape: [numHeads, valueDim, query], bias: [query] },
  ];
}

function attend(kit: Kit, inputs: readonly tf.Tensor[], params: MultiHeadAttentionLayer, pass: OwnPass): tf.Tensor {
  const { tf } = kit;
  const { keyDim, valueDim = keyDim } = params;
  const [query, value, key] = allThree(inputs);
  const q = tf.mul(heads(kit, query, "query", keyDim, params, pass), 1 / Math.sqrt(keyDim));
  const k = heads(kit, key, "key", keyDim, params, pass);
  const v = heads(kit, value, "value", valueDim, params, pass);
  const scores = tf.matMul(q, k, false, true);
  const shares = tf.softmax(shut(kit, scores, barred(kit, scores, [value, key], params.causal)));
  const draw = pass.draw();
  const seen = tf.matMul(draw === null ? shares : tf.mul(shares, draw), v);
  const [batch, , steps] = seen.shape as [number, number, number];
  const together = tf.reshape(tf.transpose(seen, [0, 2, 1, 3]), [batch * steps, params.numHeads * valueDim]);
  const kernel = pass.weight("attention_output/kernel");
  const channels = lastOf(kernel.shape);
  const output = tf.matMul(together as tf.Tensor2D, tf.reshape(kernel, [-1, channels]) as tf.Tensor2D);
  const biased = params.useBias ? tf.add(output, pass.weight("attention_output/bias")) : output;
  return tf.reshape(biased, [batch, steps, channels]);
}

/** `[batch, steps, channels]` to `[batch, heads, steps, size]`. */
function heads(
  { tf }: Kit,
  x: tf.Tensor,
  name: string,
  size: number,
  { numHeads, useBias }: MultiHeadAttentionLayer,
  { weight }: OwnPass,
): tf.Tensor {
  const [batch, steps, channels] = x.shape as [number, number, number];
  const kernel = tf.reshape(weight(`${name}/kernel`), [channels, numHeads * size]);
  const product = tf.matMul(tf.reshape(x, [batch * steps, channels]) as tf.Tensor2D, kernel as tf.Tensor2D);
  const biased = useBias ? tf.add(product, tf.reshape(weight(`${name}/bias`), [numHeads * size])) : product;
  return tf.transpose(tf.reshape(biased, [batch, steps, numHeads, size]), [0, 2, 1, 3]);
}

/** What is added to the score of a step that must not be seen: its share is then 0 in any precision. */
const FAR = -1e9;

/** 1 where a step must not be seen, to be spread over the scores `[batch, heads, steps, other steps]`; null where all may. */
function barred({ tf, maskOf }: Kit, scores: tf.Tensor, keys: readonly tf.Tensor[], causal: boolean): tf.Tensor | null {
  const [batch, , steps, others] = scores.shape as [number, number, number, number];
  const masks = [...new Set(keys)].flatMap((x) => {
    const mask = maskOf(x);
    return mask === null ? [] : [tf.reshape(tf.sub(1, mask), [batch, 1, 1, others])];
  });
  const later = Float32Array.from({ length: steps * others }, (_, i) => (i % others > Math.floor(i / others) ? 1 : 0));
  const all = [...masks, ...(causal ? [tf.tensor4d(later, [1, 1, steps, others])] : [])];
  return all.reduce<tf.Tensor | null>((some, one) => (some === null ? one : tf.maximum(some, one)), null);
}

function shut({ tf }: Kit, scores: tf.Tensor, bars: tf.Tensor | null): tf.Tensor {
  return bars === null ? scores : tf.add(scores, tf.mul(bars, FAR));
}

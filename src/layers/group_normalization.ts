import type * as tf from "@tensorflow/tfjs-core";
import type { GroupNormalizationLayer } from "../gen/layers.js";
import { defineLayer, err, ok, type Shape } from "../layer.js";
import { elementwise, sameShape } from "./shared/same.js";
import { lastOf, show, sizeOf } from "./shared/sizes.js";

/** Wu & He 2018: of every item, mean and variance over all places and the channels of a group; then gamma and beta a channel. */
export default defineLayer<GroupNormalizationLayer>({
  ...sameShape,
  shape({ groups }, inputs) {
    const [input] = inputs as [Shape];
    const channels = lastOf(input);
    if (channels % groupsOf(groups, input) === 0) return ok(input);
    return err({
      path: ["groups"],
      received: `input ${show(input)} with ${channels} channels, and ${groups} groups`,
      expected: "groups of equally many channels",
      fix: `Write a number of groups that divides ${channels}.`,
    });
  },
  cost: elementwise,
  own: {
    weights(p, [input]) {
      const shape = [lastOf(input as Shape)];
      const gamma = { name: "gamma", shape, initializer: p.gammaInitializer, regularizer: p.gammaRegularizer };
      const beta = { name: "beta", shape, initializer: p.betaInitializer, regularizer: p.betaRegularizer };
      return [...(p.scale ? [gamma] : []), ...(p.center ? [beta] : [])];
    },
    call({ tf }, inputs, { groups, epsilon, scale, center }, { weight }) {
      const [x] = inputs as [tf.Tensor];
      const [batch = 0, ...shape] = x.shape;
      const count = groupsOf(groups, shape);
      const inGroup = lastOf(shape) / count;
      const places = sizeOf(shape.slice(0, -1));
      const grouped = tf.reshape(x, [batch, places, count, inGroup]);
      const centred = tf.sub(grouped, tf.mean(grouped, [1, 3], true));
      const variance = tf.mean(tf.square(centred), [1, 3], true);
      const normal = tf.reshape(tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), x.shape);
      const scaled = scale ? tf.mul(normal, weight("gamma")) : normal;
      return center ? tf.add(scaled, weight("beta")) : scaled;
    },
  },
});

/** -1 is a group a channel. */
function groupsOf(groups: number, input: Shape): number {
  return groups === -1 ? lastOf(input) : groups;
}

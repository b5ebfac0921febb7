import type { Family } from "../family.js";
import { perItemLoss } from "../item-loss.js";
import { activated } from "../loss.js";
import { flattened } from "../network.js";
import { reconstructionLoss } from "./reconstruction.js";

/** Encoder and decoder; the output is compared with the input. */
export const autoencoder: Family = {
  draws: () => [],
  itemResults(network, { x }, objective, pass) {
    const mean = network.call("encoder", x, pass);
    const output = network.output(mean, pass);
    const manner = { reduction: "sum", exact: !pass.training } as const;
    const reconstruction = perItemLoss(reconstructionLoss(objective.loss).loss, output, flattened(x), manner);
    return {
      loss: reconstruction,
      parts: { reconstruction },
      answers: () => ({ mean: flattened(mean), output: activated(output) }),
    };
  },
};

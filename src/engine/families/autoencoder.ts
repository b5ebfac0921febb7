import type { Family } from "../family.js";
import { perItemLoss } from "../item-loss.js";
import { flattened } from "../network.js";
import { reconstructionLoss } from "./reconstruction.js";

/** Encoder and decoder; the output is compared with the input. */
export const autoencoder: Family = {
  draws: () => [],
  itemResults(network, { x }, objective, pass) {
    const output = network.output(network.call("encoder", x, pass), pass);
    const reconstruction = perItemLoss(reconstructionLoss(objective.loss).loss, output, flattened(x), "sum");
    return { loss: reconstruction, parts: { reconstruction } };
  },
};

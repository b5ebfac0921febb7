import type { Loss } from "../../gen/losses.js";
import type { TrainStage } from "../../gen/stages.js";

/** The parts of an autoencoder's loss: `binary-crossentropy` alone means it with the divergence counted once. */
export function reconstructionLoss(loss: TrainStage["loss"]): { readonly loss: Loss; readonly kl: number } {
  return "reconstruction" in loss ? { loss: loss.reconstruction, kl: loss.kl } : { loss, kl: 1 };
}

import type { Loss } from "../../gen/losses.js";
import type { TrainStage } from "../../gen/stages.js";

/** The parts of an autoencoder's loss: `binary-crossentropy` alone means it with the divergence counted once. */
export function reconstructionLoss(loss: TrainStage["loss"]): { readonly loss: Loss; readonly kl: number } {
  if (!("reconstruction" in loss)) return { loss: loss as Loss, kl: 1 };
  const { reconstruction, kl } = loss as { readonly reconstruction: Loss; readonly kl: number };
  return { loss: reconstruction, kl };
}

import { partsOf } from "../artifact/parts.js";
import type { MetricInfo, Metrics, Model } from "../artifact/types.js";
import type { TrainStage } from "../gen/stages.js";
import { chosen } from "./choice.js";
import { reconstructionLoss } from "./families/reconstruction.js";

const NATS = "nats/example";

/** What the metrics of these names are, for tables. */
export function aboutMetrics(
  names: Iterable<string>,
  loss: TrainStage["loss"],
  model: Model,
): Readonly<Record<string, MetricInfo>> {
  const { kind } = chosen(partsOf(model).family === "sequential" ? loss : reconstructionLoss(loss).loss);
  const unit = kind.endsWith("crossentropy") ? NATS : "";
  const known: Readonly<Record<string, MetricInfo>> = {
    loss: { label: "Loss", unit, better: "lower" },
    reconstruction: { label: "Reconstruction error", unit, better: "lower" },
    kl: { label: "KL divergence", unit: NATS, better: "neither" },
    accuracy: { label: "Accuracy", unit: "", better: "higher" },
    macroF1: { label: "Macro F1", unit: "", better: "higher" },
    logLoss: { label: "Log loss", unit: NATS, better: "lower" },
    meanSquaredError: { label: "Mean squared error", unit: "", better: "lower" },
    meanAbsoluteError: { label: "Mean absolute error", unit: "", better: "lower" },
    r2: { label: "R²", unit: "", better: "higher" },
  };
  return Object.fromEntries([...names].map((name) => [name, known[name] as MetricInfo]));
}

/**
 * The metric `kl` is −½ Σ (1 + s − m² − exp s), which is the divergence of N(m, exp s) from N(0, 1). Codes are drawn from
 * N(m, (σ(s)·noise)²): the same only for noise 1 and σ = exp(s / 2).
 */
export function divergenceOf(model: Model): Pick<Metrics, "divergence"> {
  const { latent } = partsOf(model);
  if (latent === undefined) return {};
  const { noise, scale } = latent;
  const exact = noise === 1 && scale === "exp-half";
  const deviation = `${scale === "exp" ? "exp(s)" : "exp(s/2)"}${noise === 1 ? "" : ` · ${noise}`}`;
  const about = exact
    ? "The KL divergence is that of the distribution that codes are drawn from, N(m, exp(s)), from the standard normal one."
    : `The KL divergence is −½ Σ (1 + s − m² − exp(s)), that of N(m, exp(s)). Codes are drawn from another distribution, N(m, (${deviation})²), so this loss is a quantity of its own and no bound on a likelihood.`;
  return { divergence: { form: `scale ${scale}, noise ${noise}`, exact, about } };
}

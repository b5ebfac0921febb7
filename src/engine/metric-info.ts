import { type Model, samplingOf } from "../artifact/graph.js";
import type { MetricInfo, Metrics } from "../artifact/types.js";
import { chosen } from "./choice.js";
import { type Objective, prefixOf } from "./objective.js";
import { partsOfMetric, RESIDUAL_QUANTILES } from "./regression.js";

const NATS = "nats/example";

/** What the metrics of these names are, for tables. */
export function aboutMetrics(names: Iterable<string>, objective: Objective): Readonly<Record<string, MetricInfo>> {
  const inNats = objective.outputs.every(({ loss }) => chosen(loss).kind.endsWith("crossentropy"));
  const known = new Map(Object.entries({ ...measures(inNats), kl: KL }));
  for (const one of objective.outputs) {
    const prefix = prefixOf(objective, one);
    if (prefix === "") continue;
    for (const [name, info] of Object.entries(measures(chosen(one.loss).kind.endsWith("crossentropy")))) {
      known.set(`${prefix}${name}`, { ...info, label: `${one.output.name}: ${info.label}` });
    }
  }
  const single = (name: string): MetricInfo | undefined => {
    const { metric, value } = partsOfMetric(name);
    const info = known.get(metric);
    return info && { ...info, label: `${info.label} of value ${value}` };
  };
  return Object.fromEntries([...names].map((name) => [name, known.get(name) ?? single(name) ?? other(name)]));
}

const KL: MetricInfo = { label: "KL divergence", unit: NATS, better: "neither" };

/** What a layer adds to the loss. */
function other(name: string): MetricInfo {
  return { label: name, unit: "", better: "lower" };
}

function measures(inNats: boolean): Readonly<Record<string, MetricInfo>> {
  const unit = inNats ? NATS : "";
  return {
    loss: { label: "Loss", unit, better: "lower" },
    reconstruction: { label: "Reconstruction error", unit, better: "lower" },
    accuracy: { label: "Accuracy", unit: "", better: "higher" },
    macroF1: { label: "Macro F1", unit: "", better: "higher" },
    logLoss: { label: "Log loss", unit: NATS, better: "lower" },
    meanSquaredError: { label: "Mean squared error", unit: "", better: "lower" },
    rootMeanSquaredError: { label: "Root mean squared error", unit: "", better: "lower" },
    meanAbsoluteError: { label: "Mean absolute error", unit: "", better: "lower" },
    r2: { label: "R²", unit: "", better: "higher" },
    explainedVariance: { label: "Explained variance", unit: "", better: "higher" },
    ...Object.fromEntries(
      RESIDUAL_QUANTILES.map((share): [string, MetricInfo] => {
        const label = share === 50 ? "Median residual" : `Residual, ${share} % quantile`;
        return [`residualQ${share}`, { label, unit: "", better: "neither" }];
      }),
    ),
    subsetAccuracy: { label: "All labels right", unit: "", better: "higher" },
    labelAccuracy: { label: "Labels right", unit: "", better: "higher" },
    rocAuc: { label: "ROC AUC", unit: "", better: "higher" },
    f1: { label: "F1", unit: "", better: "higher" },
  };
}

/**
 * The metric `kl` is −½ Σ (1 + s − m² − exp s), which is the divergence of N(m, exp s) from N(0, 1). Codes are drawn from
 * N(m, (σ(s)·noise)²): the same only for noise 1 and σ = exp(s / 2).
 */
export function divergenceOf(model: Model): Pick<Metrics, "divergence"> {
  const sampling = samplingOf(model);
  if (sampling === null) return {};
  const { noise, scale } = sampling;
  const exact = noise === 1 && scale === "exp-half";
  const deviation = `${scale === "exp" ? "exp(s)" : "exp(s/2)"}${noise === 1 ? "" : ` · ${noise}`}`;
  const about = exact
    ? "The KL divergence is that of the distribution that codes are drawn from, N(m, exp(s)), from the standard normal one."
    : `The KL divergence is −½ Σ (1 + s − m² − exp(s)), that of N(m, exp(s)). Codes are drawn from another distribution, N(m, (${deviation})²), so this loss is a quantity of its own and no bound on a likelihood.`;
  return { divergence: { form: `scale ${scale}, noise ${noise}`, exact, about } };
}

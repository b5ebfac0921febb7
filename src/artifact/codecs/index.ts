import type { Codec } from "../codec.js";
import type { ArtifactTypes } from "../types.js";
import { dataset } from "./dataset.js";
import { figures } from "./figures.js";
import { history } from "./history.js";
import { metrics } from "./metrics.js";
import { model } from "./model.js";
import { predictions } from "./predictions.js";
import { report } from "./report.js";
import { weights } from "./weights.js";

/** One codec a kind; the type makes a missing one an error of compilation. */
export const codecs: { readonly [K in keyof ArtifactTypes]: Codec<ArtifactTypes[K]> } = {
  dataset,
  model,
  weights,
  history,
  metrics,
  predictions,
  figures,
  report,
};

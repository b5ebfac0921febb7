import { buildModel } from "../src/engine/index.js";
import { defineStage, err, ok } from "../src/stage.js";

/** Parameters and the shape of the data in, the model's architecture out. */
export default defineStage({
  kind: "build",
  async run({ params }, { dataset }) {
    const split = dataset.splits.train ?? Object.values(dataset.splits)[0];
    if (split === undefined)
      return err([{ code: "unknown-split", severity: "error", message: "the dataset is empty", fix: "Load a split." }]);
    const model = await buildModel(params, split.x.shape.slice(1));
    return model.ok ? ok({ model: model.value }) : model;
  },
});

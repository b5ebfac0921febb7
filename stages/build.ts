import { inputColumn } from "../src/artifact/columns.js";
import { buildModel } from "../src/engine/index.js";
import { defineStage, ok } from "../src/stage.js";

/** Parameters and the shape of the data in, the model's architecture out. */
export default defineStage({
  kind: "build",
  async run({ params }, { dataset }) {
    const { shape } = inputColumn(dataset);
    const model = await buildModel(params, shape as readonly number[]);
    return model.ok ? ok({ model: model.value }) : model;
  },
});

import { builtIn } from "../dist/src/catalog/built-in.js";
import { Complaints } from "../dist/src/spec/complaints.js";
import { drawModel, specOf } from "../dist/src/spec/graph/model.js";
import { parseYaml } from "../dist/src/spec/parse.js";
import { checkSchema } from "../dist/src/spec/schema.js";
import { Source } from "../dist/src/spec/source.js";
import { StageTree } from "../dist/src/spec/stage-tree.js";

/** The graph that a stage `build` with these parameters describes. */
export function graphOf(build) {
  const complaints = new Complaints();
  const source = new Source("build.yaml", "/", JSON.stringify(build));
  const params = parseYaml(source, complaints);
  const written = new StageTree("build", params.at, params);
  const json = checkSchema(written.checkedBy("build"), builtIn, complaints);
  const model = drawModel(json, written, new Map(), builtIn, complaints);
  if (model === null) throw new Error(JSON.stringify(complaints.list()));
  const graph = specOf(model);
  // The column that the stage `build` would find in the data.
  const outputs = Object.entries(graph.outputs).map(([name, output]) => [
    name,
    output.target === null ? { ...output, target: "label" } : output,
  ]);
  return { ...graph, outputs: Object.fromEntries(outputs) };
}

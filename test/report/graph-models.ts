import type { Model, ModelGroup, ModelNode, ModelOutput } from "../../src/artifact/graph.js";

type Shape = readonly number[];

function node(
  name: string,
  kind: string,
  from: readonly string[],
  shape: Shape,
  more: Partial<ModelNode> = {},
): ModelNode {
  return { name, kind, params: {}, from, shape, parameters: 0, trainable: true, ...more };
}

function modelOf(
  inputs: Readonly<Record<string, Shape>>,
  nodes: readonly ModelNode[],
  outputs: readonly ModelOutput[],
  groups: readonly ModelGroup[] = [],
): Model {
  return {
    inputs: Object.entries(inputs).map(([name, shape]) => ({ name, column: name, shape })),
    nodes,
    outputs,
    groups,
    parameters: nodes.reduce((sum, { parameters }) => sum + parameters, 0),
  };
}

/** Convolutions with a way around them, `times` alike in a row; the block `residual`. */
export function residualNetwork(times: number): Model {
  const shape = [28, 28, 16];
  const start = node("stem", "conv2d", ["pixels"], shape, { params: { activation: "relu" }, parameters: 160 });
  const nodes = [start];
  const groups: ModelGroup[] = [];
  let from = "stem";
  for (let i = 0; i < times; i++) {
    const name = i === 0 ? "residual" : `residual_${i}`;
    const own = [
      node(`${name}/conv2d`, "conv2d", [from], shape, { params: { activation: "relu" }, parameters: 2320 }),
      node(`${name}/conv2d_1`, "conv2d", [`${name}/conv2d`], shape, { parameters: 2320 }),
      node(`${name}/add`, "add", [from, `${name}/conv2d_1`], shape),
      node(`${name}/activation`, "activation", [`${name}/add`], shape, { params: { activation: "relu" } }),
    ];
    nodes.push(...own);
    const output = own.at(-1)?.name as string;
    groups.push({ name, nodes: own.map((each) => each.name), input: from, output, block: "residual" });
    from = output;
  }
  nodes.push(
    node("pool", "global_average_pooling2d", [from], [16]),
    node("dense", "dense", ["pool"], [10], { params: { activation: "softmax" }, parameters: 170 }),
  );
  return modelOf(
    { pixels: [28, 28, 1] },
    nodes,
    [{ name: "output", node: "dense", target: "label", shape: [10] }],
    groups,
  );
}

/** Blocks `encoder_block` of attention and a block `feed_forward`, `times` in a row. */
export function transformer(times: number): Model {
  const shape = [28, 64];
  const nodes = [
    node("embed", "dense", ["rows"], shape, { parameters: 1856 }),
    node("positions", "positional_embedding", ["embed"], shape, { parameters: 1792 }),
  ];
  const groups: ModelGroup[] = [];
  let from = "positions";
  for (let i = 0; i < times; i++) {
    const name = i === 0 ? "encoder_block" : `encoder_block_${i}`;
    const inner = `${name}/feed_forward`;
    const attended = [
      node(`${name}/layer_normalization`, "layer_normalization", [from], shape, { parameters: 128 }),
      node(`${name}/attention`, "multi_head_attention", Array(3).fill(`${name}/layer_normalization`), shape, {
        parameters: 16640,
      }),
      node(`${name}/add`, "add", [from, `${name}/attention`], shape),
    ];
    const fed = [
      node(`${inner}/layer_normalization`, "layer_normalization", [`${name}/add`], shape, { parameters: 128 }),
      node(`${inner}/dense`, "dense", [`${inner}/layer_normalization`], [28, 256], {
        params: { activation: "gelu" },
        parameters: 16640,
      }),
      node(`${inner}/dense_1`, "dense", [`${inner}/dense`], shape, { parameters: 16448 }),
      node(`${inner}/add`, "add", [`${name}/add`, `${inner}/dense_1`], shape),
    ];
    nodes.push(...attended, ...fed);
    const output = `${inner}/add`;
    const names = (list: readonly ModelNode[]) => list.map((each) => each.name);
    groups.push({ name, nodes: names([...attended, ...fed]), input: from, output, block: "encoder_block" });
    groups.push({ name: inner, nodes: names(fed), input: `${name}/add`, output, block: "feed_forward" });
    from = output;
  }
  nodes.push(
    node("pooled", "global_average_pooling1d", [from], [64]),
    node("dense", "dense", ["pooled"], [10], { params: { activation: "softmax" }, parameters: 650 }),
  );
  return modelOf({ rows: [28, 28] }, nodes, [{ name: "output", node: "dense", target: "label", shape: [10] }], groups);
}

/** A picture and a table through layers of their own, one of them shared, to a class and a number. */
export function twoByTwo(): Model {
  const relu = { activation: "relu" };
  const nodes = [
    node("left_tower", "conv2d", ["picture"], [26, 26, 8], { params: relu, parameters: 80 }),
    node("pooled_over_the_whole_of_the_picture", "global_average_pooling2d", ["left_tower"], [8]),
    node("table_features", "dense", ["measurements"], [8], { params: relu, parameters: 112, trainable: false }),
    node("shared", "dense", ["pooled_over_the_whole_of_the_picture"], [16], { params: relu, parameters: 144 }),
    node("shared_again", "dense", ["table_features"], [16], { params: relu, sharedWith: "shared" }),
    node("both", "concatenate", ["shared", "shared_again"], [32]),
    node("kind", "dense", ["both"], [3], { params: { activation: "softmax" }, parameters: 99 }),
    node("price", "dense", ["both"], [1], { parameters: 33 }),
  ];
  const outputs: ModelOutput[] = [
    { name: "kind", node: "kind", target: "species", shape: [3], loss: { "sparse-categorical-crossentropy": {} } },
    { name: "price", node: "price", target: "price", shape: [1], loss: { "mean-squared-error": {} }, weight: 0.5 },
  ];
  return modelOf({ picture: [28, 28, 1], measurements: [13] }, nodes, outputs);
}

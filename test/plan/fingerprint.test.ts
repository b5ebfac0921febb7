import { expect, test } from "vitest";
import { digestBytes } from "../../src/base/digest.js";
import { buildGraph } from "../../src/plan/graph.js";
import { type Planning, settle } from "../../src/plan/index.js";
import { catalog, experiment, fileDigest, surroundings, vae } from "./rig.js";

/** Fingerprints of version 0.1.0: a store that it filled is of use to every later version. */
const fingerprints = {
  load: "553106dbab36b033602c1367da66406e1aaa0527079c3603b346d03bea243599",
  flatten: "fc765035bde8bbad16622eef7e095ec1e04f7510fa3b94c93fa6bc8ae4510d01",
  normalize: "d96b4d67a524baa5cecd49da1c2e250c40c6106404abcb07cb7adedbc12e72ce",
  build: "367755d974d59fa75be1c50dcaf2a5e5b2a81043e19f49e6f3cdb59585b2b648",
  train: "d5ce0a0679b29f53d354b8f263364d4519b4204ae4b20edbe8ece9bab9c262b4",
  evaluate: "14946570dbd9cf614e35ec2f330ec51025fb4cf6d705abfdf4dc66858b2a9e12",
  visualize: "295b81219f29490a9f94661d74f07c5af93c2235228ce69d0bc2da86a74feace",
};

test("the reference experiment's stages have the fingerprints that they always had", () => {
  const store = { lookup: () => undefined, lastParts: () => undefined };
  const planning: Planning = { catalog, store, ...surroundings };
  const found = buildGraph(experiment(vae("a")), catalog, fileDigest).map((node) => {
    // An artifact of every type, told apart by nothing but it.
    const inputs = Object.fromEntries(Object.keys(node.inputs).map((port) => [port, digestBytes(port)]));
    return [node.stage.name, settle(node, inputs, planning).fingerprint];
  });
  expect(Object.fromEntries(found)).toEqual(fingerprints);
});

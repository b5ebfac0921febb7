import * as tf from "@tensorflow/tfjs-core";
import { sizeOf } from "../../artifact/tensor.js";
import type { HostArray, InputSpec, NamedArrays } from "../engine.js";

/** The tensors of step `step`, taken from the values of all steps. Made in the current scope. */
export function inputTensors(specs: readonly InputSpec[], data: NamedArrays, step: number): Record<string, tf.Tensor> {
  const tensors: Record<string, tf.Tensor> = {};
  for (const spec of specs) {
    const values = data[spec.name];
    if (values === undefined) throw new Error(`the input ${spec.name} is not among the data`);
    const size = sizeOf(spec.shape);
    tensors[spec.name] = toTensor(spec, values.subarray(step * size, (step + 1) * size));
  }
  return tensors;
}

function toTensor(spec: InputSpec, values: HostArray): tf.Tensor {
  const shape = [...spec.shape];
  if (spec.dtype === "int32") return tf.tensor(Int32Array.from(values), shape, "int32");
  return tf.tensor(affine(values, spec.scale ?? 1, spec.offset ?? 0), shape, "float32");
}

/** stored × scale + offset, rounded after each operation as single-precision arithmetic does it. */
function affine(values: HostArray, scale: number, offset: number): Float32Array {
  const out = Float32Array.from(values);
  if (scale === 1 && offset === 0) return out;
  const s = Math.fround(scale);
  const o = Math.fround(offset);
  for (let i = 0; i < out.length; i++) out[i] = Math.fround((out[i] as number) * s) + o;
  return out;
}

/** A copy of the values as float32. */
export function readTensor(tensor: tf.Tensor): Float32Array {
  return Float32Array.from(tensor.dataSync());
}

/** ONNX Runtime. Nobody loads it by any other way: what silences it must come first. */
import "./silence.js";

export * from "onnxruntime-node";

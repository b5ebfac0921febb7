/** ONNX Runtime. It is loaded only through this module: what silences it must come first. */
import "./silence.js";

export * from "onnxruntime-node";

import * as tf from "@tensorflow/tfjs-core";
import type { MeanSquaredErrorLoss } from "../../gen/losses.js";
import { elementwise } from "../loss.js";

/** (p − t)² */
export default elementwise<MeanSquaredErrorLoss>((value, target) => tf.square(tf.sub(value, target)));

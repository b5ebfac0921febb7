import * as tf from "@tensorflow/tfjs-core";
import type { MeanAbsoluteErrorLoss } from "../../gen/losses.js";
import { elementwise } from "../loss.js";

/** |p − t| */
export default elementwise<MeanAbsoluteErrorLoss>((value, target) => tf.abs(tf.sub(value, target)));

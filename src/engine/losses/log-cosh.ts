import * as tf from "@tensorflow/tfjs-core";
import type { LogCoshLoss } from "../../gen/losses.js";
import { elementwise } from "../loss.js";
import { logCosh } from "../stable.js";

/** ln cosh(p − t) */
export default elementwise<LogCoshLoss>((value, target) => logCosh(tf.sub(value, target)));

import type { CosineSchedule } from "../../gen/schedules.js";
import type { RateFactor } from "../schedule.js";

/** final + (1 − final)·½(1 + cos(π·elapsed/total)): Loshchilov & Hutter 2016, without restarts. */
export default function cosine({ final }: CosineSchedule): RateFactor {
  return (elapsed, total) => final + ((1 - final) * (1 + Math.cos((Math.PI * elapsed) / total))) / 2;
}

import type { ExponentialSchedule } from "../../gen/schedules.js";
import type { RateFactor } from "../schedule.js";

/** factor^(elapsed / every) */
export default function exponential({ every, factor }: ExponentialSchedule): RateFactor {
  return (elapsed) => factor ** (elapsed / every);
}

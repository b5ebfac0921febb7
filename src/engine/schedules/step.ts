import type { StepSchedule } from "../../gen/schedules.js";
import type { RateFactor } from "../schedule.js";

/** factor^⌊elapsed / every⌋ */
export default function step({ every, factor }: StepSchedule): RateFactor {
  return (elapsed) => factor ** Math.floor(elapsed / every);
}

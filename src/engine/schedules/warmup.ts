import type { WarmupSchedule } from "../../gen/schedules.js";
import { type RateFactor, rateFactor } from "../schedule.js";

/** A straight line from `from` to 1 over `epochs`; then the other schedule, for which the rest is the whole. */
export default function warmup({ epochs, from, then }: WarmupSchedule): RateFactor {
  const rest = rateFactor(then);
  return (elapsed, total) =>
    elapsed < epochs ? from + ((1 - from) * elapsed) / epochs : rest(elapsed - epochs, total - epochs);
}

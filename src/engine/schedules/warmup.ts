import type { Schedule, WarmupSchedule } from "../../gen/schedules.js";
import type { RateFactor } from "../schedule.js";

/** A straight line from `from` to 1 over `epochs`; then the other schedule, for which the rest is the whole. */
export default function warmup(
  { epochs, from, then }: WarmupSchedule,
  make: (schedule: Schedule) => RateFactor,
): RateFactor {
  const rest = make(then);
  return (elapsed, total) =>
    elapsed < epochs ? from + ((1 - from) * elapsed) / epochs : rest(elapsed - epochs, total - epochs);
}

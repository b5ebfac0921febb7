import type { Schedule } from "../gen/schedules.js";
import { chosen } from "./choice.js";
import { scheduleRule } from "./kinds.js";
import type { RateFactor } from "./schedule.js";

/** What the learning rate is multiplied by as time goes on. */
export function rateFactor(schedule: Schedule): RateFactor {
  const { kind, params } = chosen(schedule);
  return scheduleRule(kind)(params, rateFactor);
}

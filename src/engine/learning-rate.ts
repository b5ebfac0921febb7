import { scheduleModules } from "../gen/registry-schedules.js";
import type { Schedule, ScheduleKind } from "../gen/schedules.js";
import { chosen } from "./choice.js";
import type { RateFactor, ScheduleRule } from "./schedule.js";

/** What the learning rate is multiplied by as time goes on. */
export function rateFactor(schedule: Schedule): RateFactor {
  const { kind, params } = chosen(schedule);
  const rule: ScheduleRule<never> = scheduleModules[kind as ScheduleKind];
  return rule(params as never, rateFactor);
}

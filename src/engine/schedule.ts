import { scheduleModules } from "../gen/registry-schedules.js";
import type { Schedule, ScheduleKind } from "../gen/schedules.js";
import { chosen } from "./choice.js";

/**
 * What a file in `schedules/` exports: parameters in, the learning rate's factor as a function of time out. Time is
 * measured in epochs, with fractions within one; it runs from 0 to `total`.
 */
export type ScheduleRule<P> = (params: P) => RateFactor;
export type RateFactor = (elapsed: number, total: number) => number;

export function rateFactor(schedule: Schedule): RateFactor {
  const { kind, params } = chosen(schedule);
  return scheduleModules[kind as ScheduleKind](params as never);
}

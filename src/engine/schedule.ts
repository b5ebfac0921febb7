import type { Schedule } from "../gen/schedules.js";

/**
 * What a file in `schedules/` exports: parameters in, the learning rate's factor as a function of time out.
 * @param make gives the factor of a schedule within this one.
 */
export type ScheduleRule<P> = (params: P, make: (schedule: Schedule) => RateFactor) => RateFactor;

/** Time is measured in epochs, with fractions within one; it runs from 0 to `total`. */
export type RateFactor = (elapsed: number, total: number) => number;

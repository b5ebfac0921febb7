import type { RateFactor } from "../schedule.js";

export default function constant(): RateFactor {
  return () => 1;
}

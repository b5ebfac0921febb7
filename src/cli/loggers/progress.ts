import type { RunEvent } from "../../base/event.js";
import { duration, metric, rate } from "../text.js";

type Progress = Extract<RunEvent, { type: "stage-progress" }>;

/** Follows one running stage and says where it is, how fast, and how long it will still take. */
export class ProgressLine {
  readonly #clock: () => number;
  #first: { readonly at: number; readonly done: number } | null = null;

  /** @param clock milliseconds, steadily rising. */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  /** `epoch 3/100  loss 145.20  1,820 steps/s  2 m 05 s left` */
  update(progress: Progress): string {
    const { done, total, unit, epoch, epochs, metrics, doing } = progress;
    if (done === 0) return doing ?? "preparing";
    const now = this.#clock();
    // A new count from the beginning (the next epoch, another split) is measured from its own beginning.
    if (this.#first === null || done < this.#first.done) this.#first = { at: now, done };
    const seconds = (now - this.#first.at) / 1000;
    const perSecond = seconds > 0.5 ? (done - this.#first.done) / seconds : 0;
    const parts: string[] = [];
    if (epoch !== undefined && epochs !== undefined) parts.push(`epoch ${epoch}/${epochs}`);
    else parts.push(`${done.toLocaleString("en-US")}/${total.toLocaleString("en-US")} ${unit}`);
    for (const [name, value] of Object.entries(metrics ?? {})) parts.push(`${name} ${metric(value)}`);
    if (doing !== undefined) parts.push(doing);
    else if (perSecond > 0) {
      parts.push(`${rate(perSecond)} ${unit}/s`);
      parts.push(`${duration(((total - done) / perSecond) * 1000)} left`);
    }
    return parts.join("  ");
  }
}

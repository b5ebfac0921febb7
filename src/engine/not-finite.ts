import type { Diagnostic } from "../base/diagnostic.js";

/** Parts of a loss in the order in which they are computed: what overflows in one is in all that follow from it. */
const PARTS: Readonly<Record<string, string>> = {
  kl: "the KL divergence",
  reconstruction: "the reconstruction error",
  regularization: "the regularization",
};

/**
 * A loss that is no number, and which of its parts overflowed first.
 * @param measured the loss and its parts, of the step or of the split.
 * @param where the step of the epoch, or the split that was measured after it.
 */
export function notFinite(
  measured: Readonly<Record<string, number>>,
  epoch: number,
  where: { readonly step: number } | { readonly split: string },
): Diagnostic {
  const parts = Object.keys(PARTS).filter((part) => part in measured);
  const what = Number.isNaN(measured.loss) ? "NaN" : "infinite";
  const place =
    "step" in where
      ? `the loss became ${what} in epoch ${epoch}, step ${where.step}`
      : `the loss on the split ${where.split} is ${what} after epoch ${epoch}`;
  return {
    code: "loss-not-finite",
    severity: "error",
    message: `${place}${culprit(measured, parts)}`,
    path: ["optimizer"],
    fix: "Lower the learning rate, clip gradients with `clip: { norm: 1 }`, or normalize the data.",
  };
}

function culprit(measured: Readonly<Record<string, number>>, parts: readonly string[]): string {
  const broken = parts.filter((part) => !Number.isFinite(measured[part]));
  const [first] = broken;
  if (first === undefined || parts.length < 2) return "";
  if (broken.length === parts.length && broken.every((part) => Number.isNaN(measured[part]))) {
    return ": all its parts at once, so the weights were not finite any more";
  }
  const others = parts.filter((part) => !broken.includes(part)).map((part) => `${PARTS[part]} was ${measured[part]}`);
  const rest = others.length > 0 ? `, ${others.join(" and ")}` : "";
  return `: ${PARTS[first]} overflowed first${rest}`;
}

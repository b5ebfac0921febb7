import type { StageParams } from "../gen/stages.js";
import type { Complaints } from "./complaints.js";
import type { DataFacts } from "./data-facts.js";
import { hasSplit } from "./models.js";
import type { StageTree } from "./stage-tree.js";

interface Validating {
  readonly params: StageParams["train"];
  readonly data: DataFacts;
  /** Splits whose numbers the pipeline reports. */
  readonly reported: ReadonlySet<string>;
  readonly written: StageTree;
  readonly complaints: Complaints;
}

const OTHERWISE = "Write `validation: 0.1` to hold a tenth of `train` out, or `validation: false`.";

/** What is measured after every epoch: whether there is such a thing, and whether it may choose. */
export function checkValidation(validating: Validating): void {
  const { params, data, written, complaints } = validating;
  const { validation } = params;
  if (typeof validation === "number") checkShare(validation, validating);
  else if (typeof validation === "object") checkShare(validation.fraction, validating);
  else if (validation !== false) {
    const known = hasSplit(data, validation, ["validation"], written, complaints, OTHERWISE);
    if (known) warnOfChoice(validation, validating);
  }
}

function checkShare(fraction: number, { data, written, complaints }: Validating): void {
  const items = data.splits.train;
  if (items === undefined) return;
  const count = Math.round(items * fraction);
  if (count > 0 && count < items) return;
  complaints.error("out-of-range", "`validation` leaves one side without any items", {
    ...written.place(["validation"]),
    received: `${fraction} of ${items} items`,
    expected: "a share that is at least one item, and not all",
    fix: items > 1 ? `Write \`validation: ${items > 3 ? 0.25 : 0.5}\`, or name a split.` : "Name a split.",
  });
}

/** Whoever chooses the best of many epochs on the items that are reported reports too good a number. */
function warnOfChoice(split: string, { params, reported, written, complaints }: Validating): void {
  if (params.earlyStopping === undefined || split === "train" || !reported.has(split)) return;
  complaints.warn("chosen-on-test", `early stopping chooses on the split \`${split}\`, which is reported too`, {
    ...written.place(written.has(["validation"]) ? ["validation"] : ["earlyStopping"]),
    received: written.has(["validation"]) ? undefined : `no \`validation\`, which means \`${split}\``,
    expected: "a choice on items that are not reported",
    fix: "Write `validation: 0.1`, which holds a tenth of `train` out for it.",
  });
}

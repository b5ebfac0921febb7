import { join } from "node:path";
import type { Diagnostic } from "../../base/diagnostic.js";
import { ITEM_GROUPS, type ItemGroup } from "../../base/items.js";
import type { Json } from "../../base/json.js";
import { err, ok } from "../../base/result.js";
import type { ItemExportFormat } from "../../exec/export-formats.js";
import { contextOf } from "../../exec/record.js";
import type { ItemsRequest, TrainedItems } from "../../items/types.js";
import type { RunRecord } from "../../store/types.js";
import { shownPath } from "../paths.js";
import { type ExportPart, type ExportPlace, failures } from "./export-files.js";
import type { Diagnosed } from "./store.js";
import { type TrainingChoice, trainedModels } from "./trained-models.js";

export interface ItemChoice extends TrainingChoice {
  readonly splits: readonly string[] | undefined;
  readonly columns: readonly ItemGroup[] | undefined;
  /** Nothing else is written: then a run without trained weights is an error. */
  readonly alone: boolean;
}

/** What the trained models of a run say of every item. The worker writes the files: they can be large. */
export async function exportItems(
  record: RunRecord,
  format: ItemExportFormat,
  choice: ItemChoice,
  { folder, cwd, storePath, pool }: ExportPlace,
): Promise<Diagnosed<ExportPart>> {
  const { models, lacking, fatal } = trainedModels(record, { ...choice, asked: choice.asked && choice.alone });
  if (fatal && choice.alone) return err(lacking);
  const warnings: Diagnostic[] = lacking.map((each) => ({ ...each, severity: "warning" }));
  const context = contextOf(record);
  const known = models.flatMap(({ dataset, variant, ...model }): TrainedItems[] => {
    const seed = context.variants[variant]?.seed;
    return dataset === undefined || seed === undefined ? [] : [{ ...model, dataset, seed }];
  });
  if (known.length === 0) return ok({ files: [], warnings });
  const request: ItemsRequest = {
    format,
    folder,
    shownFolder: shownPath(folder, cwd),
    engine: context.provenance.engine.name,
    models: known,
    ...(choice.splits === undefined ? {} : { splits: choice.splits }),
    groups: ITEM_GROUPS.filter((group) => (choice.columns ?? defaultGroups(format)).includes(group)),
  };
  const input = request as unknown as Json;
  const outcome = await pool.run({ type: "items", node: "items", attempt: 1, input, storePath }, (signal) => {
    if (signal.type === "warning") warnings.push(signal.diagnostic);
  });
  if (outcome.status !== "done") return err(failures(outcome));
  const files = (outcome.written ?? []).map(({ name, bytes }) => ({ path: shownPath(join(folder, name), cwd), bytes }));
  return ok({ files, warnings });
}

/** A picture is hundreds of columns in a table of texts: there only on request. */
function defaultGroups(format: ItemExportFormat): readonly ItemGroup[] {
  return format === "csv" ? ITEM_GROUPS.filter((group) => group !== "reconstructions") : ITEM_GROUPS;
}

import type { HistoryMeta } from "../artifact/codecs/history.js";
import type { MetricsMeta } from "../artifact/codecs/metrics.js";
import type { Digest } from "../base/digest.js";
import type { OutputRecord } from "../base/event.js";
import type { Connection } from "./driver.js";

/**
 * Writes the numbers of a history or metrics artifact as plain rows, once per artifact; other kinds have none. The
 * rows belong to the artifact, not to a run: a run that reuses it shows the same rows through the views.
 */
export function metricRows(db: Connection): (output: OutputRecord) => void {
  const find = db.prepare<[Digest], { id: number; json: string }>("SELECT id, json FROM manifest WHERE digest = ?");
  const addHistory = db.prepare("INSERT OR IGNORE INTO history_row VALUES (?, ?, ?, ?, ?)");
  const addMetric = db.prepare("INSERT OR IGNORE INTO metric_row VALUES (?, ?, ?, ?)");

  return ({ kind, digest }) => {
    if (kind !== "history" && kind !== "metrics") return;
    const row = find.get(digest);
    if (row === undefined) return;
    const { meta } = JSON.parse(row.json) as { meta: unknown };
    if (kind === "history") {
      for (const [split, metrics] of (meta as HistoryMeta).splits) {
        for (const [metric, values] of metrics) {
          values.forEach((value, i) => {
            addHistory.run(row.id, split, metric, i + 1, value);
          });
        }
      }
    } else {
      for (const [split, metrics] of (meta as MetricsMeta).splits) {
        for (const [metric, value] of metrics) addMetric.run(row.id, split, metric, value);
      }
    }
  };
}

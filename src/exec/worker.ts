/**
 * The entry of a worker process: one attempt at a time, received and answered over the channel from the parent. Loads
 * only what the attempt at hand needs: a worker that reads IDX files never sees TensorFlow.js.
 */
import { codeOf } from "../base/own-kind.js";
import { stageModules } from "../gen/registry.js";
import { openArtifactStore, storeFailure } from "../store/index.js";
import { isModelFormat } from "./export-formats.js";
import { ownCodeRefused, unforeseen, wrongChart } from "./messages.js";
import { type AnyStage, type Parts, perform } from "./perform.js";
import { type FromWorker, NO_OWN_CODE, type Task, type TaskOutcome, type ToWorker, taskName } from "./protocol.js";

const parts: Parts = {
  openStore: openArtifactStore,
  storeFailure,
  async stage(kind) {
    if (codeOf(kind) !== undefined) {
      adopted.add(kind);
      const { ownStage } = await import("../own/stage.js");
      return ownStage(kind);
    }
    const load = (stageModules as Readonly<Record<string, () => Promise<{ default: unknown }>>>)[kind];
    if (load === undefined) throw new Error(`no stage of kind ${kind}`);
    return (await load()).default as AnyStage;
  },
  async adopt(names) {
    const wanted = [...names].filter((name) => !adopted.has(name));
    if (wanted.length === 0) return [];
    if (process.argv.includes(NO_OWN_CODE)) return wanted.map(ownCodeRefused);
    const { loadAll } = await import("../own/adopt.js");
    const { loaded, missing } = await loadAll(wanted);
    for (const { family, name, definition } of loaded) {
      if (family === "charts") (await import("../report/index.js")).adoptOwnChart(name, definition);
      else if (family !== "stages") (await import("../engine/index.js")).adoptOwnKind(family, name, definition);
      adopted.add(name);
    }
    return missing;
  },
  async ask(questions) {
    const { answersTo } = await import("../own/ask.js");
    return answersTo(questions);
  },
  async ownFailure(what, error) {
    if (adopted.size === 0) return undefined;
    const { isOwn, thrownIn } = await import("../own/trouble.js");
    return isOwn(error) ? thrownIn(what, error) : undefined;
  },
  async describe(family, file) {
    const { describeOwn } = await import("../own/describe.js");
    return describeOwn(family, file);
  },
  async renderReport(input, store, progress) {
    const { renderReport } = await import("../report/index.js");
    return renderReport(input as never, store, progress);
  },
  async exportFiles(format, input, store, warn) {
    if (isModelFormat(format)) {
      const { exportModels } = await import("../engine/export/index.js");
      return exportModels(input as never, store, format);
    }
    const { exportReport } = await import("../report/index.js");
    return exportReport(input as never, store, format, warn);
  },
  async exportItems(input, store, warn) {
    const { exportItems } = await import("../items/index.js");
    return exportItems(input as never, store, warn);
  },
  async checkCharts(specs) {
    const { vegaLiteComplaint } = await import("../report/index.js");
    const complaints = await Promise.all(specs.map(vegaLiteComplaint));
    return complaints.flatMap((complaint, i) =>
      complaint === null ? [] : [wrongChart(complaint.severity, complaint.words, i)],
    );
  },
  async probeEngine(name, train) {
    const { loadEngine, tryTraining } = await import("../engine/index.js");
    const loaded = await loadEngine(name);
    if (!loaded.ok) return loaded;
    const tried = train ? await tryTraining(loaded.value) : loaded;
    loaded.value.dispose();
    return tried;
  },
};

/** Names of kinds of the project's own that this process knows. */
const adopted = new Set<string>();

/** Own code is given another. */
const exit: typeof process.exit = process.exit.bind(process);

let current: Task | null = null;

function send(message: FromWorker): void {
  // The parent may be gone already; `disconnect` then ends this process.
  if (process.connected) process.send?.(message, () => {});
}

async function work(task: Task): Promise<void> {
  current = task;
  const { node, attempt } = task;
  const outcome = await perform(task, parts, (signal) => send({ type: "signal", node, attempt, signal }));
  current = null;
  send({ type: "outcome", node, attempt, outcome });
}

/** Something failed outside of the attempt's promise: the process is in no known state any more. */
async function giveUp(error: unknown): Promise<void> {
  if (current === null || !process.connected) exit(1);
  const { node, attempt } = current;
  const name = taskName(current);
  const diagnostics = [(await parts.ownFailure(name, error)) ?? unforeseen(name, error)];
  const outcome: TaskOutcome = { status: "failed", diagnostics, durationMs: 0 };
  process.send?.({ type: "outcome", node, attempt, outcome } satisfies FromWorker, () => exit(1));
}

// Ctrl-C reaches every process of the terminal; when to stop is the parent's decision.
process.on("SIGINT", () => {});
process.on("disconnect", () => exit());
process.on("uncaughtException", (error) => void giveUp(error));
process.on("unhandledRejection", (error) => void giveUp(error));
process.on("message", (message: ToWorker) => {
  if (message.type === "leave") exit();
  void work(message.task);
});

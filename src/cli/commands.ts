import type { CommandModule } from "./context.js";

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<CommandModule>;
}

/** Every command. Each is loaded when it is called, so that none pays for another's imports. */
export const commands: readonly CommandEntry[] = [
  { name: "run", summary: "run what is not stored yet, and write the report", load: () => import("./commands/run.js") },
  { name: "plan", summary: "show what would run, what is stored, and why", load: () => import("./commands/plan.js") },
  { name: "validate", summary: "check files without running anything", load: () => import("./commands/validate.js") },
  { name: "list", summary: "list past runs", load: () => import("./commands/list.js") },
  { name: "show", summary: "show one run: stages, metrics, outputs", load: () => import("./commands/show.js") },
  { name: "diff", summary: "compare settings, data and metrics of two runs", load: () => import("./commands/diff.js") },
  { name: "report", summary: "write the report of past runs again", load: () => import("./commands/report.js") },
  { name: "export", summary: "write models, tables, charts of a run", load: () => import("./commands/export.js") },
  { name: "graph", summary: "print the graph of stages", load: () => import("./commands/graph.js") },
  { name: "cache", summary: "look after the cache: stats, verify, gc", load: () => import("./commands/cache.js") },
  { name: "doctor", summary: "check versions, engines and the cache", load: () => import("./commands/doctor.js") },
  { name: "engine", summary: "install or remove an optional engine", load: () => import("./commands/engine.js") },
  { name: "init", summary: "write a first pipeline to start from", load: () => import("./commands/init.js") },
  { name: "schema", summary: "print the JSON Schema of a kind of file", load: () => import("./commands/schema.js") },
];

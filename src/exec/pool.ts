import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { tellingLine } from "./death.js";
import { deathReason } from "./messages.js";
import {
  type Executor,
  type FromWorker,
  NO_OWN_CODE,
  type Task,
  type TaskOutcome,
  type TaskSignal,
  type ToWorker,
} from "./protocol.js";

export interface PoolOptions {
  readonly slots: number;
  /** Receives what workers write to their streams, whole lines, headed by the stage's name. */
  readonly log: (text: string) => void;
  /** The module that a worker process runs; ours unless a test brings another. */
  readonly entry?: URL;
  /** Of the workers, beside this process's. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether workers may run code of a project's own. Default: true. */
  readonly ownCode?: boolean;
}

/** How long a worker may take to leave by itself before it is killed. */
const GRACE_MS = 2000;

interface Job {
  readonly task: Task;
  readonly onSignal: (signal: TaskSignal) => void;
  readonly settle: (outcome: TaskOutcome) => void;
}

/**
 * Local worker processes: started when first needed, reused, one attempt at a time each. A process and not a thread,
 * because a native crash or a want of memory then costs one attempt and not the run.
 */
export class WorkerPool implements Executor {
  readonly slots: number;
  readonly #options: PoolOptions;
  readonly #workers = new Set<Worker>();
  readonly #killAll = (): void => {
    for (const worker of this.#workers) worker.kill();
  };

  constructor(options: PoolOptions) {
    this.slots = options.slots;
    this.#options = options;
  }

  async run(task: Task, onSignal: (signal: TaskSignal) => void, stop?: AbortSignal): Promise<TaskOutcome> {
    if (stop?.aborted) return { status: "lost", reason: "stopped", durationMs: 0 };
    const worker = [...this.#workers].find((candidate) => candidate.idle) ?? this.#spawn();
    const kill = (): void => worker.kill();
    stop?.addEventListener("abort", kill, { once: true });
    const outcome = await worker.run(task, onSignal);
    stop?.removeEventListener("abort", kill);
    // After a failure the globals of a library may hold anything: the next attempt gets a fresh process.
    if (outcome.status === "failed") void worker.leave();
    return outcome;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.leave()));
  }

  #spawn(): Worker {
    // By its folder's name: this module may have been put into a bundle that lies beside src/exec (scripts/bundle.js).
    const entry = this.#options.entry ?? new URL("../exec/worker.js", import.meta.url);
    const worker = new Worker(entry, this.#options);
    // However this process ends, its workers end with it.
    if (this.#workers.size === 0) process.on("exit", this.#killAll);
    this.#workers.add(worker);
    void worker.gone.then(() => {
      this.#workers.delete(worker);
      if (this.#workers.size === 0) process.removeListener("exit", this.#killAll);
    });
    return worker;
  }
}

/** One process and what it is busy with. */
class Worker {
  /** Resolves when the process has ended and its streams are read to the end. */
  readonly gone: Promise<void>;
  readonly #child: ChildProcess;
  readonly #log: (text: string) => void;
  #job: Job | null = null;
  #leaving = false;
  #words = "";

  constructor(entry: URL, { log, env, ownCode = true }: PoolOptions) {
    this.#log = log;
    // No flags of this process for its workers (an inspector's port, a test's hook); streams captured, so that no
    // library's banner reaches the user; `advanced`, so that NaN and typed arrays survive the way.
    this.#child = fork(fileURLToPath(entry), ownCode ? [] : [NO_OWN_CODE], {
      execArgv: [],
      env: { ...process.env, ...env },
      serialization: "advanced",
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#capture("stdout");
    this.#capture("stderr");
    this.#child.on("message", (message) => this.#hear(message as FromWorker));
    this.gone = new Promise((resolve) => {
      this.#child.on("error", (error) => {
        this.#lose(`it could not be started or reached: ${error.message}`);
        resolve();
      });
      this.#child.on("close", (code, signal) => {
        this.#lose(deathReason(code, signal, this.#words));
        resolve();
      });
    });
  }

  get idle(): boolean {
    return this.#job === null && !this.#leaving;
  }

  run(task: Task, onSignal: (signal: TaskSignal) => void): Promise<TaskOutcome> {
    const start = performance.now();
    return new Promise((resolve) => {
      const settle = (outcome: TaskOutcome): void => {
        this.#job = null;
        // A process that died could not look at its own clock.
        resolve(outcome.status === "lost" ? { ...outcome, durationMs: performance.now() - start } : outcome);
      };
      this.#job = { task, onSignal, settle };
      this.#words = "";
      this.#send({ type: "task", task });
    });
  }

  /** Lets an idle process go by itself and ends a busy one; waits until it is gone. */
  async leave(): Promise<void> {
    this.#leaving = true;
    if (this.#job === null) this.#send({ type: "leave" });
    else this.kill();
    const timer = setTimeout(() => this.kill(), GRACE_MS);
    await this.gone;
    clearTimeout(timer);
  }

  /** At once: a process in the middle of a long computation would not hear anything softer. */
  kill(): void {
    this.#leaving = true;
    this.#child.kill("SIGKILL");
  }

  /** An error here is followed by the end of the process, which settles everything. */
  #send(message: ToWorker): void {
    // One that could not be started has no channel.
    this.#child.send?.(message, () => {});
  }

  #hear(message: FromWorker): void {
    const job = this.#job;
    if (job === null || job.task.node !== message.node || job.task.attempt !== message.attempt) return;
    if (message.type === "signal") job.onSignal(message.signal);
    else job.settle(message.outcome);
  }

  #lose(reason: string): void {
    this.#leaving = true;
    this.#job?.settle({ status: "lost", reason, durationMs: 0 });
  }

  #capture(name: "stdout" | "stderr"): void {
    const stream = this.#child[name];
    // A process that could not be started, as for want of file handles, has none; its error says so.
    if (!stream) return;
    let rest = "";
    const write = (lines: readonly string[]): void => {
      for (const line of lines) {
        if (name === "stderr") this.#words = tellingLine(this.#words, line);
        this.#log(`[${this.#job === null ? "idle" : nameOf(this.#job.task)}] ${line}\n`);
      }
    };
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() as string;
      write(lines);
    });
    stream.on("end", () => write(rest === "" ? [] : [rest]));
  }
}

/** `train b8bfa074c5a4`: enough to distinguish the stages of several variants. */
function nameOf(task: Task): string {
  return task.type === "stage" ? `${task.stage} ${task.node}` : task.type;
}

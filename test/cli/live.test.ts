import { setImmediate } from "node:timers/promises";
import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../src/base/diagnostic.js";
import type { RunEvent } from "../../src/base/event.js";
import { cut, LiveBlock } from "../../src/cli/loggers/live.js";
import { ttyLogger } from "../../src/cli/loggers/tty.js";
import { type Held, openTerminal, type Screen, type Terminal } from "../../src/cli/terminal.js";

/** A window that breaks long lines, pushes what does not fit upwards, and breaks lines anew when its size changes. */
class Window implements Screen {
  columns: number;
  rows: number;
  readonly #heard = new Set<() => void>();
  /** Lines as they were written, the cursor in the last but for `#up` of their rows. */
  #lines: string[] = [""];
  #line = 0;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes are what is read here
    for (const [part] of text.matchAll(/\u001b\[(\d*)([A-Za-z])|[\s\S]/g)) this.#take(part);
  }

  #take(part: string): void {
    if (part === "\n") {
      this.#line++;
      this.#lines[this.#line] ??= "";
    } else if (part === "\r") return;
    else if (part.endsWith("A") && part.length > 1) this.#up(Number(part.slice(2, -1)));
    else if (part === "\u001b[J") this.#lines = [...this.#lines.slice(0, this.#line), ""];
    else if (part === "\u001b[K") this.#lines[this.#line] = (this.#lines[this.#line] as string).slice(0, this.#written);
    else if (part.startsWith("\u001b")) throw new Error(`unknown ${JSON.stringify(part)}`);
    else {
      // What is written at the beginning of a line takes the place of what stood there.
      const line = this.#lines[this.#line] as string;
      this.#lines[this.#line] = line.slice(0, this.#written) + part + line.slice(this.#written + 1);
      this.#written++;
      return;
    }
    this.#written = 0;
  }
  #written = 0;

  #up(rows: number): void {
    let left = rows;
    while (left > 0) {
      this.#line--;
      left -= this.#height(this.#lines[this.#line] as string);
    }
    expect(left).toBe(0);
    const below = this.#lines.slice(this.#line).reduce((sum, line) => sum + this.#height(line), 0);
    expect(below).toBeLessThanOrEqual(this.rows);
  }

  #height(line: string): number {
    return Math.max(1, Math.ceil(stringWidth(line) / this.columns));
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    for (const heard of this.#heard) heard();
  }

  onResize(heard: () => void): () => void {
    this.#heard.add(heard);
    return () => void this.#heard.delete(heard);
  }

  /** All that was ever there, with what was scrolled away. */
  get text(): string {
    return this.#lines.join("\n");
  }
}

class FakeTerminal implements Terminal {
  readonly colors = openTerminal().colors;
  readonly noteColors = this.colors;
  readonly screen: Window;
  #held: Held | null = null;
  constructor(screen: Window) {
    this.screen = screen;
  }
  out(text: string): void {
    this.note(text);
  }
  note(text: string): void {
    this.#held?.erase();
    this.screen.write(`${text}\n`);
    this.#held?.draw();
  }
  diagnose(diagnostics: readonly Diagnostic[]): void {
    for (const { message } of diagnostics) this.note(message);
  }
  hold(held: Held | null): void {
    this.#held?.erase();
    this.#held = held;
    this.#held?.draw();
  }
  redraw(): void {
    this.#held?.draw();
  }
}

const names = ["first", "second", "third", "fourth"];
const run: RunEvent = {
  type: "run-started",
  run: "r",
  experiment: "e",
  startedAt: "2026-11-22T10:30:00.000Z",
  engine: "onnx",
  jobs: 1,
  variants: names.map((name, i) => ({
    name,
    stages: [
      { node: "load", name: "load", kind: "load" },
      { node: `train${i}`, name: "train", kind: "train" },
      { node: `rate${i}`, name: "evaluate", kind: "evaluate" },
    ],
  })),
};
const begun = (node: string): RunEvent => ({ type: "stage-started", node, attempt: 1, reason: "never ran" });
const over = (node: string, status: "ran" | "cached" | "interrupted" | "skipped" | "failed", reason = ""): RunEvent => {
  const nothing = { fingerprint: null, outputs: [], diagnostics: [] };
  return { type: "stage-finished", node, status, durationMs: 2000, reason, ...nothing };
};
const epoch = (node: string, number: number): RunEvent => {
  const metrics = { train: { loss: 1.5 }, test: { loss: 1.25 } };
  return { type: "epoch", node, epoch: number, epochs: 100, metrics, seconds: 1 };
};

function logged(columns: number, rows: number) {
  const window = new Window(columns, rows);
  const terminal = new FakeTerminal(window);
  return { window, terminal, logger: ttyLogger(terminal, window, () => 0) };
}

/** Lets listr2 be loaded, and its tasks begin and end. */
async function settled(): Promise<void> {
  await import("listr2");
  for (let turn = 0; turn < 5; turn++) await setImmediate();
}

describe("on a terminal", () => {
  it.each([
    [60, 20],
    [40, 10],
    [200, 50],
    [12, 3],
  ])("of %i×%i the stage that trains is in sight, however many wait", async (columns, rows) => {
    const { window, terminal, logger } = logged(columns, rows);
    for (const event of [run, begun("load"), over("load", "ran"), begun("train0"), epoch("train0", 7)])
      logger.sink(event);
    await settled();
    terminal.redraw();
    const last = window.text.trimEnd().split("\n");
    const expected: readonly string[] =
      columns < 40
        ? ["1/9 stages…", "  firs…"]
        : ["1/9 stages  1.0 s", "  first train  epoch 7/100", "    train loss 1.500  test loss 1.250"];
    expect(last).toEqual(expected);
    for (const line of last) expect(stringWidth(line)).toBeLessThan(40);
  });

  it("many running stages are as many lines as there is room for, and a count", async () => {
    const { window, terminal, logger } = logged(80, 6);
    for (const event of [run, ...names.map((_, i) => begun(`train${i}`))]) logger.sink(event);
    await settled();
    terminal.redraw();
    expect(window.text.trimEnd().split("\n").slice(1)).toEqual([
      "  first train  never ran",
      "  second train  never ran",
      "  and 2 more",
    ]);
  });

  it("leaves one line a variant, whatever becomes of the window, and no block twice", async () => {
    const { window, terminal, logger } = logged(80, 24);
    for (const event of [run, begun("load"), over("load", "ran"), begun("train0"), begun("train1")]) logger.sink(event);
    await settled();
    for (const [columns, rows] of [
      [40, 24],
      [20, 10],
      [100, 50],
      [33, 8],
      [80, 24],
    ] as const) {
      logger.sink(epoch("train0", columns));
      await settled();
      terminal.redraw();
      window.resize(columns, rows);
      terminal.redraw();
    }
    terminal.note("a word from elsewhere");
    for (const event of [over("train0", "ran"), begun("rate0"), over("rate0", "ran")]) logger.sink(event);
    for (const event of [over("train1", "interrupted"), over("rate1", "skipped", "interrupted")]) logger.sink(event);
    await logger.close();
    expect(window.text.trimEnd().split("\n")).toEqual([
      "a word from elsewhere",
      "✔ first  load 2.0 s, train 2.0 s, evaluate 2.0 s",
      "■ second  interrupted in train after 2.0 s",
    ]);
  });

  it("an interrupted training has no tick, and says how far it was; a failed one a cross", async () => {
    const { window, logger } = logged(80, 24);
    for (const event of [run, over("load", "cached"), begun("train0"), epoch("train0", 7)]) logger.sink(event);
    for (const event of [over("train0", "interrupted"), over("rate0", "skipped", "interrupted")]) logger.sink(event);
    for (const event of [begun("train1"), over("train1", "failed"), over("rate1", "skipped", "train failed")])
      logger.sink(event);
    for (const event of [over("train2", "skipped", "interrupted"), over("rate2", "skipped", "interrupted")])
      logger.sink(event);
    for (const event of [over("train3", "cached"), over("rate3", "cached")]) logger.sink(event);
    await logger.close();
    expect(window.text.trimEnd().split("\n")).toEqual([
      "■ first  interrupted in train, epoch 7/100, after 2.0 s",
      "✖ second  train failed after 2.0 s",
      "↓ third  skipped from train on: interrupted",
    ]);
  });

  it("nothing is drawn where everything is stored", async () => {
    const { window, logger } = logged(80, 24);
    for (const event of [run, over("load", "cached"), over("train0", "cached")]) logger.sink(event);
    await logger.close();
    expect(window.text).toBe("");
  });
});

describe("a line", () => {
  it("is cut to columns, of which wide characters take two and marks none", () => {
    expect([cut("abcdef", 6), cut("abcdef", 5), cut("日本語", 5), cut("a\u001b[31mb\n", 9)]).toEqual([
      "abcdef",
      "abcd…",
      "日本…",
      "ab ",
    ]);
  });

  it("that is wide fits a block", () => {
    const window = new Window(10, 5);
    const block = new LiveBlock(window, () => ["日本語日本語日本語", "x"]);
    block.draw();
    window.resize(5, 5);
    block.draw();
    block.erase();
    expect(window.text.trim()).toBe("");
  });
});

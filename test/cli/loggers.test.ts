import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../src/base/diagnostic.js";
import type { RunEvent } from "../../src/base/event.js";
import { createLogger } from "../../src/cli/loggers/index.js";
import { plainLogger } from "../../src/cli/loggers/plain.js";
import { ProgressLine } from "../../src/cli/loggers/progress.js";
import { textTable } from "../../src/cli/table.js";
import { openTerminal, type Terminal } from "../../src/cli/terminal.js";
import { bytes, duration, metric } from "../../src/cli/text.js";

class FakeTerminal implements Terminal {
  readonly #real = openTerminal();
  readonly colors = this.#real.colors;
  readonly noteColors = this.#real.noteColors;
  readonly screen = null;
  hold(): void {}
  readonly outs: string[] = [];
  readonly notes: string[] = [];
  out(text: string): void {
    this.outs.push(text);
  }
  note(text: string): void {
    this.notes.push(text);
  }
  diagnose(diagnostics: readonly Diagnostic[]): void {
    this.notes.push(...diagnostics.map(({ code }) => code));
  }
}

const started: RunEvent = {
  type: "run-started",
  run: "r1",
  experiment: "e",
  startedAt: "2026-11-22T10:30:00.000Z",
  engine: "onnx",
  jobs: 2,
  variants: [
    {
      name: "narrow",
      stages: [
        { node: "n1", name: "load", kind: "load" },
        { node: "n2", name: "train", kind: "train" },
      ],
    },
    {
      name: "wide",
      stages: [
        { node: "n1", name: "load", kind: "load" },
        { node: "n3", name: "train", kind: "train" },
      ],
    },
  ],
};

function epoch(number: number): RunEvent {
  const metrics = { train: { loss: 150.123, kl: 5 }, test: { loss: 151 } };
  return { type: "epoch", node: "n2", epoch: number, epochs: 100, metrics, seconds: 1.2 };
}

describe("plain lines", () => {
  it("name a stage by its variant, unless all share it", () => {
    const terminal = new FakeTerminal();
    const logger = plainLogger(terminal, () => 0);
    logger.sink(started);
    logger.sink({ type: "stage-started", node: "n1", attempt: 1, reason: "never ran" });
    logger.sink({ type: "stage-started", node: "n3", attempt: 1, reason: "forced" });
    expect(terminal.notes).toEqual([
      "run r1 (engine onnx, 2 at a time)",
      "load: started (never ran)",
      "wide train: started (forced)",
    ]);
    expect(terminal.outs).toEqual([]);
  });

  it("tell the first epoch, the last, and one every five seconds", () => {
    const terminal = new FakeTerminal();
    let now = 0;
    const logger = plainLogger(terminal, () => now);
    logger.sink(started);
    for (let number = 1; number <= 100; number++) {
      logger.sink(epoch(number));
      now += 1000;
    }
    const told = terminal.notes.slice(1).map((line) => Number(/epoch (\d+)/.exec(line)?.[1]));
    expect(told).toEqual([1, 6, 11, 16, 21, 26, 31, 36, 41, 46, 51, 56, 61, 66, 71, 76, 81, 86, 91, 96, 100]);
    expect(terminal.notes[1]).toBe("narrow train: epoch 1/100  train loss 150.12  test loss 151.00  1.2 s");
  });
});

describe("what takes long, in plain lines", () => {
  it("is told when it compiles, and every five seconds in which no epoch ends", () => {
    const terminal = new FakeTerminal();
    let now = 0;
    const logger = plainLogger(terminal, () => now);
    logger.sink(started);
    logger.sink({ type: "stage-started", node: "n2", attempt: 1, reason: "never ran" });
    const steps = { type: "stage-progress", node: "n2", total: 1000, unit: "steps", epoch: 1, epochs: 2 } as const;
    logger.sink({ ...steps, done: 0, doing: "compiling" });
    for (let done = 1; done <= 12; done++) {
      now += 1000;
      logger.sink({ ...steps, done, metrics: { loss: 2.5 } });
    }
    logger.sink(epoch(1));
    now += 4000;
    logger.sink({ ...steps, done: 500 });
    expect(terminal.notes.slice(2)).toEqual([
      "narrow train: compiling",
      "narrow train: epoch 1/2  loss 2.500  1.0 steps/s  16 m 35 s left",
      "narrow train: epoch 1/2  loss 2.500  1.0 steps/s  16 m 30 s left",
      "narrow train: epoch 1/100  train loss 150.12  test loss 151.00  1.2 s",
    ]);
  });
});

describe("events as JSON", () => {
  it("are what happened, one a line", () => {
    const terminal = new FakeTerminal();
    createLogger(terminal, true).sink(started);
    expect(terminal.outs.map((line) => JSON.parse(line))).toEqual([started]);
    expect(terminal.notes).toEqual([]);
  });
});

describe("a progress line", () => {
  it("has the epoch, the loss, the speed and the time that is left", () => {
    let now = 0;
    const line = new ProgressLine(() => now);
    const at = (done: number) =>
      line.update({
        type: "stage-progress",
        node: "n2",
        done,
        total: 10_000,
        unit: "steps",
        epoch: 3,
        epochs: 100,
        metrics: { loss: 145.2 },
      });
    expect(at(1000)).toBe("epoch 3/100  loss 145.20");
    now = 2000;
    expect(at(3000)).toBe("epoch 3/100  loss 145.20  1,000 steps/s  7.0 s left");
  });

  it("says what is under way where nothing is counted", () => {
    const steps = { type: "stage-progress", node: "n", total: 10, unit: "steps", epoch: 1, epochs: 2 } as const;
    const line = new ProgressLine(() => 0);
    expect(line.update({ ...steps, done: 0, doing: "compiling" })).toBe("compiling");
    expect(line.update({ ...steps, done: 5, metrics: { loss: 2.5 }, doing: "validating" })).toBe(
      "epoch 1/2  loss 2.500  validating",
    );
  });

  it("counts where there are no epochs", () => {
    const event = { type: "stage-progress", node: "n", done: 1500, total: 70_000, unit: "items" } as const;
    expect(new ProgressLine(() => 0).update(event)).toBe("1,500/70,000 items");
  });
});

describe("the terminal", () => {
  const tty = { isTTY: true, columns: 80, on: () => {}, write: () => true } as unknown as NodeJS.WriteStream;
  const pipe = { on: () => {}, write: () => true } as unknown as NodeJS.WriteStream;

  it.each([
    [tty, {}, true],
    [pipe, {}, false],
    [tty, { NO_COLOR: "1" }, false],
    [tty, { NO_COLOR: "" }, true],
    [tty, { CI: "true" }, false],
    [tty, { CI: "false" }, true],
    [tty, { TERM: "dumb" }, false],
    [{ ...tty, columns: 0 } as NodeJS.WriteStream, {}, false],
  ])("redraws only where somebody watches (%#)", (stderr, env, expected) => {
    expect(openTerminal(pipe, stderr, env).screen !== null).toBe(expected);
  });
});

describe("numbers for people", () => {
  it("durations", () => {
    expect([0, 999, 12_340, 59_960, 125_000, 3_720_000].map(duration)).toEqual([
      "0 ms",
      "999 ms",
      "12.3 s",
      "1 m 00 s",
      "2 m 05 s",
      "1 h 02 m",
    ]);
  });
  it("metrics", () => {
    expect([145.2, 9.731, 0.97312, 12_345.6, 0.00001, 0, Number.NaN].map(metric)).toEqual([
      "145.20",
      "9.731",
      "0.9731",
      "12,346",
      "1.000e-5",
      "0.0000",
      "NaN",
    ]);
  });
  it("bytes", () => {
    expect([0, 999, 47_040_016, 1.5e9].map(bytes)).toEqual(["0 B", "999 B", "47.0 MB", "1.5 GB"]);
  });
  it("tables", () => {
    const columns = [{ title: "name" }, { title: "loss", right: true }];
    expect(
      textTable(columns, [
        ["a", "1.5"],
        ["longer", "12.5"],
      ]),
    ).toBe("name    loss\na        1.5\nlonger  12.5");
  });
});

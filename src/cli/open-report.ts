import type { Terminal } from "./terminal.js";

/** Opens a file in the user's browser. That there is none is worth a word, not an exit code. */
export async function openReport(path: string, terminal: Terminal): Promise<void> {
  try {
    const { default: open } = await import("open");
    await open(path);
  } catch (error) {
    const message = `cannot open ${path}: ${(error as Error).message}`;
    terminal.diagnose([{ code: "cannot-open", severity: "warning", message, fix: "Open the file yourself." }]);
  }
}

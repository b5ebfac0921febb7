/** Empties dist/: what was compiled from a file that is gone must not be loaded, put into a report, or packed. */
import { rmSync } from "node:fs";

rmSync(new URL("../dist", import.meta.url), { recursive: true, force: true });

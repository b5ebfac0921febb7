// A process that works on a store beside others: told what to do over the channel from the test.
import { storeArtifact } from "../../dist/src/artifact/io.js";
import { digestJson } from "../../dist/src/base/digest.js";
import { openStore } from "../../dist/src/store/index.js";

const jobs = {
  /** Makes the store if it is the first, stores results that all contenders make and some of its own, notes a run. */
  work({ dir, name, results }) {
    const opened = openStore(dir);
    if (!opened.ok) throw new Error(JSON.stringify(opened.error));
    const store = opened.value;
    for (let i = 0; i < results; i++) {
      for (const owner of ["all", name]) {
        const html = new Uint8Array(200_000).fill(i + owner.charCodeAt(0));
        const output = storeArtifact(store, "report", { html });
        const parts = { kind: "report", owner, i };
        const fingerprint = digestJson(parts);
        const result = { fingerprint, kind: "report", parts, outputs: [output], durationMs: 1 };
        store.commit(result, [{ pipeline: owner, stage: `s${i}` }]);
      }
    }
    const startedAt = "2026-01-01T00:00:00.000Z";
    const rest = { experiment: "e", status: "done", durationMs: 1, report: null, variants: [], context: {} };
    store.saveRun({ run: name, startedAt, ...rest });
    store.close();
    return "done";
  },
  /** Stores without end, telling after each; ends by being killed. */
  forever({ dir }) {
    const store = openStore(dir).value;
    for (let i = 0; ; i++) {
      store.putBlob(new Uint8Array(20_000_000).fill(i));
      process.send("stored");
    }
  },
};

process.on("message", (message) => {
  const answer = jobs[message.job](message);
  if (answer !== undefined) process.send(answer, () => process.exit());
});
process.send("ready");

// Speaks the protocol of src/exec/worker.ts; the task's parameters say how the attempt goes.
const kept = { attempts: 0 };

process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit());
process.on("message", (message) => {
  if (message.type === "leave") process.exit();
  const { node, attempt, params } = message.task;
  const send = (body) => process.send({ node, attempt, ...body });
  kept.attempts++;
  if (params.say) process.stderr.write(`${params.say}\n`);
  if (params.print) process.stdout.write(`${params.print}\n`);
  if (params.die) process.kill(process.pid, params.die);
  if (params.exit !== undefined) process.exit(params.exit);
  if (params.hang) return send({ type: "signal", signal: { type: "progress", done: 1, total: 2, unit: "steps" } });
  const outputs = [{ name: String(process.pid), kind: "attempts", digest: "", bytes: kept.attempts }];
  if (params.fail) return send({ type: "outcome", outcome: { status: "failed", diagnostics: [], durationMs: 1 } });
  send({
    type: "signal",
    signal: { type: "epoch", epoch: 1, epochs: 1, metrics: { train: { loss: Number.NaN } }, seconds: 0 },
  });
  send({ type: "outcome", outcome: { status: "done", outputs, durationMs: 1 } });
});

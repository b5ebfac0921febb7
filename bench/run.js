/**
 * Benchmarks of the engines and of the whole program, each printing figures of one run on this machine:
 *
 *     npm run bench                    all of them, a few minutes
 *     npm run bench -- vae cnn         some of them: peers, start, vae, cnn, rewrites, memory, experiment
 *     npm run bench -- --rounds=20     more rounds; the median and the least of all rounds are printed
 *     npm run bench -- peers --items=6400   shorter epochs, for a quick look
 *
 * What is compared is measured in turns, round by round, so that a machine that slows down slows both down.
 */
import { cpus } from "node:os";
import { benchCnn, benchMemory, benchRewrites, benchStart, benchVae } from "./engines.js";
import { benchExperiment } from "./experiment.js";
import { benchPeers } from "./peers.js";

const BENCHMARKS = {
  peers: benchPeers,
  start: benchStart,
  vae: benchVae,
  cnn: benchCnn,
  rewrites: benchRewrites,
  memory: benchMemory,
  experiment: benchExperiment,
};

const words = process.argv.slice(2);
const option = (name) => words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
const rounds = Number(option("rounds") ?? 8);
const items = option("items") === undefined ? undefined : Number(option("items"));
const names = words.filter((word) => !word.startsWith("--"));
const unknown = names.filter((name) => !(name in BENCHMARKS));
if (unknown.length > 0 || !(rounds > 0) || items < 1280) {
  console.error(`usage: npm run bench -- [${Object.keys(BENCHMARKS).join("] [")}] [--rounds=N] [--items=N]`);
  process.exit(2);
}

console.log(`${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores; Node ${process.versions.node}`);
for (const [name, run] of Object.entries(BENCHMARKS)) {
  if (names.length > 0 && !names.includes(name)) continue;
  console.log();
  await run(rounds, { items });
}

/**
 * Our trainer beside its peers in their strongest forms (bench/peers), on one core, in turns. Each is given the same images,
 * the same first weights, batches, optimizer and precision, and must come to the same losses before it is timed.
 */
import { existsSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CORE, openContender } from "./contender.js";
import { IMAGES_PER_EPOCH } from "./models.js";
import { inTurns, line, seconds } from "./print.js";
import { PROBLEMS, writeProblem } from "./problem.js";

const OURS = fileURLToPath(new URL("ours.js", import.meta.url));
const PEERS = fileURLToPath(new URL("peers", import.meta.url));

/** Where the virtual environment of the peers is: docs/benchmarks.md says how to make it. */
const VENV = process.env.PIPE_PEERS ?? join(homedir(), ".cache/pipe-peers");

/**
 * How far the losses of the first steps may be apart, as a share of them. Sums in another order make some millionths;
 * Keras, which adds Adam's epsilon in another place, comes to some thousandths in the CNN.
 */
const TOLERANCE = 5e-3;

/** Every form that is the strongest of a peer on some machine; those that are not are shown too. */
const FORMS = {
  vae: [
    ["JAX, epoch in one scan", "peer_jax.py", "scan"],
    ["PyTorch, fused Adam", "peer_pytorch.py", "eager"],
    ["PyTorch, fused Adam, compiled", "peer_pytorch.py", "compiled"],
    ["Keras on JAX", "peer_keras.py", "jax", "compiled", "375"],
    ["Keras on TensorFlow, XLA", "peer_keras.py", "tensorflow", "compiled", "375"],
    ["Keras on TensorFlow, oneDNN", "peer_keras.py", "tensorflow", "plain", "375"],
  ],
  cnn: [
    ["JAX, epoch in one scan, patches", "peer_jax.py", "scan"],
    ["JAX, a call a step, own convolutions", "peer_jax.py", "steps"],
    ["PyTorch, channels last, fused Adam", "peer_pytorch.py", "eager"],
    ["PyTorch, the same, compiled", "peer_pytorch.py", "compiled"],
    ["Keras on JAX", "peer_keras.py", "jax", "compiled", "1"],
    ["Keras on TensorFlow, XLA", "peer_keras.py", "tensorflow", "compiled", "5"],
    ["Keras on TensorFlow, oneDNN", "peer_keras.py", "tensorflow", "plain", "47"],
  ],
};

export async function benchPeers(rounds, { items } = {}) {
  line("Core", CORE === null ? "any: there is no taskset here" : `number ${CORE}, for all of them`);
  line("Python of the peers", python() ?? `none in ${VENV}: only ours is measured (docs/benchmarks.md)`);
  for (const name of Object.keys(PROBLEMS)) await benchModel(name, rounds, items ?? PROBLEMS[name].items);
}

function python() {
  const file = join(VENV, "bin/python");
  return existsSync(file) ? file : null;
}

async function benchModel(name, rounds, items) {
  const { model } = PROBLEMS[name];
  console.log(
    `\n${model.name}: seconds of the core for ${IMAGES_PER_EPOCH} images, from epochs of ${items}; ratio to ours`,
  );
  const problem = await writeProblem(name, items);
  const contenders = [];
  try {
    for (const [who, command, args, env] of contestants(name, problem)) {
      const contender = await openContender(who, command, args, env);
      if (contender === null) continue;
      const fit = await agrees(contender, contenders[0]);
      if (fit) contenders.push(contender);
      else contender.stop();
    }
    await race(contenders, rounds, IMAGES_PER_EPOCH / items);
  } finally {
    for (const contender of contenders) contender.stop();
    rmSync(dirname(problem), { recursive: true });
  }
}

/** Name, command, arguments and environment of every contender; ours first. */
function contestants(name, problem) {
  const ours = ["onnx", "tensorflow"].map((engine) => [`pipe, ${engine}`, process.execPath, [OURS, problem, engine]]);
  if (python() === null) return ours;
  const peers = FORMS[name].map(([who, script, ...form]) => {
    return [who, python(), [join(PEERS, script), problem, ...form], peerEnvironment()];
  });
  return [...ours, ...peers];
}

/**
 * Settings that were made for other libraries of the machine slow a peer down; memory that is given back to the system
 * after every step does, too, above all a convolution of PyTorch.
 */
function peerEnvironment() {
  const kept = Object.entries(process.env).filter(([key]) => !/^(OPENBLAS|OMP|GOMP|KMP|MKL|XLA|TF|JAX)_/.test(key));
  return { ...Object.fromEntries(kept), MALLOC_TRIM_THRESHOLD_: "1000000000", MALLOC_MMAP_THRESHOLD_: "1000000000" };
}

/** Whether a contender computes what the first one does. Prints its name, or why it is left out. */
async function agrees(contender, first) {
  try {
    const { losses } = await contender.ask("check");
    contender.losses = losses;
    const apart = Math.max(...losses.map((loss, i) => Math.abs(loss / (first?.losses[i] ?? loss) - 1)));
    if (!(apart <= TOLERANCE)) throw new Error(`its losses are ${apart.toExponential(1)} from ours`);
    const { version, math, cores, threads, gflops } = contender.about;
    const facts = [
      version,
      math,
      `cores ${cores}`,
      ...(threads === undefined ? [] : [`threads ${threads}`]),
      ...(gflops === undefined ? [] : [`products ${gflops.toFixed(0)} GFLOP/s`]),
      ...(first === undefined ? [] : [`losses within ${apart.toExponential(0)}`]),
    ];
    line(contender.name, facts.join("; "));
    return true;
  } catch (error) {
    line(contender.name, `left out: ${error.message}`);
    // Of other numbers, times say nothing.
    process.exitCode = 1;
    return false;
  }
}

/**
 * Prints the times of all, the fastest first, so that it is plain who beats us. What counts is time of the core: on an idle
 * machine it is that of the clock, which is shown beside it, and on a busy one the neighbours' work is not in it.
 */
async function race(contenders, rounds, share) {
  if (contenders.length === 0) return;
  const clocks = new Map(contenders.map(({ name }) => [name, []]));
  const times = await inTurns(
    rounds,
    contenders.map((contender) => async () => {
      const { seconds, wall } = await contender.ask("epoch");
      clocks.get(contender.name).push(share * wall);
      return share * seconds;
    }),
  );
  const rows = contenders.map(({ name }, i) => ({ name, time: times[i], clock: Math.min(...clocks.get(name)) }));
  const ours = times[0].median;
  console.log();
  for (const { name, time, clock } of rows.sort((a, b) => a.time.median - b.time.median)) {
    line(name, `${seconds(time)}  ${(time.median / ours).toFixed(2)}  by the clock ${clock.toFixed(2)}`);
  }
}

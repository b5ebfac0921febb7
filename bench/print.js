/** How the benchmarks measure and print. */

/** Every function once to warm up, then round by round; the least and the median of what each one returns. */
export async function inTurns(rounds, functions) {
  const times = functions.map(() => []);
  for (const run of functions) await run();
  for (let round = 0; round < rounds; round++) {
    for (const [i, run] of functions.entries()) times[i].push(await run());
  }
  return times.map((list) => ({ least: Math.min(...list), median: median(list) }));
}

export function median(list) {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
}

export function seconds({ least, median }) {
  return `${median.toFixed(2)} (least ${least.toFixed(2)})`;
}

export function line(what, figure) {
  console.log(`  ${what.padEnd(56)} ${figure}`);
}

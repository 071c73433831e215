// Cases that take turns in short rounds, and the rows that come of them (benches/README.md).

const sliceNs = 40e6;

/** Processor time of this process in nanoseconds, with what the runtime does for us in threads of its own. */
export function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

/** Median nanoseconds of one operation, by case; a case does its work so many times and returns its nanoseconds. */
export async function takeTurns(cases, rounds = 15) {
  const counts = {};
  const times = {};
  for (const [name, work] of Object.entries(cases)) {
    counts[name] = await countFor(work);
    times[name] = [];
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, work] of Object.entries(cases)) {
      times[name].push((await work(counts[name])) / counts[name]);
    }
  }
  const medians = {};
  for (const [name, found] of Object.entries(times)) {
    found.sort((a, b) => a - b);
    medians[name] = found[Math.floor(found.length / 2)];
    const [middle, least, most] = [medians[name], found[0], found.at(-1)].map((ns) => Math.round(ns).toLocaleString("en"));
    console.log(`${name}: ${middle} ns (${least} to ${most})`);
  }
  return medians;
}

/** How many operations fill a slice; finding out also warms the case up. */
async function countFor(work) {
  for (let count = 1, warm = 0; ; count *= 4) {
    const elapsed = await work(count);
    if (elapsed < sliceNs / 4) continue;
    // The optimising compiler comes late: go on for a few slices before counting.
    if (++warm < 3) {
      count /= 4;
      continue;
    }
    return Math.max(1, Math.floor((count * sliceNs) / elapsed));
  }
}

/** Prints a row; good when `theirs / ours` is at least `required`. */
export function row(name, ours, peer, theirs, required) {
  console.log(JSON.stringify({ row: name, ours_ns: ours, peer, peer_ns: theirs, required }));
}

/** Prints a row for a bound: the limit stands where the peer's time would. */
export function limit(name, measured, most) {
  row(name, measured, "limit", most, 1);
}

// Waiting for what must happen, and clocks that are moved instead of slept for.
import { sleep } from "./stub.js";

/** Far from every good result, and before every wrong one: also a slow machine that is busy with other work is in time. */
const timeoutMs = 20_000;

/** The result of `work`, which ends at once if all is well. `what` says what took too long otherwise. */
export async function soon(work, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${timeoutMs} ms: ${what}`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until the condition holds. */
export async function until(condition, what) {
  let waiting = true;
  const checks = async () => {
    while (waiting && !(await condition())) await sleep(5);
  };
  try {
    await soon(checks(), what);
  } finally {
    waiting = false;
  }
}

/** Runs `work` with another clock: `now` gets the time of the real one, in milliseconds. */
export async function atTime(now, work) {
  const clock = Date.now;
  Date.now = () => now(clock());
  try {
    return await work();
  } finally {
    Date.now = clock;
  }
}

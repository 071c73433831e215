// Assertions without any runtime's library: this suite runs where there is none.

export function equal(actual, expected, what = "value") {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}: expected ${b}, got ${a}`);
}

export function ok(condition, what) {
  if (!condition) throw new Error(what);
}

/** The error that `work` must end with. */
export async function failure(work) {
  let value;
  try {
    value = await (typeof work === "function" ? work() : work);
  } catch (error) {
    return error;
  }
  throw new Error(`expected a failure, got ${JSON.stringify(value)}`);
}

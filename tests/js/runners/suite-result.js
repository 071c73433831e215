// What a runtime's run of the shared suite must look like.
import assert from "node:assert/strict";

const least = 100;

export function assertPassed({ ran, failures }) {
  assert.deepEqual(failures, []);
  assert.ok(ran >= least, `only ${ran} tests ran`);
}

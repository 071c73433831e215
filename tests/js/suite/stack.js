// How much of a module's stack the tests before this one used: it comes first in memory, and grows towards the beginning.

/** As `xtask/src/wasm/compile.rs` has it. */
const stackBytes = 65_536;

function used(native) {
  const stack = new Uint8Array(native.heap().buffer, 0, stackBytes);
  const first = stack.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : stackBytes - first;
}

export function stack({ native, pure }) {
  const modules = [native, pure.native].filter(({ heap }) => heap);
  if (modules.length === 0) return {};
  return {
    "half of the stack stays free": () => {
      for (const module of modules) {
        const bytes = used(module);
        if (bytes === 0 || bytes > stackBytes / 2) throw new Error(`${bytes} of ${stackBytes} bytes`);
      }
    },
  };
}

// Deno compiles a source-phase import itself, so no permission to read files is needed.
import source module from "../dist/wasm/workload_identity_bg.wasm";
import { install } from "../dist/platform.js";
import * as native from "../dist/wasm/workload_identity.js";

install({
  load: () => (native.initSync({ module }), native),
  environment: (name) => Deno.env.get(name),
  readFile: async (path, limit) => {
    using file = await Deno.open(path);
    const bytes = new Uint8Array(limit);
    let length = 0;
    while (length < limit) {
      const count = await file.read(bytes.subarray(length));
      if (count === null) break;
      length += count;
    }
    return bytes.subarray(0, length);
  },
  flight: "shared",
});

export * from "../dist/index.js";

// Node.js and Bun. No top-level await: that is what makes `require` of this module work.
import { readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { install } from "../dist/platform.js";
import { readUpTo } from "../dist/read-up-to.js";
import * as native from "../dist/wasm/workload_identity.js";

install({
  load() {
    const bytes = readFileSync(new URL("../dist/wasm/workload_identity_bg.wasm", import.meta.url));
    native.initSync({ module: bytes });
    return native;
  },
  environment: (name) => process.env[name],
  async readFile(path, limit) {
    const file = await open(path);
    try {
      return await readUpTo(limit, async (into) => (await file.read(into)).bytesRead);
    } finally {
      await file.close();
    }
  },
  flight: "shared",
});

export * from "../dist/index.js";

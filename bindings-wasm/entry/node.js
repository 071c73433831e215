// Node.js and Bun. No top-level await: that is what makes `require` of this module work.
import { readFileSync } from "node:fs";
import { install } from "../dist/platform.js";
import * as native from "../dist/wasm/workload_identity.js";
import { readFile } from "./read-file.js";

install({
  load() {
    const bytes = readFileSync(new URL("../dist/wasm/workload_identity_bg.wasm", import.meta.url));
    native.initSync({ module: bytes });
    return native;
  },
  environment: (name) => process.env[name],
  readFile,
  flight: "shared",
});

export * from "../dist/index.js";

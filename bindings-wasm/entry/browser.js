// Browsers, their workers, and whatever else follows web standards: the module is downloaded at the first use.
import { install } from "../dist/platform.js";
import * as native from "../dist/wasm/workload_identity.js";

install({
  async load() {
    const url = new URL("../dist/wasm/workload_identity_bg.wasm", import.meta.url);
    await native.default({ module_or_path: url });
    return native;
  },
  flight: "shared",
  fetchOptions: { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" },
});

export * from "../dist/index.js";

// Browsers, their workers, and other runtimes that follow web standards. The module is downloaded at the first use.
import { install } from "../dist/platform.js";
import { downloadedModule } from "../dist/wasm.js";

const platform = {
  flight: "shared",
  choosesCodings: true,
  fetchOptions: { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" },
};

// webpack and vite copy the file of the `new URL`. The bundles of others contain the embedded module.
install(platform, () =>
  downloadedModule(
    () => new URL("../dist/wasm/workload_identity_edge.wasm", import.meta.url),
    () => import("../dist/embedded/edge.js"),
  ),
);

export * from "../dist/index.js";

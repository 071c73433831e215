// Workers and pages, where this package does not run.
import { hostError } from "../dist/errors.js";
import { install } from "../dist/platform.js";

const message =
  "the package `workload-identity` is for Node.js: import `workload-identity-wasm`, which has the same API for workers and pages";

install({ flight: "per_request" }, () => {
  throw hostError("module_unavailable", "caller", message);
});

export * from "../dist/index.js";

import "workload-identity-wasm";
export * from "../dist/testing/index.js";

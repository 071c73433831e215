import "workload-identity-wasm";
export * from "../dist/pure.js";

import "workload-identity-wasm";
export * from "../dist/management.js";

import "workload-identity-wasm";
export * from "../dist/verify.js";

import "workload-identity";
export * from "../dist/verify.js";

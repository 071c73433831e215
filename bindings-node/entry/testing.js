import "workload-identity";
export * from "../dist/testing/index.js";

import "workload-identity";
export * from "../dist/pure.js";

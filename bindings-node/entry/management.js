import "workload-identity";
export * from "../dist/management.js";

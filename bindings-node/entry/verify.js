import "./node.js";
export * from "../dist/verify.js";

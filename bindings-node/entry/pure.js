import "./node.js";
export * from "../dist/pure.js";

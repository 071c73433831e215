// Without the package's own name, which a page resolves by an import map only.
import "./browser.js";
export * from "../dist/management.js";

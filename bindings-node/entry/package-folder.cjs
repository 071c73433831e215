const { join } = require("node:path");

/** The folder of this package, from `cjs/entry`. */
exports.packageFolder = () => join(__dirname, "../..");

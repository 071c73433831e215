import { fileURLToPath } from "node:url";

/** The folder of this package. `package-folder.cjs` takes the place of this file in the CommonJS build. */
export const packageFolder = () => fileURLToPath(new URL("..", import.meta.url));

// What Node.js and Bun offer.
import { open } from "node:fs/promises";
import { nodePlatform } from "../dist/node-platform.js";

export const platform = nodePlatform(process.env, open);

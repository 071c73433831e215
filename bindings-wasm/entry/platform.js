// What Node.js and Bun offer.
import { readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import net from "node:net";
import tls from "node:tls";
import { nodePlatform } from "../dist/node-platform.js";

// Loaded at the first request; the name is a literal, so bundlers find the package.
const undici = async () => (await import("undici")).default;

// Bun's `fetch` reads the variables of proxies itself.
const modules = process.versions.bun ? undefined : { net, tls, readFileSync, undici };

export const platform = nodePlatform(process.env, open, modules);

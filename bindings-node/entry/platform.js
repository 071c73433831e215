// What Node.js and Bun offer.
import { readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import stream from "node:stream";
import tls from "node:tls";
import zlib from "node:zlib";
import { nodePlatform } from "../dist/node-platform.js";

// Bun's `fetch` reads the variables of proxies itself.
const modules = process.versions.bun ? undefined : { http, https, net, readFileSync, stream, tls, zlib };

export const platform = nodePlatform(process.env, open, modules);

// Cloudflare's runtime, the real one, for the time of a test file.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import { workerd } from "./programs.js";

/** Runs the worker `worker.js` of each folder, with the other files there as its modules; `bases` are their addresses. */
export async function startWorkerd(folders, { variables = {}, flags = [] } = {}) {
  const workers = [];
  for (const [index, folder] of folders.entries()) {
    const modules = (await readdir(folder)).filter((name) => name.endsWith(".wasm"));
    // Files are embedded by their paths from the configuration.
    const path = (name) => relative(folders[0], join(folder, name));
    workers.push({ path, modules, name: `worker${index}` });
  }
  const config = join(folders[0], "config.capnp");
  await writeFile(config, configuration(workers, variables, flags));
  const child = spawn(workerd(), ["serve", "--control-fd=3", config], { stdio: ["ignore", "inherit", "inherit", "pipe"] });
  const stop = async () => {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  };
  // One line for each socket that it listens on.
  const ports = new Map();
  for await (const line of createInterface({ input: child.stdio[3] })) {
    const { socket, port } = JSON.parse(line);
    ports.set(socket, port);
    if (ports.size === workers.length) return { bases: workers.map(({ name }) => `http://127.0.0.1:${ports.get(name)}`), stop };
  }
  await stop();
  throw new Error(`workerd ended with ${child.exitCode}`);
}

function configuration(workers, variables, flags) {
  const services = workers.map(({ name }) => `(name = "${name}", worker = .${name}),`);
  const sockets = workers.map(
    ({ name }) => `(name = "${name}", address = "127.0.0.1:0", http = (), service = "${name}"),`,
  );
  const bindings = Object.entries(variables).map(([name, text]) => `(name = "${name}", text = "${text}"),`);
  const definitions = workers.map(
    ({ name, path, modules }) => `const ${name} :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "${path("worker.js")}"),
    ${modules.map((module) => `(name = "${module}", wasm = embed "${path(module)}"),`).join("\n")}
  ],
  bindings = [${bindings.join("\n")}],
  compatibilityDate = "2026-11-01",
  compatibilityFlags = [${flags.map((flag) => `"${flag}"`).join()}],
  globalOutbound = "loopback",
);`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    ${services.join("\n    ")}
    (name = "loopback", network = (allow = ["127.0.0.0/8"])),
  ],
  sockets = [
    ${sockets.join("\n    ")}
  ],
);
${definitions.join("\n")}
`;
}

// Cloudflare's runtime, the real one, for the time of a test file.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { freePort } from "./free-port.js";
import { workerd } from "./programs.js";

/** Runs the worker `worker.js` of each folder, with the other files there as its modules; `bases` are their addresses. */
export async function startWorkerd(folders, { variables = {}, flags = [] } = {}) {
  const workers = [];
  for (const [index, folder] of folders.entries()) {
    const modules = (await readdir(folder)).filter((name) => name.endsWith(".wasm"));
    // Files are embedded by their paths from the configuration.
    const path = (name) => relative(folders[0], join(folder, name));
    workers.push({ path, modules, name: `worker${index}`, port: await freePort() });
  }
  const config = join(folders[0], "config.capnp");
  await writeFile(config, configuration(workers, variables, flags));
  const child = spawn(workerd(), ["serve", config], { stdio: "inherit" });
  const bases = workers.map(({ port }) => `http://127.0.0.1:${port}`);
  const stop = async () => {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  };
  for (let attempt = 0; ; attempt += 1) {
    try {
      await fetch(`${bases[0]}/ready`, { signal: AbortSignal.timeout(2000) });
      return { bases, stop };
    } catch (error) {
      if (attempt > 100 || child.exitCode !== null) {
        await stop();
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function configuration(workers, variables, flags) {
  const services = workers.map(({ name }) => `(name = "${name}", worker = .${name}),`);
  const sockets = workers.map(
    ({ name, port }) => `(name = "${name}", address = "127.0.0.1:${port}", http = (), service = "${name}"),`,
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

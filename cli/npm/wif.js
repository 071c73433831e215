#!/usr/bin/env node
// Starts the program `wif`, which is in the package for this platform.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { constants } from "node:os";

const { arch, platform } = process;
const { resolve } = createRequire(import.meta.url);

/** The installed programs. Tools that ignore `libc` install the packages of both C libraries. */
function programs() {
  const libraries = platform === "linux" ? ["-gnu", "-musl"] : [""];
  const file = platform === "win32" ? "wif.exe" : "wif";
  return libraries.flatMap((library) => {
    try {
      return [resolve(`workload-identity-cli-${platform}-${arch}${library}/bin/${file}`)];
    } catch {
      return [];
    }
  });
}

let child;

function start([program, ...others]) {
  if (program === undefined) {
    console.error(
      `error: no package with the program wif for ${platform} ${arch} is installed; install workload-identity-cli with its ` +
        "optional dependencies, or build wif with `cargo install`",
    );
    process.exit(1);
  }
  child = spawn(program, process.argv.slice(2), { stdio: "inherit" });
  // The loader of another C library is missing.
  child.on("error", () => start(others));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

// `wif emulator` would survive its launcher otherwise.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
start(programs());

// The launcher of the npm package workload-identity-cli, with the program of this checkout.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";

const root = join(import.meta.dirname, "../../..");
const wif = process.env.WIF ?? join(root, "target/debug/wif");
const folder = await mkdtemp(join(tmpdir(), "launcher-"));
after(() => rm(folder, { recursive: true }));
const launcher = join(folder, "node_modules/workload-identity-cli/wif.js");
await cp(join(root, "cli/npm"), join(launcher, ".."), { recursive: true });

test("without the package of the platform it says what to install", () => {
  const { status, stderr } = spawnSync(process.execPath, [launcher], { encoding: "utf8" });
  assert.equal(status, 1);
  assert.match(stderr, new RegExp(`${process.platform} ${process.arch}.*optional`));
});

test("arguments, output and exit status are those of the program, and signals reach it", async () => {
  const library = process.platform === "linux" ? "-gnu" : "";
  const platform = `workload-identity-cli-${process.platform}-${process.arch}${library}`;
  const programs = join(folder, "node_modules", platform, "bin");
  await mkdir(programs, { recursive: true });
  await symlink(wif, join(programs, "wif"));

  const version = spawnSync(process.execPath, [launcher, "--version"], { encoding: "utf8" });
  assert.equal(version.status, 0, version.stderr);
  assert.match(version.stdout, /^wif \d/);
  assert.equal(spawnSync(process.execPath, [launcher, "no-such-command"]).status, 2);

  const emulator = spawn(process.execPath, [launcher, "emulator", "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface({ input: emulator.stdout }), "line");
  const { base_url } = JSON.parse(line);
  emulator.kill("SIGTERM");
  const [status] = await once(emulator, "exit");
  assert.equal(status, 0);
  await assert.rejects(fetch(base_url), "the emulator has ended with its launcher");
});

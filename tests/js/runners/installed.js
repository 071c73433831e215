// The packages as a user has them: the tarballs of `cargo xtask pack`, installed into a fresh folder.
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

const exec = promisify(execFile);
const dist = process.env.WIF_DIST ?? join(import.meta.dirname, "../../../dist");

/** A folder with both packages in node_modules. Call `remove` in the end. */
export async function install() {
  const folder = await mkdtemp(join(tmpdir(), "workload-identity-"));
  // Beside those of the command line.
  const tarballs = (await readdir(dist)).filter((name) => /^workload-identity-(wasm-)?\d.*\.tgz$/.test(name));
  if (tarballs.length !== 2) throw new Error(`${dist} has ${tarballs.length} tarballs: run \`cargo xtask pack\``);
  await writeFile(join(folder, "package.json"), '{"private":true,"type":"module"}');
  const names = tarballs.map((name) => join(dist, name));
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  await exec(npm, ["install", "--no-audit", "--no-fund", "--offline", ...names], { cwd: folder });
  return {
    folder,
    path: (...parts) => join(folder, "node_modules", ...parts),
    /** The package's public exports, those of its entries `/pure` and `/management`, and its native module. */
    async load(name) {
      const { exports } = JSON.parse(await readFile(join(folder, "node_modules", name, "package.json"), "utf8"));
      const url = (relative) => pathToFileURL(join(folder, "node_modules", name, relative)).href;
      const entry = (sub) => import(url((exports[sub].node ?? exports[sub]).default));
      const [whole, pure, management] = [await entry("."), await entry("./pure"), await entry("./management")];
      const { nativeModule } = await import(url("dist/platform.js"));
      return { package: whole, pure, management, native: await nativeModule() };
    },
    // Programs of a test that end after it may write there.
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 20 }),
  };
}

const vectors = join(import.meta.dirname, "../../vectors");

/** The data of tests/vectors that the suite replays. */
export async function readVectors() {
  const attacks = JSON.parse(await readFile(join(vectors, "attacks.json"), "utf8"));
  const granted = JSON.parse(await readFile(join(vectors, "granted.json"), "utf8"));
  const trustCases = JSON.parse(await readFile(join(vectors, "trust.json"), "utf8")).cases;
  return { transcripts: await readTranscripts(), attacks, granted, trustCases };
}

async function readTranscripts() {
  const folder = join(vectors, "transcripts");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();
  if (names.length < 10) throw new Error("the transcripts are missing");
  return Promise.all(names.map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8"))));
}

// A program of one file, bundled by each bundler with the options that the packages' READMEs show.
import { join } from "node:path";
import nodeResolve from "@rollup/plugin-node-resolve";
import { build as esbuild } from "esbuild";
import { rollup } from "rollup";
import { build as vite } from "vite";
import webpack from "webpack";

async function withEsbuild(entry, out, options) {
  await esbuild({ entryPoints: [entry], outfile: out, bundle: true, logLevel: "error", ...options });
}

async function withWebpack(entry, out, options) {
  const output = { path: join(out, ".."), filename: out.split("/").at(-1) };
  const compiler = webpack({ mode: "production", entry, output, performance: { hints: false }, ...options });
  const run = (work) => new Promise((resolve, reject) => work((error, result) => (error ? reject(error) : resolve(result))));
  const stats = await run((done) => compiler.run(done));
  await run((done) => compiler.close(done));
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
  if (errors.length + warnings.length > 0) throw new Error([...errors, ...warnings].map(({ message }) => message).join("\n"));
}

async function withRollup(entry, out, format, options) {
  const plugins = [nodeResolve(options)];
  const bundle = await rollup({ input: entry, plugins, onLog: () => undefined });
  await bundle.write({ file: out, format, inlineDynamicImports: true });
  await bundle.close();
}

async function withVite(entry, out, options) {
  const output = { entryFileNames: out.split("/").at(-1) };
  const { build, ...others } = options;
  await vite({
    root: join(entry, ".."),
    configFile: false,
    logLevel: "error",
    build: { outDir: join(out, ".."), emptyOutDir: false, rollupOptions: { input: entry, output }, ...build },
    ...others,
  });
}

const required = ({ request }, done) => (/^workload-identity/.test(request) ? done(null, `commonjs ${request}`) : done());
const imported = ({ request }, done) => (/^workload-identity/.test(request) ? done(null, `import ${request}`) : done());

/** Bundles for Node.js, which contain the package. */
export const bundles = {
  "esbuild-esm.mjs": (entry, out) => withEsbuild(entry, out, { platform: "node", format: "esm" }),
  "esbuild-cjs.cjs": (entry, out) => withEsbuild(entry, out, { platform: "node", format: "cjs" }),
  "webpack.cjs": (entry, out) => withWebpack(entry, out, { target: "node" }),
  "rollup-es.mjs": (entry, out) => withRollup(entry, out, "es", { preferBuiltins: true, exportConditions: ["node"] }),
  "rollup-cjs.cjs": (entry, out) => withRollup(entry, out, "cjs", { preferBuiltins: true, exportConditions: ["node"] }),
  "vite-ssr.mjs": (entry, out) => withVite(entry, out, { build: { ssr: true }, ssr: { noExternal: true } }),
};

/** Bundles for Node.js that load the package from node_modules. */
export const external = {
  "esbuild-packages.mjs": (entry, out) =>
    withEsbuild(entry, out, { platform: "node", format: "esm", packages: "external" }),
  // The setting `serverExternalPackages` of Next.js.
  "webpack-required.cjs": (entry, out) => withWebpack(entry, out, { target: "node", externals: [required] }),
  "webpack-imported.cjs": (entry, out) => withWebpack(entry, out, { target: "node20", externals: [imported] }),
  "vite-ssr-external.mjs": (entry, out) => withVite(entry, out, { build: { ssr: true } }),
};

/** Bundles for web pages. */
export const pages = {
  "esbuild.js": (entry, out) => withEsbuild(entry, out, { format: "esm" }),
  "esbuild-iife.js": (entry, out) => withEsbuild(entry, out, { format: "iife" }),
  "webpack.js": (entry, out) => withWebpack(entry, out, { target: "web" }),
  "rollup.js": (entry, out) => withRollup(entry, out, "es", { browser: true }),
  "vite.js": (entry, out) => withVite(entry, out, { base: "./" }),
};

/** Bundles a program, in a folder of its own for the files that the bundler adds; the path of the bundle. */
export async function bundle(build, entry, file, folder) {
  const out = join(folder, file.replaceAll(".", "-"), file);
  await build(entry, out);
  return out;
}

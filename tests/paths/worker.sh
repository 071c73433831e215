# A worker developer without wrangler: the npm package, the commands of examples/worker/README.md, Cloudflare's runtime.
. "$REPOSITORY/tests/paths/prelude.sh"

step "npm install"
cp -R "$REPOSITORY/examples/worker/." .
npm pkg delete dependencies.workload-identity-wasm
npm install --silent --offline "$(package 'workload-identity-wasm-[0-9]*.tgz')"

step "esbuild with the README's flags"
flags=$(sed -n 's/^\$ npx esbuild worker.js //p' README.md)
documented=$(sed -n 's/^| esbuild for Cloudflare | `\(.*\)` |$/\1/p' node_modules/workload-identity-wasm/README.md)
case $flags in
"$documented "*) ;;
*) fail "the example's flags are not those of the package's README" ;;
esac
# Flags with * and [] that no file may replace.
set -f
# shellcheck disable=SC2086 # Several flags.
esbuild worker.js $flags --log-level=warning
set +f

install_wif
emulator
ISSUER=$(fact authority)/v2.0

# The runtime itself: npm's script in front of it does not pass signals on.
workerd_folder='import(process.argv[1]).then(({ workerd }) => console.log(path.dirname(workerd())))'
PATH=$(node -e "$workerd_folder" "$REPOSITORY/tests/js/runners/programs.js"):$PATH

step "workerd answers 200, 401, 403"
# serve LOG: starts the bundle on a free port, which the runtime writes to LOG.
serve() {
    OIDC_ISSUER=$ISSUER AUDIENCE=api://orders ALLOW_LOOPBACK_HTTP=1 \
        workerd serve config.capnp --socket-addr=http=127.0.0.1:0 --control-fd=1 >"$1" &
    servers="$servers $!"
    until_true grep -q port "$1"
}
port() {
    sed -n 's/.*"port":\([0-9]*\).*/\1/p' "$1"
}
serve control.txt
API=http://127.0.0.1:$(port control.txt) EMULATOR=$(fact base_url) node "$REPOSITORY/tests/paths/worker/answers.mjs"

step "without the flags the answer has the code of the error"
esbuild worker.js --bundle --format=esm --outdir=out --log-level=warning
serve wrong.txt
API=http://127.0.0.1:$(port wrong.txt) EMULATOR=$(fact base_url) node "$REPOSITORY/tests/paths/worker/wrong-bundle.mjs"

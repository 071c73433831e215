# A TypeScript developer: npm packages, a strict program, @azure/core-auth, unit tests after docs/testing.md.
. "$REPOSITORY/tests/paths/prelude.sh"
sources=$REPOSITORY/tests/paths/typescript

step "npm install"
cp "$sources"/*.ts "$sources"/*.json .
# release NAME: NAME@RELEASE of the other suites.
release() {
    node -p '`${process.argv[2]}@${require(process.argv[1]).devDependencies[process.argv[2]]}`' "$REPOSITORY/tests/js/$2package.json" "$1"
}
npm install --silent --prefer-offline --ignore-scripts --no-audit --no-fund \
    "$(release @azure/core-auth "")" "$(release typescript "")" "$(release @types/node bundlers/)"
npm install --silent --offline "$(package 'workload-identity-[0-9]*.tgz')"
install_wif

step "tsc --strict"
tsc --project .

step "the program, as a GitHub job"
emulator
ACTIONS_ID_TOKEN_REQUEST_URL=$(fact github_request_url)
ACTIONS_ID_TOKEN_REQUEST_TOKEN=$(fact github_request_token)
export ACTIONS_ID_TOKEN_REQUEST_URL ACTIONS_ID_TOKEN_REQUEST_TOKEN
node out/main.js
block bindings-node/README.md js fromEnvironment >usage.mjs
node usage.mjs >/dev/null

step "its unit tests, without a tenant, and those of the page"
node --test out/orders.test.js >tests.txt || fail "$(cat tests.txt)"
block docs/testing.md js TestIssuer >api.mjs
block docs/testing.md js FakeCredential >program.mjs
block docs/testing.md js startEmulator >exchange.mjs
for page in api program exchange; do node "$page.mjs"; done

step "a laptop: the message says how to find a source"
exits 1 env -u ACTIONS_ID_TOKEN_REQUEST_URL -u ACTIONS_ID_TOKEN_REQUEST_TOKEN node usage.mjs 2>laptop.txt
contains laptop.txt source_not_found
contains laptop.txt "wif sources"

# A platform engineer: `wif` from the wheel and from npm, in scripts of the shell.
. "$REPOSITORY/tests/paths/prelude.sh"

step "pip install wif"
python3 -m venv venv
venv/bin/pip install -q --no-index "$(package 'wif-*.whl')"
PATH=$PWD/venv/bin:$PATH
wif --version | grep -q "^wif [0-9]"

step "completions and manual pages"
for shell in bash zsh fish powershell; do
    wif completions "$shell" >"completions.$shell"
    contains "completions.$shell" emulator
done
bash -n completions.bash
wif man man1
contains man1/wif-verify.1 "Exit status"

step "wif demo"
NO_COLOR=1 wif demo >demo.txt
contains demo.txt trust_mismatch
wif demo --json | python3 -c 'import json, sys; assert [json.loads(line)["step"] for line in sys.stdin]'

step "an emulator with roles, and the token file of a pod"
emulator --role Orders.Read --claim 'groups=["operators"]' --token-file "$PWD/pod-token"
AZURE_FEDERATED_TOKEN_FILE=$(fact token_file)
export AZURE_FEDERATED_TOKEN_FILE
issuer=$AZURE_AUTHORITY_HOST/$AZURE_TENANT_ID/v2.0

step "wif token, as text and as JSON"
wif token --scope https://vault.azure.net/.default >token
wif token --scope https://vault.azure.net/.default --json >token.json
python3 -c 'import json; assert json.load(open("token.json"))["expires_on"] > 0'
exits 1 wif token --scope https://vault.azure.net/.default --token-file missing --json 2>failed.json
python3 -c 'import json; error = json.load(open("failed.json")); assert error["code"] == "token_file_missing", error'
exits 2 wif token 2>usage.txt
contains usage.txt --scope

step "wif verify: 0 accepted, 1 refused, 2 wrong usage"
verify() {
    wif verify --issuer "$issuer" --audience https://vault.azure.net --allow-loopback-http "$@" <token
}
verify --role Orders.Read >accepted.txt
verify --role Orders.Read --json >accepted.json
python3 -c 'import json; result = json.load(open("accepted.json")); assert result["verified"]["claims"]["groups"] == ["operators"], result'
exits 1 verify --role Orders.Write >refused.txt
contains refused.txt "^refused: claim_mismatch: .*roles"
exits 1 wif verify --issuer "$issuer" --audience api://other --allow-loopback-http <token >audience.txt
contains audience.txt "wanted api://other"
exits 2 verify --no-such-option 2>/dev/null
printf '{"name":"a","token":"nonsense","jwks":{"keys":[]},"issuer":"%s","audience":"a"}\n' "$issuer" | wif verify --batch - >batch.json
contains batch.json malformed

step "npm install workload-identity-cli"
printf '{"private":true}\n' >package.json
install_wif
[ "$(command -v wif)" = "$PWD/node_modules/.bin/wif" ]
wif --version | grep -q "^wif [0-9]"
exits 1 verify --role Orders.Write >/dev/null

step "without the issuer: 3, no keys"
# shellcheck disable=SC2086 # A list of process ids.
kill $servers
# shellcheck disable=SC2086 # A list of process ids.
wait $servers || true
servers=""
exits 3 verify >keys.txt
contains keys.txt keys_unavailable

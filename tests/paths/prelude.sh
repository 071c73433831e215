# Functions of the paths. `cargo xtask test --only paths` starts each path in an empty folder, with REPOSITORY and WIF_DIST set.
set -eu

servers=""
# shellcheck disable=SC2086 # A list of process ids.
trap 'kill $servers 2>/dev/null || true' EXIT

# step TEXT: prints what comes next.
step() {
    printf '   %s\n' "$1"
}

fail() {
    printf 'error: %s\n' "$1" >&2
    exit 1
}

# package PATTERN: prints the path of the one package in dist with this name.
package() {
    # shellcheck disable=SC2086 # The pattern matches files.
    set -- "$WIF_DIST"/$1
    [ $# = 1 ] && [ -e "$1" ] || fail "not one package $1 in $WIF_DIST: run \`cargo xtask pack\`"
    printf '%s\n' "$1"
}

# block PAGE LANGUAGE TEXT: prints the first code block of a page of the documentation that contains TEXT.
block() {
    awk -v mark="\`\`\`$2" -v text="$3" '
        /^```/ && inside { if (index(code, text)) { found = 1; printf "%s", code; exit } inside = 0; next }
        /^```/ { inside = 1; wanted = $0 == mark; code = ""; next }
        inside && wanted { code = code $0 "\n" }
        END { exit !found }
    ' "$REPOSITORY/$1" || fail "$1 has no $2 block with $3"
}

# until_true COMMAND...: waits up to two minutes.
until_true() {
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ "$tries" -lt 1200 ] || fail "still failing after two minutes: $*"
        sleep 0.1
    done
}

# emulator ARGUMENTS...: starts `wif emulator`; `fact` reads the line that it prints.
emulator() {
    wif emulator --json --quiet "$@" >facts.json &
    servers="$servers $!"
    until_true grep -q '^{.*}$' facts.json
    AZURE_AUTHORITY_HOST=$(fact base_url)
    AZURE_TENANT_ID=$(fact tenant_id)
    AZURE_CLIENT_ID=$(fact client_id)
    export AZURE_AUTHORITY_HOST AZURE_TENANT_ID AZURE_CLIENT_ID
}

fact() {
    sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" facts.json
}

# install_wif: the command line from npm, for this folder. Offline: packages of other platforms are optional.
install_wif() {
    npm install --silent --offline "$(package 'workload-identity-cli-[0-9]*.tgz')" "$(package 'workload-identity-cli-[a-z]*.tgz')"
    PATH=$PWD/node_modules/.bin:$PATH
}

# contains FILE TEXT: fails and shows the file unless it has this text.
contains() {
    grep -qe "$2" "$1" || fail "no \`$2\` in $1: $(cat "$1")"
}

# exits STATUS COMMAND...: fails unless the command ends with this status.
exits() {
    expected=$1
    shift
    status=0
    "$@" || status=$?
    [ "$status" = "$expected" ] || fail "exit status $status instead of $expected: $*"
}

# A FastAPI team: the example and its requirements, an API of their own for Entra's applications and GitHub's jobs after
# docs/protect-an-api.md, and its unit tests after docs/testing.md.
. "$REPOSITORY/tests/paths/prelude.sh"
team=$REPOSITORY/tests/paths/fastapi_team

step "pip install -r requirements.txt, with the wheel in place of the checkout"
cp "$REPOSITORY/examples/fastapi/app.py" .
grep -v bindings-python "$REPOSITORY/examples/fastapi/requirements.txt" >requirements.txt
python3 -m venv venv
PATH=$PWD/venv/bin:$PATH
pip install -q -c "$REPOSITORY/tests/python/requirements.txt" -r requirements.txt \
    "$(package 'workload_identity_federation-*.whl')[testing]" "$(package 'wif-*.whl')" httpx pytest

# serve ISSUER LOG: starts the example.
serve() {
    OIDC_ISSUER=$1 AUDIENCE=api://orders uvicorn app:app --port 0 >"$2" 2>&1 &
    servers="$servers $!"
    until_true grep -q "Uvicorn running on" "$2"
}
address() {
    sed -n 's/.*Uvicorn running on \(http[^ ]*\).*/\1/p' "$1"
}

step "the example answers 200, 401, 403 and 503"
emulator
serve "$AZURE_AUTHORITY_HOST/$AZURE_TENANT_ID/v2.0" served.txt
serve http://127.0.0.1:9 without-keys.txt
API=$(address served.txt) API_WITHOUT_KEYS=$(address without-keys.txt) python "$team/answers.py"

step "an API for Entra and GitHub, after the page"
{
    block docs/protect-an-api.md python "app = FastAPI()"
    block docs/protect-an-api.md python "Issuer.github"
} >orders.py

step "its unit tests, without a tenant"
cp "$team/test_orders.py" .
python -m pytest -q -p no:cacheprovider test_orders.py

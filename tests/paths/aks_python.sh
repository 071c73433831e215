# A Python developer on AKS: the variables and the token file of a pod, docs/guides/kubernetes.md, a client on azure-core.
. "$REPOSITORY/tests/paths/prelude.sh"

step "pip install, in a new virtual environment"
python3 -m venv venv
PATH=$PWD/venv/bin:$PATH
pip install -q -c "$REPOSITORY/tests/python/requirements.txt" \
    "$(package 'workload_identity_federation-*.whl')[azure]" "$(package 'wif-*.whl')" azure-identity

step "the pod: its variables and its token file"
emulator --tls --token-file "$PWD/azure-identity-token"
AZURE_FEDERATED_TOKEN_FILE=$(fact token_file)
SSL_CERT_FILE=$(fact ca_file)
REQUESTS_CA_BUNDLE=$SSL_CERT_FILE
export AZURE_FEDERATED_TOKEN_FILE SSL_CERT_FILE REQUESTS_CA_BUNDLE

step "the guide's program, and the README's with asyncio"
block docs/guides/kubernetes.md python get_token >guide.py
python guide.py | grep -q "expires on"
block bindings-python/README.md python workload_identity.aio >aio.py
python aio.py | grep -q "expires on"

step "a client of Azure"
API_URL=$(fact api_url) python "$REPOSITORY/tests/paths/aks_python/client.py"

step "the chain's line: the pod's identity in the cluster, the CLI's on a laptop"
block bindings-python/README.md python ChainedTokenCredential >chain.py
python chain.py | grep -q "expires on"
exits 1 env -u AZURE_FEDERATED_TOKEN_FILE python chain.py 2>laptop.txt
contains laptop.txt AzureCliCredential

step "what goes wrong, as the guide's table names it"
exits 1 env AZURE_FEDERATED_TOKEN_FILE="$PWD/not-mounted" python guide.py 2>not-mounted.txt
contains not-mounted.txt token_file_missing

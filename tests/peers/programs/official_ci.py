"""Gets an identity token of a CI platform with the package id, used as its own documentation says.

Standard input: {"audience", "environment"}; `environment` has variables to set. Standard output: {"token"} or {"error"}.
"""

import json
import os
import sys

import id
from id._internal.oidc import ambient

# Otherwise the platform would be Google Cloud on a machine of Google's.
ambient._GCP_PRODUCT_NAME_FILE = os.devnull

job = json.load(sys.stdin)
os.environ.update(job["environment"])
try:
    outcome = {"token": id.detect_credential(job["audience"])}
except id.AmbientCredentialError as error:
    outcome = {"error": str(error)}
json.dump(outcome, sys.stdout)

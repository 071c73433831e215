"""Gets an identity token with google-auth, used as its own documentation says.

Standard input: {"case", "audience", "service_account"}. Standard output: {"token"}. The environment names the metadata
server and the HTTPS proxy.
"""

import json
import sys

import google.auth.transport.requests
from google.auth import compute_engine, impersonated_credentials

job = json.load(sys.stdin)
request = google.auth.transport.requests.Request()
if job["case"] == "metadata":
    credentials = compute_engine.IDTokenCredentials(
        request, target_audience=job["audience"], use_metadata_identity_endpoint=True
    )
else:
    target = impersonated_credentials.Credentials(
        source_credentials=compute_engine.Credentials(),
        target_principal=job["service_account"],
        target_scopes=[],
    )
    credentials = impersonated_credentials.IDTokenCredentials(
        target, target_audience=job["audience"], include_email=True
    )
credentials.refresh(request)
json.dump({"token": credentials.token}, sys.stdout)

"""Asks AWS STS for a web identity token with botocore, as its documentation says.

Arguments: the audience. The environment says where credentials and STS are. Standard output: {"token"}.
"""

import json
import sys

import botocore.session

client = botocore.session.Session().create_client("sts", region_name="eu-west-1")
answer = client.get_web_identity_token(Audience=[sys.argv[1]], SigningAlgorithm="RS256")
json.dump({"token": answer["WebIdentityToken"]}, sys.stdout)

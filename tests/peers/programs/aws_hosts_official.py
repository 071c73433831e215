"""Prints the addresses that botocore, unmodified, asks: one for each place of a list, `null` where it refuses the place.

Standard input: a JSON list of {"service", "region", "environment"}. Nothing is sent: a request ends when it is ready.
"""

import json
import os
import sys

import botocore.exceptions
import botocore.session

OPERATIONS = {
    "sts": ("get_web_identity_token", {"Audience": ["a"], "SigningAlgorithm": "RS256"}),
    "cognito-identity": (
        "get_open_id_token_for_developer_identity",
        {"IdentityPoolId": "eu-west-1:11111111-2222-3333-4444-555555555555", "Logins": {"a": "b"}},
    ),
}


class Ready(Exception):
    """Ends a request before it is sent."""


def end(request, **_):
    raise Ready(request.url)


def address(service, region, environment):
    os.environ.update(environment)
    try:
        client = botocore.session.Session().create_client(service, region_name=region)
        client.meta.events.register("before-send.*", end)
        name, arguments = OPERATIONS[service]
        getattr(client, name)(**arguments)
    except Ready as ready:
        return str(ready)
    except botocore.exceptions.BotoCoreError:
        return None
    finally:
        for variable in environment:
            del os.environ[variable]


json.dump([address(**place) for place in json.load(sys.stdin)], sys.stdout)

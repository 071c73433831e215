"""Management of federated credentials with answers of no good service, and with settings and credentials that are wrong."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
from typing import Any

import pytest
from workload_identity import (
    AuthenticationError,
    ConfigurationError,
    SourceError,
    WorkloadIdentity,
    WorkloadIdentityError,
)
from workload_identity.management import FederatedCredential

from graph_service import (
    APP,
    CANARY,
    GITHUB,
    Blocking,
    Given,
    GivenLater,
    Make,
    Service,
    graph_error,
    page,
    wanted,
)


def test_pages_and_throttling(at: Make) -> None:
    link = f"https://graph.microsoft.com/v1.0/applications(appId='{APP}')/federatedIdentityCredentials?$skiptoken=2"
    service = Service(page("one", link=link), (429, "", {"retry-after": "1"}), page("two"))
    assert [each.name for each in at(service).list()] == ["one", "two"]
    assert service.requests[-1].url == link
    assert service.requests[0].url.startswith(f"https://graph.microsoft.com/v1.0/applications(appId='{APP}')/")


def test_a_challenge_is_answered_once(at: Make) -> None:
    challenge = 'Bearer error="insufficient_claims", claims="eyJhIjoxfQ=="'
    denied = (401, graph_error("InvalidAuthenticationToken"), {"www-authenticate": challenge})
    credential = Given()
    service = Service(denied, page("one"))
    at(service, credential).list()
    assert service.requests[0].headers["authorization"] == f"Bearer {CANARY}"
    (scopes, first), (_, second) = credential.calls
    assert (scopes, first.get("claims")) == (("https://graph.microsoft.com/.default",), None)
    assert json.loads(second["claims"]) == {"a": 1}
    with pytest.raises(AuthenticationError) as refused:
        at(Service(denied), credential).list()
    assert refused.value.code == "management_refused"
    assert len(credential.calls) == 4


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((403, graph_error("Authorization_RequestDenied", CANARY)), "management_refused"),
        ((404, graph_error("Request_ResourceNotFound", CANARY)), "identity_not_found"),
        ((302, "", {"location": f"https://attacker.example/{CANARY}"}), "response_redirect"),
        ((200, f"<html>{CANARY}"), "response_not_json"),
        ((200, ""), "response_empty"),
        ((200, {"value": CANARY}), "response_invalid"),
        ((200, '{"value":[],"value":[]}'), "response_duplicate_member"),
        (page("one", link=f"https://attacker.example/{CANARY}"), "response_invalid"),
        (page("one", link=f"http://graph.microsoft.com/v1.0/{CANARY}"), "response_invalid"),
    ],
)
def test_answers_that_are_refused(
    at: Make, answer: Any, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    service = Service(answer)
    with caplog.at_level(logging.DEBUG), pytest.raises(WorkloadIdentityError) as refused:
        at(service).list()
    assert refused.value.code == code
    shown = f"{refused.value} {refused.value!r} {refused.value.__dict__} {caplog.text}"
    # What a service says is repeated, but never the token.
    assert f"Bearer {CANARY}" not in shown
    assert all("attacker" not in request.url for request in service.requests)


def test_no_log_has_the_token(at: Make, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        credentials = at(Service(page("one")))
        credentials.list()
    assert repr(getattr(credentials, "_object", credentials)).endswith(f"FederatedCredentials app_id='{APP}'>")
    assert "GET https://graph.microsoft.com/v1.0/applications" in caplog.text
    assert CANARY not in caplog.text


def test_half_applied_is_reported(at: Make) -> None:
    service = Service(page(), (201, page("first")["value"][0]), (403, graph_error("Authorization_RequestDenied")))
    with pytest.raises(AuthenticationError) as refused:
        at(service).apply([wanted("first"), wanted("second"), wanted("third")])
    applied = pickle.loads(pickle.dumps(refused.value)).applied
    assert refused.value.code == "management_refused" and not applied.complete
    assert [each.outcome for each in applied.changes] == ["done", "failed", "not_tried"]
    assert applied.changes[1].error.code == "management_refused"
    assert "+ second: failed" in str(applied) and "+ third: not tried" in str(applied)


def test_credentials_of_each_kind(at: Make, make: Make) -> None:
    service = Service(page("one"))
    assert at(service, Given()).list()
    later = at(service, GivenLater())
    if isinstance(later, Blocking):
        assert later.list()
    else:
        with pytest.raises(WorkloadIdentityError) as refused:
            later.list()
        assert "workload_identity.aio" in str(refused.value)
    with pytest.raises(WorkloadIdentityError) as refused:
        at(service, Given(token=None)).list()  # type: ignore[arg-type]
    assert "get_token" in str(refused.value)
    for wrong in (None, "token", object()):
        with pytest.raises(ConfigurationError) as refused:
            make(wrong, app_id=APP)
        assert refused.value.code == "config_invalid"


def test_the_error_of_a_credential_is_the_cause(at: Make) -> None:
    def ask() -> str:
        raise RuntimeError(CANARY)

    identity = WorkloadIdentity(tenant_id="contoso.com", client_id=APP, source=ask)
    with identity, pytest.raises(WorkloadIdentityError) as refused:
        at(Service(page()), identity).list()
    assert isinstance(refused.value.__cause__, SourceError)
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"app_id": APP, "app_object_id": APP},
        {"app_id": "my-app"},
        {"managed_identity": "/subscriptions/x"},
        {"app_id": APP, "graph_url": "http://graph.example"},
        {"app_id": APP, "graph_url": "https://169.254.169.254/"},
        {"app_id": APP, "graph_version": "v2"},
        {"app_id": APP, "timeout": "1"},
    ],
)
def test_options_that_are_wrong(make: Make, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError) as refused:
        make(Given(), **options)
    assert refused.value.code == "config_invalid"


@pytest.mark.parametrize(
    "credential",
    [
        wanted("ab"),
        wanted("a b c"),
        wanted("abc", issuer=""),
        wanted("abc", subject="x" * 601),
        FederatedCredential("abc", GITHUB),
        {"name": "abc", "issuer": GITHUB, "subject": "s", "other": 1},
        {"name": 7},
        "abc",
        None,
    ],
)
def test_credentials_that_are_wrong(at: Make, credential: Any) -> None:
    service = Service(page())
    for call in ("create", "upsert"):
        with pytest.raises(ConfigurationError) as refused:
            getattr(at(service), call)(credential)
        assert refused.value.code == "request_invalid"
    with pytest.raises(ConfigurationError):
        at(service).apply([credential])
    with pytest.raises(ConfigurationError):
        at(service).apply([wanted("abc"), wanted("abc")])
    assert service.requests == []


def test_a_time_limit(at: Make) -> None:
    with pytest.raises(WorkloadIdentityError) as late:
        at(Service((429, "", {"retry-after": "60"}))).list(timeout=0.5)
    assert late.value.retryable


def test_closed(at: Make) -> None:
    credentials = at(Service(page()))
    if isinstance(credentials, Blocking):
        asyncio.run(credentials._object.close())
    else:
        credentials.close()
    with pytest.raises(ConfigurationError) as refused:
        credentials.list()
    assert refused.value.code == "misuse"
    with pytest.raises(TypeError):
        pickle.dumps(getattr(credentials, "_object", credentials))

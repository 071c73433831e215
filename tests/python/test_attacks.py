"""The attack corpus (tests/vectors/attacks.md), with the native class and with the public verifier."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from workload_identity import Issuer, TokenVerifier, WorkloadIdentityError
from workload_identity._core.effects import _verify
from workload_identity._native import VerifiedToken, Verifier

from conftest import REPOSITORY

CORPUS = json.loads((REPOSITORY / "tests/vectors/attacks.json").read_text("utf-8"))
CASES = CORPUS["cases"]


def text(pieces: Any) -> str:
    if isinstance(pieces, str):
        return pieces
    return "".join(
        piece if isinstance(piece, str) else piece["repeat"][0] * piece["repeat"][1]
        for piece in pieces
    )


def document(name: str) -> str:
    found = CORPUS["keys"][name]
    return text(found["text"]) if "text" in found else json.dumps(found)


def merge(into: dict[str, Any], members: dict[str, Any]) -> None:
    for name, value in members.items():
        if value is None:
            into.pop(name, None)
        else:
            into[name] = value


def configuration(case: dict[str, Any], by_host: bool) -> str:
    config = copy.deepcopy(CORPUS["policies"][case["policy"]])
    merge(config["issuers"][0], {"keys": case["keys"]} if "keys" in case else {})
    merge(config["issuers"][0], case.get("issuer", {}))
    merge(config, case.get("options", {}))
    if by_host:
        config["signatures"] = "host"
    documents = {}
    for number, issuer in enumerate(config["issuers"]):
        if isinstance(issuer.get("keys"), str):
            documents[f'"@{number}@"'] = document(issuer["keys"])
            issuer["keys"] = f"@{number}@"
    written = json.dumps(config)
    for mark, keys in documents.items():
        written = written.replace(mark, keys)
    return written


class DrivenVerifier:
    """A native verifier, driven with the responses of a case."""

    def __init__(self, case: dict[str, Any], by_host: bool) -> None:
        self._case = case
        self._responses = list(case.get("fetch", []))
        self.fetched: list[str] = []
        self._verifier = Verifier(configuration(case, by_host).encode())
        self._verifier.reseed(bytes(32))

    def check(self, token: str, now: int) -> dict[str, Any] | None:
        """Returns the error, or `None` if the token is accepted."""
        checked = self._verifier.check(token, now)
        if checked is None:
            return self._drive(token, now)
        return None if isinstance(checked, VerifiedToken) else checked

    def _drive(self, token: str, now: int) -> dict[str, Any] | None:
        verifier = self._verifier
        ticket = verifier.begin(json.dumps({"token": token, "deadline": now + 60_000}).encode())
        try:
            for _ in range(100):
                text, verified = verifier.poll(ticket, now)
                step = json.loads(text)
                if step["step"] == "fail":
                    return step["error"]  # type: ignore[no-any-return]
                if step["step"] == "done":
                    assert verified is not None
                    return None
                effect = step["effect"]
                if effect["kind"] == "sleep":
                    now = max(now, effect["until"])
                verifier.resolve(effect["id"], *self._answer(effect), now)
        finally:
            verifier.end(ticket)
        raise AssertionError("the ticket does not end")

    def _answer(self, effect: dict[str, Any]) -> tuple[str, int, bytes, bytes]:
        if effect["kind"] == "sleep":
            return "elapsed", 0, b"", b""
        if effect["kind"] == "verify":
            return self._signature_result(effect)
        self.fetched.append(effect["url"])
        answer = self._responses.pop(0) if len(self._responses) > 1 else self._responses[0]
        if "failed" in answer:
            return "failed", 0, answer["failed"].encode(), b""
        body = document(answer["keys"]) if "keys" in answer else text(answer["body"])
        return "http", answer["status"], answer.get("head", "").encode(), body.encode()

    def _signature_result(self, effect: dict[str, Any]) -> tuple[str, int, bytes, bytes]:
        result = self._case.get("verify")
        if result == "failed":
            return "failed", 0, b"other", b""
        if result is None:
            try:
                result = "good" if _verify(effect) else "bad"
            except ValueError:
                result = "bad"
        return "verified", int(result == "good"), b"", b""


def check_refusal(refusal: dict[str, Any], token: str) -> None:
    text_of_error = json.dumps(refusal, ensure_ascii=False)
    assert len(refusal["message"].encode()) <= 512
    words = [token[at : at + 9] for at in range(0, min(len(token), 4000) - 8, 3)]
    assert not any(word in text_of_error for word in words if word.strip("Aa{} "))


def result_of(case: dict[str, Any], by_host: bool) -> str:
    try:
        driven = DrivenVerifier(case, by_host)
    except ValueError as refusal:
        assert len(str(refusal)) < 1024
        return str(json.loads(str(refusal))["code"])
    now = case.get("now", CORPUS["now"])
    for earlier in case.get("earlier", []):
        refusal = driven.check(text(earlier["token"]), earlier.get("now", now))
        assert (refusal["code"] if refusal else "accepted") == earlier["expected"]
    token = text(case["token"]) if "token" in case else ""
    error = driven.check(token, now)
    if "fetched" in case:
        assert driven.fetched == case["fetched"]
    elif "fetch" not in case:
        assert driven.fetched == []
    if error is None:
        return "accepted"
    check_refusal(error, token)
    return str(error["code"])


def test_corpus_is_complete() -> None:
    assert len(CASES) >= 300


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_attack(case: dict[str, Any]) -> None:
    assert result_of(case, by_host=False) == case["expected"]


# `verify_signature` never accepts a weak key, so cases that allow one are left out.
BY_HOST = [
    case
    for case in CASES
    if not {"signatures", "dangerously_allow_rsa_1024"} & set(case.get("options", {}))
]


@pytest.mark.parametrize("case", BY_HOST, ids=lambda case: case["name"])
def test_attack_with_signatures_verified_by_the_host(case: dict[str, Any]) -> None:
    assert result_of(case, by_host=True) == case.get("by_host", case["expected"])


PUBLIC = [
    case for case in CASES if "token" in case and not {"fetch", "verify", "earlier"} & set(case)
]


@pytest.mark.parametrize("case", PUBLIC, ids=lambda case: case["name"])
def test_attack_on_the_public_verifier(
    case: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = case.get("now", CORPUS["now"])
    monkeypatch.setattr("workload_identity.verifier.time_ns", lambda: now * 1_000_000)
    token = text(case["token"])
    try:
        claims = public(case).verify(token)
        result = "accepted"
        assert claims.claims == dict(claims)
    except WorkloadIdentityError as error:
        result = error.code
        check_refusal({"message": error.message, "all": repr(vars(error)) + str(error)}, token)
    assert result == case["expected"]


def public(case: dict[str, Any]) -> TokenVerifier:
    """Returns a verifier for the configuration as `Issuer` objects, with the keys as text."""
    config = plain(case)
    options = {name: value for name, value in config.items() if name != "issuers"}
    return TokenVerifier([CorpusIssuer(members) for members in config["issuers"]], **options)


def plain(case: dict[str, Any]) -> dict[str, Any]:
    config = copy.deepcopy(CORPUS["policies"][case["policy"]])
    merge(config["issuers"][0], {"keys": case["keys"]} if "keys" in case else {})
    merge(config["issuers"][0], case.get("issuer", {}))
    merge(config, case.get("options", {}))
    for issuer in config["issuers"]:
        if isinstance(issuer.get("keys"), str):
            issuer["keys"] = document(issuer["keys"])
    return config  # type: ignore[no-any-return]


class CorpusIssuer(Issuer):
    """An issuer with the members of the corpus, claim rules included."""

    def __init__(self, members: dict[str, Any]) -> None:
        self._entries = ({"profile": "generic-oidc", **members},)

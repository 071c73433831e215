"""Helpers for the tests of applications: an issuer of test tokens, fake credentials, and the emulator.

    from workload_identity.testing import TestIssuer

    issuer = TestIssuer.entra(audience="api://orders")
    verifier = issuer.verifier(roles=["Orders.Read"])
    caller = verifier.verify(issuer.token(roles=["Orders.Read"]))

Tokens are signed with `cryptography`: `pip install workload-identity-federation[testing]`. With that extra, pytest has the
fixtures of `workload_identity.testing.pytest_plugin`.
"""

from __future__ import annotations

from .credential import AsyncFakeCredential, FakeCredential
from .emulator import Emulator
from .issuer import TestIssuer

__all__ = ["AsyncFakeCredential", "Emulator", "FakeCredential", "TestIssuer"]

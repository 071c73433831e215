"""A forked child gets its own machine, seed and waiters, and keeps the cached tokens and keys."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

from waiting import FOREVER


def run(code: str) -> str:
    """Runs code in a new interpreter, because the test process has threads and should not be forked."""
    preamble = """
        import os, sys, threading, time
        from stubs import IDS, SCOPE, Blocking, workload_token
        from workload_identity import WorkloadIdentity

        def in_child(work):
            child = os.fork()
            if child == 0:
                try:
                    work()
                except BaseException as failure:
                    print(repr(failure), file=sys.stderr)
                    os._exit(1)
                os._exit(0)
            assert os.waitpid(child, 0)[1] == 0, "the child failed"
    """
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c"]
        + [textwrap.dedent(preamble) + textwrap.dedent(code)],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        timeout=FOREVER,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_child_keeps_tokens_and_gets_its_own_engine() -> None:
    run(
        """
        endpoint = Blocking()
        identity = WorkloadIdentity(**IDS, source=workload_token, transport=endpoint)
        token = identity.get_token(SCOPE)
        host = identity._host

        def child():
            assert identity.get_token(SCOPE) is token
            assert identity._host is not host
            assert identity._host.engine is not host.engine
            identity.get_token("https://graph.microsoft.com/.default")
            assert len(endpoint.requests) == 2

        in_child(child)
        assert identity._host is host
        """
    )


def test_child_has_its_own_seed() -> None:
    request_ids = run(
        """
        class Printing(Blocking):
            def send(self, request):
                print(request.headers["client-request-id"], flush=True)
                return super().send(request)

        identity = WorkloadIdentity(**IDS, source=workload_token, transport=Printing())
        identity.get_token(SCOPE)
        for _ in range(3):
            in_child(lambda: identity.get_token("https://graph.microsoft.com/.default"))
        identity.get_token("https://graph.microsoft.com/.default")
        """
    ).split()
    assert len(request_ids) == len(set(request_ids)) == 5


def test_child_does_not_wait_for_a_leader_of_the_parent() -> None:
    run(
        """
        from workload_identity._core.driver import Waiters

        endpoint = Blocking(held=True)
        identity = WorkloadIdentity(**IDS, source=workload_token, transport=endpoint)
        leader = threading.Thread(target=identity.get_token, args=(SCOPE,), daemon=True)
        follower = threading.Thread(target=identity.get_token, args=(SCOPE,), daemon=True)
        leader.start()
        while not endpoint.requests:
            time.sleep(0.01)
        follower.start()
        while len(identity._host.waiters) == 0:
            time.sleep(0.01)

        def refuse(*arguments):
            raise AssertionError("it waits")

        def child():
            # The parent's transport does not answer, and its locks may be held.
            own = identity._performer.transport = Blocking()
            Waiters.add = refuse
            assert identity.get_token(SCOPE).token
            assert len(own.requests) == 1

        in_child(child)
        endpoint.release()
        leader.join(); follower.join()
        assert len(endpoint.requests) == 1
        """
    )


def test_callback_may_fork() -> None:
    run(
        """
        def source():
            in_child(lambda: None)
            return workload_token()

        identity = WorkloadIdentity(**IDS, source=source, transport=Blocking())
        assert identity.get_token(SCOPE).token
        """
    )


def test_child_keeps_keys_and_gets_its_own_verifier() -> None:
    run(
        """
        from loopback_issuer import AUDIENCE, LoopbackIssuer
        from workload_identity import TokenVerifier

        issuer = LoopbackIssuer()
        token = issuer.token()
        verifier = TokenVerifier.oidc(
            issuer.url, AUDIENCE, jwks_uri=issuer.jwks_uri, allow_loopback_http=True
        )
        verifier.verify(token)
        engine = verifier._host.engine
        issuer.stop()

        def child():
            assert verifier._host.engine is not engine
            # The issuer was stopped: only the parent's keys can be used.
            assert verifier.verify(token).subject == "somebody"

        in_child(child)
        assert verifier.verify(token).subject == "somebody"

        busy = [threading.Thread(target=lambda: [verifier.verify(token) for _ in range(3000)]) for _ in range(2)]
        for thread in busy:
            thread.start()
        for _ in range(10):
            in_child(lambda: verifier._host)
        for thread in busy:
            thread.join()
        verifier.close()
        """
    )

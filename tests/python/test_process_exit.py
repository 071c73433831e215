"""A process ends when its work does: no request that hangs holds it."""

from __future__ import annotations

import subprocess
import sys

from dripping_server import DrippingServer
from waiting import FOREVER, SECONDS, until

START = """
import asyncio, socket, sys, threading, time
sys.path.insert(0, {tests!r})
from stubs import CLIENT, IDS, SCOPE, Awaited, Blocking, workload_token
from workload_identity import HttpRequest, WorkloadIdentity, aio
from workload_identity._core import effects
from workload_identity.aiohttp_transport import AiohttpTransport
from workload_identity.httpx_transport import AsyncHttpxTransport, HttpxTransport
from workload_identity.standard_transport import StandardTransport

# No other limit ends the requests.
effects._GRACE = {forever}

class Refreshing:
    # Answers the first request, and sends the others to a server that never answers.
    def __init__(self, transport):
        self.transport, self.first = transport, Blocking(refresh_in=1)
    def send(self, request):
        if not self.first.requests:
            return self.first.send(request)
        print("refreshing", flush=True)
        return self.transport.send(HttpRequest("GET", {url!r}, {{}}, b"", {forever}, 1000))

def finished():
    print("done", flush=True)
"""

REFRESH = """
identity = WorkloadIdentity(**IDS, source=workload_token, transport=Refreshing({transport}))
identity.get_token(SCOPE)
time.sleep(1.1)
identity.get_token(SCOPE)
sys.stdin.readline()
finished()
"""

ASYNCIO_REFRESH = """
class Asynchronous(Refreshing):
    async def send(self, request):
        answer = super().send(request)
        return await answer if hasattr(answer, "__await__") else answer

async def main():
    identity = aio.WorkloadIdentity(
        **IDS, source=workload_token, transport=Asynchronous({transport})
    )
    await identity.get_token(SCOPE)
    await asyncio.sleep(1.1)
    await identity.get_token(SCOPE)
    await asyncio.to_thread(sys.stdin.readline)
    finished()

asyncio.run(main())
"""

HANGING_NAME = """
socket.getaddrinfo = lambda *arguments, **options: time.sleep({forever})

async def main():
    try:
        await {transport}.send(HttpRequest("GET", "http://slow.invalid/", {{}}, b"", 0.2, 1000))
    except Exception as failure:
        print(failure.word, flush=True)
    finished()

asyncio.run(main())
"""


def test_exit_is_immediate() -> None:
    programs = [REFRESH.format(transport=name) for name in ("StandardTransport()", "HttpxTransport()")]
    for script in (ASYNCIO_REFRESH, HANGING_NAME):
        for name in ("aio.ThreadTransport()", "AsyncHttpxTransport()", "AiohttpTransport()"):
            programs.append(script.format(transport=name, forever=FOREVER))
    server = DrippingServer("head")
    processes: list[subprocess.Popen[str]] = []
    try:
        start = START.format(tests=__file__.rpartition("/")[0], url=server.url, forever=FOREVER)
        # All at once: each sleeps most of its time.
        processes = [
            subprocess.Popen(
                [sys.executable, "-W", "ignore::ResourceWarning", "-c", start + program],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for program in programs
        ]
        hanging = 0
        for process in processes:
            assert process.stdout is not None
            first = process.stdout.readline()
            assert first in ("refreshing\n", "timeout\n")
            hanging += first == "refreshing\n"
        until(lambda: server.connections == hanging)
        for process in processes:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.close()
            assert process.stdout.readline() == "done\n"
            # What it has begun would go on for longer.
            assert process.wait(SECONDS) == 0
    finally:
        for process in processes:
            process.kill()
            with process:
                pass
        server.stop()

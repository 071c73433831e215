"""Blocking calls in threads of their own, so that a caller can stop waiting for them."""

from __future__ import annotations

import ipaddress
import socket
from _thread import start_new_thread
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    # family, type, protocol, canonical name, socket address
    Address: TypeAlias = tuple[Any, Any, int, str, tuple[Any, ...]]

Result = TypeVar("Result")


def call_in_background(function: Callable[..., Result], *arguments: Any) -> Future[Result]:
    """Calls a function in a daemon thread.

    An executor is not used: the end of the interpreter and that of `asyncio.run` wait for its threads.
    """
    future: Future[Result] = Future()
    # A running call cannot be cancelled: who waits for it may go, and its result is dropped.
    future.set_running_or_notify_cancel()
    Thread(
        target=_run, args=(future, function, arguments), name="workload-identity-call", daemon=True
    ).start()
    return future


def start_look_up(host: str, port: int) -> Future[list[Address]]:
    """Starts to look up the addresses of a host.

    The system's resolver can be neither limited nor stopped, so its thread may outlive the request. The end of the
    interpreter does not wait for it, and it is not among the application's threads.
    """
    future: Future[list[Address]] = Future()
    future.set_running_or_notify_cancel()
    literal = _literal(host, port)
    if literal is None:
        start_new_thread(_run, (future, socket.getaddrinfo, (host, port, 0, socket.SOCK_STREAM)))
    else:
        future.set_result([literal])
    return future


def _literal(host: str, port: int) -> Address | None:
    try:
        version = ipaddress.ip_address(host).version
    except ValueError:
        return None
    if version == 4:
        return socket.AF_INET, socket.SOCK_STREAM, 0, "", (host, port)
    # An address with a scope needs the resolver, which knows the number of the interface.
    scoped = "%" in host
    return None if scoped else (socket.AF_INET6, socket.SOCK_STREAM, 0, "", (host, port, 0, 0))


def _run(
    future: Future[Result], function: Callable[..., Result], arguments: tuple[Any, ...]
) -> None:
    try:
        result = function(*arguments)
    except BaseException as failure:
        future.set_exception(failure)
    else:
        future.set_result(result)

"""The time of a whole request: when it is over the connection is shut, whatever comes over it at the moment."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Lock, Timer
from types import TracebackType
from typing import Any

from requests.adapters import HTTPAdapter

__all__ = ["Deadline", "TimedAdapter"]


class Deadline:
    """Shuts the connections that it watches when its time is over. Limits between two pieces do not end an answer that drips.

    Nothing is left to run behind the back of whoever asked, which could still send an order: a connection that is shut ends the
    request in the thread that made it.

    Args:
        seconds: The time, from entering it on.

    Attributes:
        over: Whether the time is over. An answer may then be cut off, even where it looks whole.
    """

    def __init__(self, seconds: float) -> None:
        self.over = False
        self._timer = Timer(seconds, self._end)
        self._timer.daemon = True
        self._lock = Lock()
        self._watched: list[socket.socket] = []

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self._timer.cancel()
        with self._lock:
            for one in self._watched:
                one.close()
            self._watched.clear()
        self._timer.join()

    def watch(self, connection: socket.socket) -> None:
        """Watch ``connection``. Raises TimeoutError when the time is over: nothing may be sent any more."""
        with self._lock:
            if self.over:
                raise TimeoutError("the time of the request is over")
            # A second descriptor of the same connection: TLS takes the first one away from its socket.
            self._watched.append(connection.dup())

    def _end(self) -> None:
        with self._lock:
            self.over = True
            for one in self._watched:
                with suppress(OSError):  # the other side was faster
                    one.shutdown(socket.SHUT_RDWR)


class TimedAdapter(HTTPAdapter):
    """Carries requests over connections that a deadline watches from before their first byte, that of TLS included.

    Args:
        deadline: Watches them.
    """

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        super().__init__()

    def get_connection_with_tls_context(self, *given: Any, **named: Any) -> Any:
        """The pool of connections to a host."""
        pool = super().get_connection_with_tls_context(*given, **named)
        pool.ConnectionCls = _watched(pool.ConnectionCls, self._deadline)
        return pool


def _watched(kind: Any, deadline: Deadline) -> type:
    class Watched(kind):  # type: ignore[misc]
        # The standard library prints every header where a program has raised this for all connections.
        debuglevel = 0

        def _new_conn(self) -> socket.socket:
            connection: socket.socket = super()._new_conn()
            try:
                deadline.watch(connection)
            except OSError:
                connection.close()
                raise
            return connection

    return Watched

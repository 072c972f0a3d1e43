"""The server itself: on this machine only, for the time of a test."""

from __future__ import annotations

import datetime as dt
import socket
import struct
import threading
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import urlsplit

from etrade_server.api import Api
from etrade_server.book import Book
from etrade_server.faults import Faults
from etrade_server.oauth import OAuth
from etrade_server.replies import Call, Reply


class EtradeServer:
    """E*TRADE on ``127.0.0.1``.

    Attributes:
        book: What the broker has.
        faults: What it does wrong.
        oauth: Who is let in.
        calls: All requests, in their order.
        url: Its address.
    """

    KEY, SECRET = "c5bb4dcb7bd6826c7c4340df3f791188", "7d30246211192cda43ede3abd9b393b9/+="

    def __init__(self, book: Book) -> None:
        self.book = book
        self.faults = Faults()
        self.calls: list[Call] = []
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self.oauth = OAuth(self.KEY, self.SECRET, self.url)
        self.api = Api(book, self.faults, self.oauth, self.url)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> EtradeServer:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(5)

    def authorize(self, address: str) -> str:
        """A person opens the page and says yes: the code that it shows."""
        assert address.startswith(f"{self.url}/e/t/etws/authorize?"), "that is not the page"
        return self.oauth.authorize(urlsplit(address).query, self.book.now)

    def paths(self, start: int = 0) -> list[str]:
        """Verbs and paths of the requests from the one of number ``start`` on."""
        return [f"{one.verb} {one.path}" for one in self.calls[start:]]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 1 << 16  # in one piece: the system would wait between the headers and the body
            disable_nagle_algorithm = True

            def log_message(self, format: str, *args: object) -> None:
                pass

            def date_time_string(self, timestamp: float | None = None) -> str:
                return format_datetime(server.book.now.astimezone(dt.UTC), usegmt=True)

            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                parts = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                call = Call(self.command, parts.path, parts.query, headers, self.rfile.read(length))
                with server._lock:
                    server.calls.append(call)
                    reply = server.api.respond(call)
                self._send(reply)

            def _send(self, reply: Reply) -> None:
                if reply.drop:
                    # Closed at once, with a reset instead of an end.
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.connection.close()
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                if reply.kind:
                    self.send_header("Content-Type", reply.kind)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body[: len(reply.body) // 2] if reply.cut else reply.body)
                self.wfile.flush()
                self.close_connection = self.close_connection or reply.cut

            do_GET = do_POST = do_PUT = _answer

        return Handler

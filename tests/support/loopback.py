"""A loopback HTTP server that answers each request in a thread of its own and says nothing on the screen."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


class Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away, or was cut off on purpose, is no error here."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *args: object) -> None:
        """Silent."""


class Serving:
    """Listens on a free port from `listen` on, answers while it is entered; `stopped` ends what waits."""

    host: str
    url: str

    def listen(self, handler: type[Handler]) -> None:
        """`handler` finds this service as its `owner`."""
        self.stopped = threading.Event()
        self._http = Http(("127.0.0.1", 0), type("Answering", (handler,), {"owner": self}))
        self.host = f"127.0.0.1:{self._http.server_address[1]}"
        self.url = f"http://{self.host}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        self.stopped.set()
        self._http.shutdown()
        self._http.server_close()


def trickle(handler: Handler, body: bytes, stopped: threading.Event) -> None:
    """Write a body one byte at a time."""
    for at in range(len(body)):
        handler.wfile.write(body[at : at + 1])
        handler.wfile.flush()
        if stopped.wait(0.02):
            return

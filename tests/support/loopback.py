"""A loopback HTTP server that answers each request in a thread of its own and says nothing on the screen."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


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

"""Loopback services in a process of their own: OSV, and the package index `uv audit` asks besides.

`python -m benchmarks._services osv RECORDS MODE LATENCY` and `… index FILES CA` print their address and serve until
their standard input ends; an index with pages of 0 files has no page at all. The index stands behind a proxy that
answers for every host with a certificate of its own, so that the very lock with the real hosts in it can be audited and
nothing leaves the machine.
"""

import contextlib
import gzip
import json
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent.parent / "tests"


@contextlib.contextmanager
def service(*words: str) -> Iterator[str]:
    """Start one and give its address."""
    command = [sys.executable, "-m", "benchmarks._services", *words]
    child = subprocess.Popen(command, cwd=TESTS.parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        if child.stdout is None:
            raise RuntimeError("a service has no output")
        yield child.stdout.readline().strip()
    finally:
        child.kill()
        child.wait()


def _osv(records: str, mode: str, latency: str) -> None:
    sys.path.insert(0, str(TESTS))
    from support.osv_server import OsvServer

    with OsvServer(json.loads(Path(records).read_text()), mode, float(latency)) as server:
        print(server.url, flush=True)
        sys.stdin.read()


def _index(files: str, authority: str) -> None:
    contexts = _Contexts(Path(authority))
    listening = socket.create_server(("127.0.0.1", 0), backlog=128)
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    while True:
        connection, _ = listening.accept()
        threading.Thread(target=_answer, args=(connection, contexts, int(files)), daemon=True).start()


def _answer(connection: socket.socket, contexts: "_Contexts", files: int) -> None:
    with contextlib.suppress(OSError), connection:
        lines = connection.makefile("rb")
        host = _head(lines).split(":")[0]
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with contexts.of(host).wrap_socket(connection, server_side=True) as secure:
            secure.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            asked = secure.makefile("rb")
            while path := _head(asked):
                if not files:
                    secure.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                    continue
                body = page(path.strip("/").rsplit("/", 1)[-1], files)
                head = "Content-Type: application/vnd.pypi.simple.v1+json\r\nContent-Encoding: gzip\r\n"
                secure.sendall(f"HTTP/1.1 200 OK\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)


def _head(lines: object) -> str:
    """The target of a request; "" when none comes any more."""
    first = lines.readline().decode("latin-1").split()  # type: ignore[attr-defined]
    while lines.readline().strip():  # type: ignore[attr-defined]
        pass
    return first[1] if len(first) > 1 else ""


@cache
def page(name: str, files: int) -> bytes:
    """A project page of the index as JSON (PEP 691, 700, 792), compressed."""
    listed = [
        {
            "filename": f"{name}-{number // 5}.0-cp31{number % 5}-cp31{number % 5}-manylinux_2_17_x86_64.whl",
            "hashes": {"sha256": "ab" * 32},
            "requires-python": ">=3.9",
            "size": 12345,
            "upload-time": "2024-01-01T00:00:00.000000Z",
            "url": f"https://files.example/packages/aa/bb/{'c' * 60}/{name}-{number}.whl",
            "yanked": False,
        }
        for number in range(files)
    ]
    status = {"status": "active"}
    versions = [f"{number}.0" for number in range(files // 5 + 1)]
    whole = {"meta": {"api-version": "1.4"}, "name": name, "project-status": status, "versions": versions}
    return gzip.compress(json.dumps({**whole, "files": listed}).encode(), 1)


class _Contexts:
    """A certificate for every host that is asked for, all by one authority, whose own is written to a file."""

    def __init__(self, authority: Path) -> None:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.x509.oid import NameOID

        self._lock = threading.Lock()
        self._made: dict[str, ssl.SSLContext] = {}
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "benchmark")])
        now = datetime.now(UTC)

        def issue(host: str, public: ec.EllipticCurvePublicKey) -> bytes:
            subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)]) if host else name
            alone = x509.BasicConstraints(ca=True, path_length=None)
            one = x509.SubjectAlternativeName([x509.DNSName(host)]) if host else alone
            made = (
                x509.CertificateBuilder(name, subject, public, x509.random_serial_number())
                .not_valid_before(now - timedelta(days=1))
                .not_valid_after(now + timedelta(days=1))
                .add_extension(one, critical=not host)
                .sign(key, hashes.SHA256())
            )
            return made.public_bytes(serialization.Encoding.PEM)

        authority.write_bytes(issue("", key.public_key()))
        encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        pem = key.private_bytes(encoding, form, serialization.NoEncryption())
        self._issue = lambda host: pem + issue(host, key.public_key())

    def of(self, host: str) -> ssl.SSLContext:
        with self._lock:
            if host not in self._made:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                with tempfile.NamedTemporaryFile() as file:
                    file.write(self._issue(host))
                    file.flush()
                    context.load_cert_chain(file.name)
                self._made[host] = context
            return self._made[host]


if __name__ == "__main__":
    {"osv": _osv, "index": _index}[sys.argv[1]](*sys.argv[2:])

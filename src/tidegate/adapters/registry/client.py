"""Manifests and blobs of one repository, each hashed again and held against what was asked for."""

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from tidegate.adapters.registry.asking import Answer, Into
from tidegate.adapters.registry.credentials import Credentials
from tidegate.adapters.registry.transport import MAX_BYTES, Transport
from tidegate.errors import FormatError
from tidegate.formats import oci
from tidegate.formats.oci import Descriptor, Manifest, Reference
from tidegate.model.digest import Digest

TIMEOUT = 30.0
TOTAL = 300.0
MAX_PAGES = 20
MAX_REFERRERS = 1000
_ACCEPT = ", ".join(oci.MANIFESTS)
_HINT = "find out who changed what the registry serves"


class RepositoryClient:
    """One repository of one registry; closed by whoever opened it.

    Raises UnavailableError when the registry does not answer, and FormatError when it answers with something else
    than was asked for.
    """

    def __init__(
        self,
        reference: Reference,
        credentials: Credentials,
        *,
        push: bool = False,
        timeout: float = TIMEOUT,
        total: float = TOTAL,
        most: int = MAX_BYTES,
    ) -> None:
        self._name = reference.name
        self._at = f"/v2/{reference.name}"
        self._transport = Transport(
            reference.host, reference.name, credentials, push=push, timeout=timeout, total=total, most=most
        )

    def __enter__(self) -> "RepositoryClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._transport.close()

    def manifest(self, wanted: str) -> Manifest | None:
        """A manifest by tag or digest; None when the registry says that there is none."""
        answer = self._transport.ask(
            "GET", f"{self._at}/manifests/{quote(wanted, safe=':')}", limit=oci.LIMIT, headers={"Accept": _ACCEPT}
        )
        if answer.status == 404:
            return None
        self._expect(answer, 200)
        digest = Digest.of(answer.body)
        for said in (wanted if ":" in wanted else "", answer.headers.get("Docker-Content-Digest", "")):
            if said and said != str(digest):
                message = f"the registry `{self._transport.host}` serves a manifest of {digest} as {said[:100]!a}"
                raise FormatError(message, hint=_HINT)
        return oci.parse(answer.body, answer.kind)

    def blob(self, item: Descriptor, limit: int) -> bytes:
        """A blob of exactly the descriptor's size and digest."""
        if item.size > limit:
            raise FormatError(f"a blob is larger than {limit} bytes", hint=_HINT)
        answer = self._transport.ask("GET", f"{self._at}/blobs/{item.digest}", limit=item.size, led=True)
        self._expect(answer, 200)
        if item.digest.algorithm != "sha256" or not item.digest.matches(Digest.of(answer.body)):
            raise FormatError(f"the registry serves other bytes as {item.digest}", hint=_HINT)
        return answer.body

    def pour(self, item: Descriptor, into: Into) -> bool:
        """Send a blob of at most the descriptor's size somewhere; its digest is for the caller to check.

        False when the registry says that there is none.
        """
        path = f"{self._at}/blobs/{item.digest}"
        answer = self._transport.ask("GET", path, limit=item.size, led=True, into=into)
        if answer.status == 404:
            return False
        self._expect(answer, 200)
        return True

    def referrers(self, digest: Digest) -> tuple[Descriptor, ...] | None:
        """What the referrers API lists (specification 1.1); None when the registry has no such API."""
        found: list[Descriptor] = []
        path = f"{self._at}/referrers/{digest}"
        for _ in range(MAX_PAGES):
            answer = self._transport.ask("GET", path, limit=oci.LIMIT, headers={"Accept": oci.INDEX})
            # Registries of before 1.1 know no such address, and say so in different ways.
            if answer.status in (400, 404, 405, 501) and not found:
                return None
            self._expect(answer, 200)
            found.extend(oci.parse(answer.body, answer.kind).manifests)
            if len(found) > MAX_REFERRERS:
                break
            following = _following(answer.headers)
            if not following:
                return tuple(found)
            path = following
        raise FormatError(
            f"the registry lists more than can be looked at for {digest}", hint="remove what is not needed"
        )

    def put_blob(self, data: bytes) -> Digest:
        """Store a blob where it is not there yet."""
        digest = Digest.of(data)
        # A HEAD answer has no body, so the digest cannot be checked; the manifest put after it is.
        if self._transport.ask("HEAD", f"{self._at}/blobs/{digest}", limit=0, led=False).status == 200:
            return digest
        answer = self._transport.ask("POST", f"{self._at}/blobs/uploads/", limit=oci.LIMIT, body=b"")
        self._expect(answer, 202)
        place = answer.headers.get("Location", "")
        to = f"{place}{'&' if urlsplit(place).query else '?'}digest={quote(str(digest), safe='')}"
        sent = {"Content-Type": "application/octet-stream"}
        self._expect(self._transport.ask("PUT", to, limit=oci.LIMIT, headers=sent, body=data), 201)
        return digest

    def put_manifest(self, raw: bytes, media_type: str, tag: str = "") -> Answer:
        """Store a manifest under its digest, or under a tag."""
        path = f"{self._at}/manifests/{quote(tag or str(Digest.of(raw)), safe=':')}"
        answer = self._transport.ask("PUT", path, limit=oci.LIMIT, headers={"Content-Type": media_type}, body=raw)
        self._expect(answer, 201)
        return answer

    def _expect(self, answer: Answer, status: int) -> None:
        if answer.status != status:
            raise self._transport.refusal(f"status {answer.status} instead of {status}")
        if answer.kind == "text/html":
            raise self._transport.refusal("a web page instead of an answer")


def _following(headers: Mapping[str, str]) -> str:
    """The address of the next page (RFC 8288), "" on the last."""
    for link in headers.get("Link", "").split(","):
        target, _, parameters = link.strip().partition(";")
        if 'rel="next"' in parameters.replace(" ", "") and target.startswith("<") and target.endswith(">"):
            return target[1:-1]
    return ""

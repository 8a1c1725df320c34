"""The registry as the command line asks for it: an image resolved once, its evidence found, evidence attached."""

from collections.abc import Mapping

from tidegate.adapters.registry import referrers
from tidegate.adapters.registry.client import TIMEOUT, TOTAL, RepositoryClient
from tidegate.adapters.registry.credentials import Credentials
from tidegate.formats.attached import Attached
from tidegate.formats.oci import Manifest, Reference
from tidegate.model.digest import Digest
from tidegate.ports import Clock


class OciRegistry:
    """Implements `ports.Registry` over HTTP. Each call has a total deadline of its own."""

    def __init__(
        self, credentials: Credentials, clock: Clock, *, timeout: float = TIMEOUT, total: float = TOTAL
    ) -> None:
        self._credentials = credentials
        self._clock = clock
        self._timeout = timeout
        self._total = total

    def image(self, reference: Reference) -> Manifest:
        with self._client(reference) as client:
            return referrers.resolve(client, reference.wanted, str(reference))

    def evidence(self, reference: Reference, digest: Digest) -> tuple[Attached, ...]:
        with self._client(reference) as client:
            return referrers.find(client, digest)

    def attach(
        self, reference: Reference, subject: Manifest, kind: str, data: bytes, notes: Mapping[str, str]
    ) -> Digest:
        with self._client(reference, push=True) as client:
            return referrers.attach(client, subject, kind, data, notes, self._clock.now())

    def _client(self, reference: Reference, *, push: bool = False) -> RepositoryClient:
        return RepositoryClient(reference, self._credentials, push=push, timeout=self._timeout, total=self._total)

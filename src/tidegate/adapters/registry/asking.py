"""What is asked of a registry, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: every status but those that mean the registry could not say."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def kind(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()


class Into(Protocol):
    """Where a large body goes; every attempt begins anew."""

    def begin(self) -> None: ...

    def write(self, data: bytes) -> object: ...


@dataclass(frozen=True, slots=True)
class Wish:
    """What one request sends and may get back."""

    body: bytes | None
    limit: int
    led: bool = False
    into: Into | None = None

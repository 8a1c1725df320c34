"""An SBOM that says everything our model can say, and the same SBOM in another order."""

import random
from dataclasses import replace
from typing import Any

from tidegate.formats.sbom_model import (
    Aggregate,
    Bom,
    Component,
    Composition,
    Contact,
    Download,
    Identity,
    Licence,
    Occurrence,
    Organisation,
    Wording,
    Workflow,
)
from tidegate.model.digest import Digest

ACME = Organisation("Acme", ("https://acme.example",), (Contact("Alice", "alice@acme.example", "1"),))
ALPHA = "pkg:pypi/alpha@1.2"
SCOPED = "pkg:npm/%40x/y@1"
TOOL = "pkg:pypi/tool@3"


def digest(word: str) -> Digest:
    return Digest.of(word.encode())


def rich() -> Bom:
    part = Component("artifact:a.whl!/x.libs/y.so", "file", "x.libs/y.so", hashes=(digest("y"),))
    wheel = Component(
        "artifact:a.whl", "file", "a.whl", "1.0", hashes=(digest("w"),), parts=(part,), licence="MIT", supplier=ACME
    )
    return Bom(
        root=Component(
            "release:demo",
            "application",
            "demo",
            "1.0",
            purl="pkg:pypi/demo@1.0",
            hashes=(digest("w"),),
            supplier=ACME,
            downloads=(Download("https://code.example/acme/demo", comment="c" * 40, kind="vcs"),),
        ),
        components=(wheel, _alpha(), _scoped(), Component(TOOL, "library", "tool", "3", purl=TOOL, scope="excluded")),
        edges=(
            ("release:demo", (ALPHA, "artifact:a.whl", TOOL)),
            (ALPHA, (SCOPED,)),
            (SCOPED, ()),
            (TOOL, ()),
            ("artifact:a.whl", (ALPHA,)),
        ),
        compositions=(
            Composition(Aggregate.UNKNOWN, assemblies=("artifact:a.whl",)),
            Composition(Aggregate.COMPLETE, assemblies=("release:demo",), dependencies=("release:demo", ALPHA, TOOL)),
            Composition(Aggregate.INCOMPLETE, dependencies=(SCOPED,)),
        ),
        tool_version="0.1.0",
        timestamp="2026-01-02T03:04:05Z",
        authors=(Contact("Bob", "bob@acme.example"),),
        manufacturer=ACME,
        supplier=ACME,
        workflow=Workflow("acme/demo/.github/workflows/r.yml@refs/tags/v1", ".github/workflows/r.yml", ACME.urls[0]),
        properties=(("tidegate:maker-known-from", "policy"),),
    )


def _alpha() -> Component:
    return Component(
        ALPHA,
        "library",
        "alpha",
        "1.2",
        purl=ALPHA,
        licence="Apache-2.0 or mit",
        scope="required",
        downloads=(
            Download("https://packages.example/alpha-1.2.tar.gz", (digest("s"),), "alpha-1.2.tar.gz"),
            Download("https://packages.example/alpha.whl", (digest("a"), Digest("sha512", "0" * 128)), "alpha.whl"),
        ),
        occurrences=(Occurrence("uv.lock", 3), Occurrence("a/uv.lock")),
        properties=(("tidegate:group", "b"), ("tidegate:group", "a")),
        identifiers=(("cpe", "cpe:2.3:a:acme:alpha:1.2:*:*:*:*:*:*:*"),),
        identities=(
            Identity("purl", "manifest-analysis", 1.0, "uv.lock:3", ALPHA),
            Identity("purl", "binary-analysis", 0.5, "a.whl!/x", ALPHA),
        ),
        authors=(Contact("Carol"),),
        description="first letters & <more>",
        copyright="© Carol",
        external=True,
    )


def _scoped() -> Component:
    name = Licence("see LICENSE in repo", Wording.NAME, url="https://acme.example/licence")
    return Component(SCOPED, "library", "y", "1", group="@x", purl=SCOPED, licences=(name,), hashes=(digest("npm"),))


def shuffled(given: Bom, seed: int) -> Bom:
    order = random.Random(seed)

    def mix(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(order.sample(items, len(items)))

    def component(each: Component) -> Component:
        return replace(
            each,
            hashes=mix(each.hashes),
            downloads=mix(tuple(replace(d, hashes=mix(d.hashes)) for d in each.downloads)),
            occurrences=mix(each.occurrences),
            identities=mix(each.identities),
            properties=mix(each.properties),
            parts=mix(tuple(map(component, each.parts))),
        )

    return replace(
        given,
        components=mix(tuple(map(component, given.components))),
        edges=mix(tuple((ref, mix(to)) for ref, to in given.edges)),
        compositions=mix(
            tuple(
                replace(c, assemblies=mix(c.assemblies), dependencies=mix(c.dependencies)) for c in given.compositions
            )
        ),
    )

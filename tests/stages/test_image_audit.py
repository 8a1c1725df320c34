"""Row 2 asks about what is inside artifacts by the name advisories know, and says what nobody can be asked about."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from support import oci_images as oci
from support.databases import stamp
from support.oci_images import Entry, stanza, wheel_metadata
from support.osv_server import OsvServer, advisory
from tidegate.adapters.vulns.offline import OfflineDatabase
from tidegate.adapters.vulns.osv_api import OsvApi
from tidegate.domain.matching.affected import State, evaluate
from tidegate.errors import StaleDatabase
from tidegate.formats.images.content import content
from tidegate.formats.osv import parse
from tidegate.model.control import Scope
from tidegate.model.digest import Digest
from tidegate.model.evidence import Coverage, Report
from tidegate.model.inventory import Content, Inventory, Packed, Source
from tidegate.model.package import Locked, LockFile, Manifest, Problem, SourceKind
from tidegate.model.package import Source as Origin
from tidegate.model.release import Artifact, ArtifactKind, Release
from tidegate.policy.schema import Policy, PolicyModel
from tidegate.ports import Audit, VulnSource, World
from tidegate.stages.dependencies import examine
from tidegate.stages.task import Task

META = "opt/app/jinja2-2.4.1.dist-info/METADATA"
STATUS = oci.status(stanza("libssl3", "3.0.9-1", "openssl"), stanza("openssl", "3.0.9-1"))
IMAGE = Artifact("app", "registry.example/acme/app@x", Digest.of(b"app"), 3, ArtifactKind.IMAGE)
OPENSSL = [
    advisory("DEBIAN-CVE-1", "Debian:12", "openssl", fixed="3.0.11-1", summary="reads too much"),
    advisory("DEBIAN-CVE-2", "Debian:11", "openssl", fixed="99-1"),
]


@dataclass
class StoppedClock:
    def now(self) -> datetime:
        return datetime(2026, 1, 4, 12, tzinfo=UTC)


@dataclass
class Listening:
    """Knows nothing, and remembers what it was asked."""

    asked: list[Locked] = field(default_factory=list)

    def audit(self, packages: Sequence[Locked]) -> Audit:
        self.asked.extend(packages)
        return Audit((), (), (), len(packages))


def image(*layers: Mapping[str, Entry]) -> Content:
    built = oci.image(*layers)
    return content("app", io.BytesIO(built.raw), built.opener())


def debian(*more: Mapping[str, Entry]) -> Content:
    return image({"etc/os-release": oci.DEBIAN, "var/lib/dpkg/status": STATUS}, *more)


def examined(
    source: VulnSource,
    *contents: Content,
    locks: tuple[LockFile, ...] = (),
    internal: Sequence[str] = (),
    **more: object,
) -> Report:
    model = PolicyModel.model_validate({"version": 1, "controls": {"lockfiles": {"internal": list(internal)}}})
    policy = Policy(model=model, files={}, digest="d", path="tidegate.yaml")
    held = Inventory(Source(), contents=contents, locks=locks, **more)  # type: ignore[arg-type]
    artifacts = (IMAGE, Artifact("x.whl", "dist/x.whl", Digest.of(b"w"), 1, ArtifactKind.WHEEL))
    releases = (Release("demo", ".", artifacts),)
    world = cast(World, type("W", (), {"advisories": source, "clock": StoppedClock()})())
    return examine(Task(releases=releases, inventory=held, policy=policy, scope=Scope.EXAMINE), world)


def database(folder: Path, records: Sequence[Mapping[str, object]], name: str) -> Path:
    (folder / name).mkdir(parents=True)
    with zipfile.ZipFile(folder / name / "all.zip", "w") as archive:
        for record in records:
            archive.writestr(f"{record['id']}.json", json.dumps({**record, "modified": stamp()}))
    return folder


def found(report: Report, rule: str) -> list[str]:
    return [finding.about for finding in report.findings if finding.rule == rule]


def test_debian_is_asked_about_source_packages_each_once() -> None:
    listening = Listening()
    examined(listening, debian())
    assert [(p.ecosystem, p.name, p.version) for p in listening.asked] == [("Debian:12", "openssl", "3.0.9-1")]


def test_a_hit_names_binary_layer_and_place_and_how_to_mend_it(tmp_path: Path) -> None:
    report = examined(OfflineDatabase(database(tmp_path, OPENSSL, "Debian:12"), None, StoppedClock()), debian())
    (hit,) = [finding for finding in report.findings if finding.rule == "dependency-vulnerable"]
    assert hit.about == "pkg:deb/debian/openssl@3.0.9-1#DEBIAN-CVE-1"
    assert hit.place is not None
    assert hit.place.path == "app!/var/lib/dpkg/status"
    assert "as `libssl3`" in hit.message
    assert "in layer sha256:" in hit.message
    assert hit.fix == "upgrade `openssl` to 3.0.11-1 and build the artifact again"


def test_the_database_of_all_releases_serves_each_that_it_knows(tmp_path: Path) -> None:
    folder = database(tmp_path, OPENSSL, "Debian")
    report = examined(OfflineDatabase(folder, None, StoppedClock()), debian())
    assert found(report, "dependency-vulnerable") == ["pkg:deb/debian/openssl@3.0.9-1#DEBIAN-CVE-1"]
    old = debian({"etc/os-release": b"ID=debian\nVERSION_ID=9\n"})
    report = examined(OfflineDatabase(folder, None, StoppedClock()), old)
    assert report.blind, "a release the database knows nothing of is not clean"
    locked = Locked("Debian:9", "a", "a", "1", Origin(SourceKind.REGISTRY, public=True))
    with pytest.raises(StaleDatabase):
        OfflineDatabase(folder, None, StoppedClock()).audit([locked])


def test_what_is_said_of_one_release_is_not_said_of_another() -> None:
    (record,) = [parse(json.loads(json.dumps(OPENSSL[1])))]
    assert evaluate(record, "Debian:12", "openssl", "3.0.9-1").state is State.CLEAR
    assert evaluate(record, "Debian:11", "openssl", "3.0.9-1").state is State.HIT
    assert evaluate(record, "Debian", "openssl", "3.0.9-1").state is State.HIT


def test_a_service_is_asked_with_the_release_and_must_know_it() -> None:
    known = [*OPENSSL, advisory("DEBIAN-CVE-0", "Debian:12", "openssl", fixed="1.0.2-1")]
    with OsvServer(known, mode="overreach") as server:
        report = examined(OsvApi(server.url, 5.0, StoppedClock(), None), debian())
        assert {query["package"]["ecosystem"] for query in server.queries} == {"Debian:12"}
    assert found(report, "dependency-vulnerable") == ["pkg:deb/debian/openssl@3.0.9-1#DEBIAN-CVE-1"]
    with OsvServer([], mode="ok") as server:
        assert examined(OsvApi(server.url, 5.0, StoppedClock(), None), debian()).blind


def test_a_package_that_is_locked_too_is_asked_about_once() -> None:
    digest = Digest.of(b"x")
    pinned = Locked(
        "PyPI", "jinja2", "jinja2", "2.4.1", Origin(SourceKind.REGISTRY, public=True), hashes=(digest,), line=3
    )
    listening = Listening()
    report = examined(
        listening,
        image({META: wheel_metadata("Jinja2", "2.4.1")}),
        locks=(LockFile("uv.lock", "uv", "PyPI", digest, (pinned,)),),
    )
    assert listening.asked == [pinned]
    assert next(each for each in report.coverage if each.what == "packages").expected == 1


def test_the_release_itself_is_no_third_party_in_its_own_image() -> None:
    listening = Listening()
    own = Manifest("pyproject.toml", "pyproject", "PyPI", name="Jinja2", version="2.4.1")
    examined(listening, image({META: wheel_metadata("Jinja2", "2.4.1")}), manifests=(own,))
    assert listening.asked == []
    other = Manifest("pyproject.toml", "pyproject", "PyPI", name="Jinja2", version="2.4.2")
    examined(listening, image({META: wheel_metadata("Jinja2", "2.4.1")}), manifests=(other,))
    assert [package.name for package in listening.asked] == ["jinja2"], "another version is somebody else's"


def test_names_of_the_team_are_never_sent_to_a_service() -> None:
    with OsvServer([]) as server:
        report = examined(
            OsvApi(server.url, 5.0, StoppedClock(), None),
            image({META: wheel_metadata("acme-core", "1.0")}),
            internal=["acme-*"],
        )
        assert server.names_asked == set()
    assert found(report, "dependency-unaudited") == ["pkg:pypi/acme-core@1.0"]


def test_a_name_that_is_locked_from_a_private_index_is_not_sent_in_another_version() -> None:
    private = Locked("PyPI", "acme-core", "acme-core", "2.0", Origin(SourceKind.REGISTRY, public=False), line=1)
    lock = LockFile("uv.lock", "uv", "PyPI", Digest.of(b"x"), (private,))
    with OsvServer([]) as server:
        report = examined(
            OsvApi(server.url, 5.0, StoppedClock(), None),
            image({META: wheel_metadata("acme_core", "1.0")}),
            locks=(lock,),
        )
        assert server.names_asked == set()
    assert "pkg:pypi/acme-core@1.0" in found(report, "dependency-unaudited")


def test_an_unknown_distribution_is_one_finding_and_not_clean() -> None:
    kali = image({"etc/os-release": b"ID=kali\nID_LIKE=debian\n", "var/lib/dpkg/status": STATUS})
    listening = Listening()
    report = examined(listening, kali)
    assert listening.asked == []
    assert found(report, "image-unaudited") == ["app#dpkg:kali"]


@pytest.mark.parametrize("rule", ["blob-missing", "layer-unread", "image-malformed", "image-unlisted"])
def test_an_image_that_was_not_read_wholly_is_said_in_this_row_too(rule: str) -> None:
    unread = Content("app", ArtifactKind.IMAGE, problems=(Problem(rule, "x", "not read"),))
    assert found(examined(Listening(), unread), "image-unaudited") == ["app#layers"]


def test_an_image_nobody_read_is_said_and_counts_as_missed() -> None:
    report = examined(Listening())
    assert found(report, "image-unaudited") == ["app#layers"]
    assert Coverage("image layers", 0, 1, "demo", "0 packages in 0 images") in report.coverage


def test_coverage_says_how_many_layers_and_packages_were_looked_at() -> None:
    report = examined(Listening(), debian({META: wheel_metadata("Jinja2", "2.4.1")}))
    assert Coverage("image layers", 2, 2, "demo", "3 packages in 1 image") in report.coverage


def test_a_database_that_is_not_read_is_said() -> None:
    report = examined(Listening(), image({"var/lib/rpm/rpmdb.sqlite": b"x"}))
    assert found(report, "image-unaudited") == ["app!/var/lib/rpm/rpmdb.sqlite"]


def test_what_is_bundled_without_an_ecosystem_is_a_warning() -> None:
    bundled = Locked("", "libpng", "libpng", "1.6", Origin(SourceKind.BUNDLED, url="pkg:generic/libpng@1.6"))
    held = Content("x.whl", ArtifactKind.WHEEL, packages=(Packed(bundled, "x.dist-info/sboms/a.json", "pep770"),))
    report = examined(Listening(), debian(), held)
    assert found(report, "inside-unaudited") == ["x.whl#generic"]

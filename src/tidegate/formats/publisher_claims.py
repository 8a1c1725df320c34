"""Who published a file, as its index declares it: from a PEP 740 provenance object, or from npm's attestations.

Nothing here is verified; a signature that proves a publisher is another matter.
"""

from collections.abc import Mapping
from urllib.parse import quote, unquote

from tidegate.errors import FormatError
from tidegate.formats import dsse, intoto, pep740, slsa, urls
from tidegate.formats.locks.shape import array, table, tables, text
from tidegate.model.publication import Publisher

MAX_BUNDLES = 200
MAX_NAME = 500
_WORKFLOWS = ".github/workflows/"
_REPOSITORY = ("repository", "project", "email")
_WORKFLOW = ("workflow", "workflow_filepath", "actor", "sub")


def of_provenance(plain: object) -> frozenset[Publisher]:
    """The publishers a provenance object names (PEP 740 "Provenance objects"). Raises FormatError.

    A publisher's members differ by kind: GitHub and GitLab name repository and workflow, others a project or an e-mail
    address. One that names nothing is no publisher.
    """
    document = table(plain, "the provenance")
    if not pep740.is_provenance(document) or document["version"] != 1 or document["version"] is True:
        raise FormatError("not a provenance object anybody here can read")
    bundles = tables(document["attestation_bundles"], "`attestation_bundles`")
    if not bundles or len(bundles) > MAX_BUNDLES:
        raise FormatError(f"the provenance holds no attestation, or more than {MAX_BUNDLES}")
    if not all(array(bundle.get("attestations"), "`attestations`") for bundle in bundles):
        raise FormatError("an attestation bundle is empty")
    return frozenset(_declared(table(bundle.get("publisher"), "`publisher`")) for bundle in bundles)


def _declared(publisher: Mapping[str, object]) -> Publisher:
    kind = text(publisher.get("kind"), "`kind`")
    organization = text(publisher.get("organization"), "`organization`")
    repository = _first(publisher, _REPOSITORY)
    whole = f"{organization}/{repository}" if organization and repository else repository
    if not kind or not whole:
        raise FormatError("a publisher names no repository")
    return _publisher(kind, whole, _first(publisher, _WORKFLOW))


def _first(publisher: Mapping[str, object], names: tuple[str, ...]) -> str:
    return next((value for name in names if (value := text(publisher.get(name), f"`{name}`"))), "")


def of_attestations(plain: object, name: str, version: str) -> frozenset[Publisher]:
    """The publishers in the SLSA provenance among an npm registry's attestations of one release. Raises FormatError.

    Its publish attestation is the registry's own and names nobody.
    """
    found = set()
    for one in tables(table(plain, "the answer").get("attestations"), "`attestations`")[: MAX_BUNDLES + 1]:
        kind = text(one.get("predicateType"), "`predicateType`")
        if kind in (slsa.PROVENANCE_V1, slsa.PROVENANCE_V02):
            found.add(_of_statement(table(one.get("bundle"), "`bundle`").get("dsseEnvelope"), name, version))
    return frozenset(found)


def _of_statement(envelope: object, name: str, version: str) -> Publisher:
    statement = intoto.parse(dsse.parse(envelope).payload)
    purl = f"pkg:npm/{quote(name, safe='/')}@{quote(version)}"
    if not any(unquote(subject.name) == unquote(purl) for subject in statement.subjects):
        raise FormatError("the provenance is of another release")
    if statement.predicate_type == slsa.PROVENANCE_V1:
        external = slsa.parse(statement.predicate).external
        workflow = table(external.get("workflow"), "`workflow`")
        address = text(workflow.get("repository"), "`repository`") or text(external.get("source"), "`source`")
        path = text(workflow.get("path"), "`path`") or text(external.get("entryPoint"), "`entryPoint`")
    else:
        source = table(slsa.parse_v02(statement.predicate).external.get("configSource"), "`configSource`")
        address, path = text(source.get("uri"), "`uri`"), text(source.get("entryPoint"), "`entryPoint`")
    return _of_address(address, path)


def _of_address(address: str, workflow: str) -> Publisher:
    """`git+https://github.com/owner/name@refs/…`, or the address alone."""
    url = urls.parse(address.removeprefix("git+").partition("@")[0])
    repository = url.path.strip("/").removesuffix(".git")
    if not repository:
        raise FormatError("the provenance names no repository")
    # The forges that registries tell by kind are `kind.com`; any other is told by its host.
    known = {"github.com": "github", "gitlab.com": "gitlab"}
    return _publisher(known.get(url.host, url.host), repository, workflow)


def _publisher(kind: str, repository: str, workflow: str) -> Publisher:
    for word in (kind, repository, workflow):
        if len(word) > MAX_NAME or not (word.isascii() and word.isprintable()):
            raise FormatError("a publisher's name is too long, or holds characters no such name has")
    return Publisher(kind.lower(), repository, workflow.removeprefix(_WORKFLOWS))

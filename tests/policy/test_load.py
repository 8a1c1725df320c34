"""A policy is read strictly: every fault at once, each with its line, and nothing quietly defaulted."""

from collections.abc import Callable
from datetime import date

import pytest

from tidegate.errors import FormatError, PolicyError, UserError
from tidegate.model.digest import Digest
from tidegate.model.vulnerability import Severity
from tidegate.policy.load import load
from tidegate.policy.schema import Policy

PUBLIC = "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n"


def reader(**files: str) -> Callable[[str, int], bytes | None]:
    named = {name.replace("__", "/").replace("_", "."): text for name, text in files.items()}
    return lambda path, limit: named[path].encode() if path in named else None


def read(text: str, known: tuple[str, ...] = (), **files: str) -> Policy:
    return load("tidegate.yaml", reader(tidegate_yaml=text, **files), known_rules=known)


def faults(text: str, known: tuple[str, ...] = (), **files: str) -> list[tuple[int | None, str, str]]:
    with pytest.raises(PolicyError) as caught:
        read(text, known, **files)
    return [(fault.line, fault.message, fault.hint) for fault in caught.value.faults]


def test_the_shortest_policy_is_the_baseline() -> None:
    policy = read("version: 1\n")
    assert policy.presets == ("baseline",)
    assert policy.controls.dependencies.threshold is Severity.HIGH
    assert not policy.first_adoption


def test_no_policy_is_the_baseline_and_says_first_adoption() -> None:
    policy = load("tidegate.yaml", reader())
    assert policy.first_adoption
    assert policy.presets == ("baseline",)


def test_a_policy_named_and_not_there_is_an_error() -> None:
    with pytest.raises(UserError, match=r"other\.yaml"):
        load("other.yaml", reader())


def test_every_fault_is_told_at_once_with_its_line_and_a_hint() -> None:
    told = faults(
        "version: 1\n"
        "controls:\n"
        "  lockfile: {}\n"
        "  secrets:\n"
        "    required: 'no'\n"
        "    histroy: all\n"
        "trust:\n"
        "  builders:\n"
        "    - issuer: https://gitlab.com\n"
    )
    assert [line for line, _, _ in told] == [3, 5, 6, 9, 9]
    assert told[0][1:] == ("unknown key `lockfile` in `controls`", "did you mean `lockfiles`?")
    assert "expected true or false, found the text 'no'" in told[1][1]
    assert told[2][1:] == ("unknown key `histroy` in `controls.secrets`", "did you mean `history`?")
    assert "lacks `source_repository`" in told[3][1]
    assert "lacks `signer_workflow`" in told[4][1]


@pytest.mark.parametrize("word", ["no", "off", "yes", "'true'", "1", "null"])
def test_only_true_and_false_are_booleans(word: str) -> None:
    (fault,) = faults(f"version: 1\ncontrols:\n  secrets: {{required: {word}, reason: x}}\n")
    assert "expected true or false" in fault[1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("version: 2\n", "version"),
        ("version: '1'\n", "version"),
        ("- 1\n", "a policy is a mapping"),
        ("version: 1\nversion: 1\n", "twice"),
        ("version: 1\ncontrols: {secrets: {required: false}}\n", "needs a `reason`"),
        ("version: 1\ncontrols: {secrets: {enforce: report, owner: me}}\n", "`until` or `report_days`"),
        ("version: 1\ncontrols: {secrets: {enforce: report, until: 2027-01-01}}\n", "owner"),
        ("version: 1\ncontrols: {dependencies: {fail_on: severe}}\n", "fail_on"),
        ("version: 1\ncontrols: {dependencies: {database: {max_age: 7 days}}}\n", "max_age"),
        ("version: 1\nreleases: [{name: a, artifacts: ['../x']}]\n", "does not leave it"),
        ('version: 1\nreleases: [{name: a, artifacts: ["x\\n::error::"]}]\n', "does not leave it"),
        ("version: 1\nreleases: [{name: a, artifacts: ['/x']}]\n", "relative"),
        ("version: 1\nreleases: [{name: a, artifacts: []}]\n", "artifacts"),
        ("version: 1\nreleases: [{name: a, artifacts: [x]}, {name: a, artifacts: [y]}]\n", "same name"),
        ("version: 1\nextends: basline\n", "neither a preset nor a file"),
        ("version: 1\nextends: git+https://x.example/p\n", "@COMMIT#FILE"),
        ("version: 1\nextends: 3\n", "`extends` names"),
        ("version: 1\nexclude: [{path: ., reason: long enough, owner: o, expires: 2027-01-01}]\n", "whole repository"),
        ("version: 1\ncontrols: {lockfiles: {sources: ['https://x.example']}}\n", "host"),
        ("version: 1\ntrust: {builders: [{key: k.pub}]}\n", "is not there"),
    ],
)
def test_a_wrong_value_is_refused(text: str, says: str) -> None:
    assert any(says in message for _, message, _ in faults(text)), faults(text)


def test_an_exception_needs_one_rule_one_subject_a_reason_an_owner_and_an_end() -> None:
    whole = "rule: lock-missing, about: a, reason: long enough reason, owner: o, expires: 2027-01-01"
    assert read(f"version: 1\nexceptions: [{{{whole}}}]\n").model.exceptions[0].expires == date(2027, 1, 1)
    for part in (
        "rule: lock-missing, ",
        "about: a, ",
        "reason: long enough reason, ",
        "owner: o, ",
        ", expires: 2027-01-01",
    ):
        assert faults(f"version: 1\nexceptions: [{{{whole.replace(part, '')}}}]\n")
    assert faults(f"version: 1\nexceptions: [{{{whole}, until_fixed: true}}]\n")
    everything = whole.replace("about: a", "about: '*'")
    assert faults(f"version: 1\nexceptions: [{{{everything}}}]\n")
    assert faults(f"version: 1\nexceptions: [{{{whole}}}, {{{whole}}}]\n")


def test_an_unknown_rule_is_refused_with_a_suggestion() -> None:
    text = "version: 1\ncontrols:\n  lockfiles:\n    rules: {lock-mising: warn}\n"
    assert faults(text, ("lock-missing",)) == [(4, "there is no rule `lock-mising`", "did you mean `lock-missing`?")]


def test_what_a_policy_names_enters_its_digest_by_content() -> None:
    text = "version: 1\ntrust: {builders: [{key: keys/a.pub}]}\n"
    one = read(text, keys__a_pub=PUBLIC)
    two = read(text, keys__a_pub=PUBLIC.replace("MFkw", "MFkx"))
    assert one.digest == read(text, keys__a_pub=PUBLIC).digest
    assert one.digest != two.digest
    assert one.keys(one.model.trust.builders) == {"keys/a.pub": PUBLIC.encode()}


def test_the_digest_is_of_the_values_and_not_of_the_spelling() -> None:
    assert read("version: 1\nextends: baseline\n").digest == read("# hello\nextends: 'baseline'\nversion: 1\n").digest
    assert read("version: 1\nextends: baseline\n").digest != read("version: 1\nextends: strict\n").digest


def test_a_private_key_in_the_policy_is_refused() -> None:
    private = PUBLIC.replace("PUBLIC", "PRIVATE")
    assert "private key" in faults("version: 1\ntrust: {builders: [{key: a.pub}]}\n", a_pub=private)[0][1]


def test_an_identity_in_both_lists_warns_and_is_an_error_under_strict() -> None:
    both = "trust: {builders: [{key: a.pub}], verifiers: [{key: b.pub}]}\n"
    one, two = PUBLIC, PUBLIC + "\n"
    assert len(read("version: 1\n" + both, a_pub=one, b_pub=two).warnings) == 1
    told = faults("version: 1\nextends: strict\n" + both, a_pub=one, b_pub=two)
    assert any("vouch for himself" in message for _, message, _ in told)


def test_unlimited_age_is_refused_under_strict_whoever_says_it() -> None:
    loose = "controls: {dependencies: {database: {max_age: unlimited}}}\n"
    assert read("version: 1\n" + loose).controls.dependencies.database.max_age == "unlimited"
    assert any("refused under `strict`" in m for _, m, _ in faults("version: 1\nextends: strict\n" + loose))
    assert any(
        "refused under `strict`" in m
        for _, m, _ in faults("extends: b.yaml\nversion: 1\n" + loose, b_yaml="version: 1\nextends: strict\n")
    )


def test_a_chain_of_files_merges_mappings_and_replaces_lists() -> None:
    base = "version: 1\ncontrols: {lockfiles: {sources: [a.example, b.example]}, dependencies: {fail_on: low}}\n"
    policy = read("extends: b.yaml\nversion: 1\ncontrols: {lockfiles: {sources: [c.example]}}\n", b_yaml=base)
    assert policy.controls.lockfiles.sources == ["c.example"]
    assert policy.controls.dependencies.fail_on == "low"
    assert policy.presets == ("baseline", "b.yaml")


def test_a_circle_of_extends_ends() -> None:
    assert any("circle" in m for _, m, _ in faults("extends: tidegate.yaml\nversion: 1\n"))


def test_a_pinned_trusted_root_must_be_the_one_in_use() -> None:
    root = '{"mediaType": "x"}'
    pin = Digest.of(root.encode()).value
    pinned = f"version: 1\ntrust: {{root: r.json, root_sha256: {pin}}}\n"
    assert read(pinned, r_json=root).model.trust.root == "r.json"
    assert any("not the pinned root" in m for _, m, _ in faults(pinned, r_json=root + " "))
    assert any("not named" in m for _, m, _ in faults(f"version: 1\ntrust: {{root_sha256: {pin}}}\n"))


def test_bytes_the_reader_refuses_are_a_fault() -> None:
    def refuse(path: str, limit: int) -> bytes | None:
        raise FormatError("it is a link")

    with pytest.raises(PolicyError) as caught:
        load("tidegate.yaml", refuse)
    assert caught.value.faults[0].message == "it is a link"


@pytest.mark.parametrize("preset", ["starter", "baseline", "strict"])
def test_every_shipped_preset_is_a_valid_policy(preset: str) -> None:
    assert preset in read(f"version: 1\nextends: {preset}\n").presets


def test_starter_reports_the_sealing_rows_and_strict_wants_more_than_baseline() -> None:
    assert read("version: 1\nextends: starter\n").controls.signing.enforce == "report"
    strict = read("version: 1\nextends: strict\n").controls
    assert (strict.signing.accept, strict.dependencies.fail_on, strict.secrets.history) == (
        ["keyless"],
        "medium",
        "all",
    )

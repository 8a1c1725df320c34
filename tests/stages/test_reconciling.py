"""Row 6 traces every file of an artifact to the source commit, in a real repository and real archives."""

from pathlib import Path

import pytest

from support.repositories import Repository
from support.tracing import (
    INFO,
    MODULE,
    NPM,
    PYPROJECT,
    SDIST,
    SOURCE,
    TOP,
    WHEEL,
    asked,
    honest_wheel,
    npm,
    sdist,
    traced,
    wheel,
)
from tidegate.errors import UndecidedError
from tidegate.model.evidence import Coverage
from tidegate.model.finding import Level
from tidegate.model.tracing import By
from tidegate.ports import Entry

EVIL = b"import os\n"


class TestWhatIsHonest:
    def test_wheel_and_sdist_of_a_commit_are_explained_to_the_last_file(self, tmp_path: Path) -> None:
        found = traced(tmp_path, SOURCE, {WHEEL: wheel(honest_wheel()), SDIST: sdist(SOURCE)})
        assert found.told.findings == []
        assert found.told.coverage == [Coverage("files", 10, 10, "demo", "6 source, 4 generated")]
        assert found.told.notes[0].startswith(f"dist/{WHEEL}: 5 files, ")
        assert found.told.notes[0].endswith("bytes: 2 source, 3 generated")

    def test_a_release_in_a_folder_of_its_own_is_found_there(self, tmp_path: Path) -> None:
        source = {f"packages/a/{path}": data for path, data in SOURCE.items()}
        artifacts = {WHEEL: wheel(honest_wheel()), SDIST: sdist(SOURCE)}
        assert traced(tmp_path, source, artifacts, root="packages/a").rules == []

    def test_another_layout_is_learnt_from_the_files_themselves(self, tmp_path: Path) -> None:
        source = {f"code/backend/{path.removeprefix('src/')}": data for path, data in SOURCE.items()}
        found = traced(tmp_path, source, {WHEEL: wheel(honest_wheel())})
        assert found.rules == []
        assert found.files()["demo/core.py"].origin == "code/backend/demo/core.py"

    def test_licences_scripts_and_version_files_are_known(self, tmp_path: Path) -> None:
        declared = PYPROJECT + b'\n[project.scripts]\ndemo = "demo.core:tide"\n'
        more = {"LICENSE": b"MIT\n", "bin/tool": b"#!/usr/bin/env python3\nprint(1)\n", "pyproject.toml": declared}
        source = SOURCE | more
        files = honest_wheel() | {
            f"{INFO}/licenses/LICENSE": b"MIT\n",
            "demo-1.0.data/scripts/tool": b"#!python\nprint(1)\n",
            "demo/_version.py": b'__version__ = version = "1.0"\n__version_tuple__ = version_tuple = (1, 0)\n',
            f"{INFO}/entry_points.txt": b"[console_scripts]\ndemo = demo.core:tide\n",
            f"{INFO}/top_level.txt": b"demo\n",
            "demo/py.typed": b"",
        }
        found = traced(tmp_path, source, {WHEEL: wheel(files)})
        assert found.rules == []
        assert found.by("demo-1.0.data/scripts/tool") is By.CONVERTED
        assert found.by("demo/_version.py") is By.GENERATED

    @pytest.mark.parametrize("was", [b"a\nb\n", b"a\r\nb\r\n", b"a\r\nb\n"])
    def test_line_endings_change_nothing(self, tmp_path: Path, was: bytes) -> None:
        now = b"a\nb\n" if was != b"a\nb\n" else b"a\r\nb\r\n"
        found = traced(tmp_path, SOURCE | {"notes.txt": was}, {SDIST: sdist(SOURCE | {"notes.txt": now})})
        assert found.rules == []
        assert found.by(f"{TOP}/notes.txt") is By.CONVERTED

    def test_a_file_the_commit_has_elsewhere_is_moved(self, tmp_path: Path) -> None:
        found = traced(
            tmp_path, SOURCE | {"assets/a.txt": b"text"}, {WHEEL: wheel(honest_wheel() | {"demo/b.txt": b"text"})}
        )
        assert found.rules == []
        assert (found.by("demo/b.txt"), found.files()["demo/b.txt"].origin) == (By.MOVED, "assets/a.txt")

    def test_an_lfs_pointer_explains_what_it_points_to(self, tmp_path: Path) -> None:
        import hashlib

        big = b"\0weights" * 1000
        pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %d\n" % (
            hashlib.sha256(big).hexdigest().encode(),
            len(big),
        )
        source = SOURCE | {"src/demo/model.dat": pointer}
        found = traced(tmp_path, source, {WHEEL: wheel(honest_wheel() | {"demo/model.dat": big})})
        assert found.by("demo/model.dat") is By.CONVERTED
        for name, data, rules in (("a", big + b"x", ["file-altered"]), ("b", pointer, [])):
            (tmp_path / name).mkdir()
            other = traced(tmp_path / name, source, {WHEEL: wheel(honest_wheel() | {"demo/model.dat": data})})
            assert other.rules == rules
        assert other.told.notes[1].endswith("1 of its files are Git LFS pointers, not contents")

    def test_a_link_of_the_commit_is_explained_and_so_is_its_content(self, tmp_path: Path) -> None:
        repository = Repository(tmp_path / "work")
        for path, data in SOURCE.items():
            repository.write(path, data)
        (repository.root / "src/demo/linked.py").symlink_to("core.py")
        repository.commit()
        files = SOURCE | {"docs/x.md": b"# demo\n"}
        found = asked(repository, tmp_path, {SDIST: sdist(files, {"src/demo/linked.py": "core.py"})})
        assert found.rules == []
        assert found.by(f"{TOP}/src/demo/linked.py") is By.SOURCE
        (tmp_path / "b").mkdir()
        followed = honest_wheel() | {"demo/linked.py": SOURCE["src/demo/core.py"]}
        assert asked(repository, tmp_path / "b", {WHEEL: wheel(followed)}).rules == []

    def test_a_repository_with_sha256_ids_is_read_too(self, tmp_path: Path) -> None:
        repository = Repository(tmp_path / "work", "--object-format=sha256")
        for path, data in SOURCE.items():
            repository.write(path, data)
        repository.commit()
        assert asked(repository, tmp_path, {WHEEL: wheel(honest_wheel()), SDIST: sdist(SOURCE)}).rules == []

    def test_a_plain_file_is_its_own_only_member(self, tmp_path: Path) -> None:
        found = traced(
            tmp_path, SOURCE | {"install.txt": b"how to\n"}, {"install.txt": b"how to\n", "app.bin": b"\x7fELF"}
        )
        assert [(f.rule, f.about) for f in found.told.findings] == [("file-unexplained", "app.bin")]


class TestWhatIsNot:
    def test_an_extra_module_is_unexplained_also_where_record_lists_it(self, tmp_path: Path) -> None:
        found = traced(tmp_path, SOURCE, {WHEEL: wheel(honest_wheel() | {"demo/_extra.py": EVIL})})
        (finding,) = found.told.findings
        assert (finding.rule, finding.level, finding.about) == (
            "file-unexplained",
            Level.WARN,
            f"{WHEEL}!/demo/_extra.py",
        )

    def test_the_policy_decides_whether_it_shuts(self, tmp_path: Path) -> None:
        extra = {WHEEL: wheel(honest_wheel() | {"demo/_extra.py": EVIL})}
        (finding,) = traced(tmp_path, SOURCE, extra, explain="fail").told.findings
        assert finding.level is Level.FAIL

    def test_off_says_so(self, tmp_path: Path) -> None:
        extra = {WHEEL: wheel(honest_wheel() | {"demo/_extra.py": EVIL})}
        found = traced(tmp_path, SOURCE, extra, explain="off")
        assert (found.rules, found.told.coverage, found.told.produced) == ([], [], [])
        assert "`explain: off`" in found.told.notes[0]

    def test_one_changed_byte_is_altered(self, tmp_path: Path) -> None:
        files = honest_wheel() | {"demo/__init__.py": MODULE.replace(b"1", b"2")}
        (finding,) = traced(tmp_path, SOURCE, {WHEEL: wheel(files)}).told.findings
        assert finding.rule == "file-altered"
        assert finding.message == "`demo/__init__.py` differs from `src/demo/__init__.py` in the commit"

    def test_a_fixture_of_the_commit_in_the_place_of_a_module_is_altered(self, tmp_path: Path) -> None:
        source = SOURCE | {"tests/fixtures/demo/core.py": EVIL}
        found = traced(tmp_path, source, {WHEEL: wheel(honest_wheel() | {"demo/core.py": EVIL})})
        assert found.rules == ["file-altered"]

    def test_a_single_file_does_not_choose_its_home(self, tmp_path: Path) -> None:
        source = {"pyproject.toml": PYPROJECT, "src/demo.py": MODULE, "tests/demo.py": EVIL}
        assert traced(tmp_path, source, {WHEEL: wheel({"demo.py": EVIL})}).rules == ["file-altered"]

    @pytest.mark.parametrize(
        "path",
        [
            "setup.py",
            "m4/build-to-host.m4",
            "configure",
            "Makefile",
            "CMakeLists.txt",
            "Setup.PY",
            "ｓｅｔｕｐ.py",
            "x.pth",
        ],
    )
    def test_a_build_script_git_does_not_have_shuts_even_the_baseline(self, tmp_path: Path, path: str) -> None:
        (finding,) = traced(tmp_path, SOURCE, {SDIST: sdist(SOURCE | {path: EVIL})}).told.findings
        assert (finding.rule, finding.level) == ("build-script-unexplained", Level.FAIL)

    def test_a_build_script_that_differs_shuts(self, tmp_path: Path) -> None:
        source = SOURCE | {"setup.py": b"from setuptools import setup\nsetup()\n"}
        files = source | {"setup.py": b"from setuptools import setup\nimport os\nsetup()\n"}
        assert traced(tmp_path, source, {SDIST: sdist(files)}).rules == ["build-script-unexplained"]

    def test_a_fixture_of_the_commit_does_not_become_a_build_script(self, tmp_path: Path) -> None:
        source = SOURCE | {"tests/data/setup.py": EVIL}
        (finding,) = traced(tmp_path, source, {SDIST: sdist(source | {"setup.py": EVIL})}).told.findings
        assert finding.rule == "build-script-unexplained"
        assert "its content is that of 'tests/data/setup.py'" in finding.message

    def test_a_program_in_an_sdist_is_told_by_its_first_bytes(self, tmp_path: Path) -> None:
        found = traced(tmp_path, SOURCE, {SDIST: sdist(SOURCE | {"tests/helper": b"\x7fELF\2", "run": b"#!/bin/sh\n"})})
        assert found.rules == ["build-script-unexplained"] * 2

    def test_start_up_code_in_a_wheel_shuts(self, tmp_path: Path) -> None:
        files = honest_wheel() | {"demo.pth": EVIL, "sitecustomize.py": EVIL}
        assert traced(tmp_path, SOURCE, {WHEEL: wheel(files)}).rules == ["build-script-unexplained"] * 2

    @pytest.mark.parametrize(
        "path",
        [
            f"{INFO}/METADATA.py",
            f"{INFO}/licenses/run.py",
            f"{INFO}/sub/METADATA",
            "other-1.0.dist-info/top_level.txt",
            "demo.egg-info/PKG-INFO",
            "PKG-INFO",
            f"{INFO}/sboms/x.json",
        ],
    )
    def test_nothing_hides_beside_generated_files_of_a_wheel(self, tmp_path: Path, path: str) -> None:
        found = traced(tmp_path, SOURCE, {WHEEL: wheel(honest_wheel() | {path: EVIL})})
        assert found.by(path) is By.UNEXPLAINED

    @pytest.mark.parametrize(
        "path",
        [
            "evil.egg-info/run.py",
            "demo.egg-info/run.py",
            "evil.egg-info/PKG-INFO",
            "a/PKG-INFO",
            "demo.egg-info/a/PKG-INFO",
        ],
    )
    def test_nothing_hides_beside_generated_files_of_an_sdist(self, tmp_path: Path, path: str) -> None:
        found = traced(tmp_path, SOURCE, {SDIST: sdist(SOURCE | {path: EVIL})})
        assert found.by(f"{TOP}/{path}") is By.UNEXPLAINED

    def test_a_version_file_with_more_code_is_unexplained(self, tmp_path: Path) -> None:
        files = honest_wheel() | {"demo/_version.py": b'__version__ = "1.0"\nimport os\n'}
        assert traced(tmp_path, SOURCE, {WHEEL: wheel(files)}).rules == ["file-unexplained"]

    def test_an_entry_point_to_foreign_code_is_unexplained(self, tmp_path: Path) -> None:
        files = honest_wheel() | {f"{INFO}/entry_points.txt": b"[pytest11]\nx = os:system\n"}
        assert traced(tmp_path, SOURCE, {WHEEL: wheel(files)}).rules == ["file-unexplained"]

    def test_metadata_of_another_version_than_the_commit_is_unexplained(self, tmp_path: Path) -> None:
        source = SOURCE | {"pyproject.toml": PYPROJECT.replace(b'"1.0"', b'"2.0"')}
        found = traced(tmp_path, source, {WHEEL: wheel(honest_wheel())})
        assert found.by(f"{INFO}/METADATA") is By.UNEXPLAINED

    def test_a_file_emptied_by_the_build_is_altered(self, tmp_path: Path) -> None:
        files = honest_wheel() | {"demo/core.py": b""}
        assert traced(tmp_path, SOURCE, {WHEEL: wheel(files)}).rules == ["file-altered"]

    def test_a_setup_cfg_without_what_the_commit_says_is_altered(self, tmp_path: Path) -> None:
        source = SOURCE | {"setup.cfg": b"[options]\nzip_safe = False\n"}
        files = source | {"setup.cfg": b"[egg_info]\ntag_build = \ntag_date = 0\n"}
        assert traced(tmp_path, source, {SDIST: sdist(files)}).rules == ["build-script-unexplained"]

    def test_a_link_the_commit_does_not_have_is_told(self, tmp_path: Path) -> None:
        found = traced(tmp_path, SOURCE, {SDIST: sdist(SOURCE, {"src/demo/l.py": "core.py"})})
        assert found.by(f"{TOP}/src/demo/l.py") is By.UNEXPLAINED

    @pytest.mark.parametrize("path", ["src/demo/c\u043ere.py", "src/demo/Core.py", "src/Demo/core.py"])
    def test_a_name_that_only_looks_like_the_commits_is_another(self, tmp_path: Path, path: str) -> None:
        found = traced(tmp_path, SOURCE, {SDIST: sdist(SOURCE | {path: EVIL})})
        assert found.by(f"{TOP}/{path}") is By.UNEXPLAINED

    def test_two_members_of_one_path_do_not_explain_each_other(self, tmp_path: Path) -> None:
        import io
        import tarfile

        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:gz") as archive:
            for data in (b'__version__ = "1.0"\n', EVIL):
                member = tarfile.TarInfo(f"{TOP}/demo/_version.py")
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
        found = traced(tmp_path, SOURCE, {SDIST: out.getvalue()})
        assert "file-unexplained" in found.rules


class TestNpm:
    MANIFEST = b'{"name": "demo", "version": "1.0.0", "scripts": {"test": "x"}, "dependencies": {"a": "workspace:*"}}'

    def test_a_manifest_settled_by_publishing_is_explained(self, tmp_path: Path) -> None:
        source = {"package.json": self.MANIFEST, "index.js": b"1\n"}
        now = b'{"name": "demo", "version": "1.2.0", "dependencies": {"a": "^3.0.0"}}'
        found = traced(tmp_path, source, {NPM: npm({"package.json": now, "index.js": b"1\n"})})
        assert found.rules == []

    @pytest.mark.parametrize(
        "now",
        [
            b'{"name": "demo", "version": "1.0.0", "scripts": {"test": "x", "install": "y"}, "dependencies": {}}',
            b'{"name": "demo", "version": "1.0.0", "scripts": {"test": "y"}, "dependencies": {"a": "1"}}',
            b'{"name": "demo", "version": "1.0.0", "dependencies": {"a": "https://x.example/a.tgz"}}',
            b'{"name": "demo", "version": "1.0.0", "dependencies": {"a": "1", "b": "1"}}',
            b'{"name": "demo", "version": "1.0.0", "dependencies": {"a": "1"}, "main": "evil.js"}',
        ],
    )
    def test_a_manifest_that_says_more_shuts(self, tmp_path: Path, now: bytes) -> None:
        source = {"package.json": self.MANIFEST, "index.js": b"1\n"}
        found = traced(tmp_path, source, {NPM: npm({"package.json": now, "index.js": b"1\n"})})
        assert found.rules == ["build-script-unexplained"]

    def test_built_files_warn_and_install_scripts_shut(self, tmp_path: Path) -> None:
        source = {"package.json": self.MANIFEST, "src/index.ts": b"1\n"}
        files = {"package.json": self.MANIFEST, "dist/index.js": b"#!/usr/bin/env node\n", "binding.gyp": b"{}"}
        assert traced(tmp_path, source, {NPM: npm(files)}).rules == ["build-script-unexplained", "file-unexplained"]

    def test_a_bundled_package_is_the_locks_or_nobodys(self, tmp_path: Path) -> None:
        lock = (
            b'{"name": "demo", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {"name": "demo", "version": '
            b'"1.0.0"}, "node_modules/good": {"version": "1.0.0", "inBundle": true}}}'
        )
        source = {"package.json": self.MANIFEST, "package-lock.json": lock}
        files = {"package.json": self.MANIFEST}
        for name in ("good", "evil"):
            files[f"node_modules/{name}/package.json"] = b'{"name": "%s", "version": "1.0.0"}' % name.encode()
            files[f"node_modules/{name}/index.js"] = b"1\n"
        found = traced(tmp_path, source, {NPM: npm(files)})
        assert found.by("package/node_modules/good/index.js") is By.COMPONENT
        assert found.by("package/node_modules/evil/index.js") is By.UNEXPLAINED
        assert found.rules == [
            "build-script-unexplained",
            "component-unexplained",
            "component-unproven",
            "package-unlocked",
        ]


class TestDeclared:
    def test_a_rule_of_the_policy_explains_with_its_reason(self, tmp_path: Path) -> None:
        rule = {"path": "demo/_built/*.py", "reason": "made from the grammar"}
        files = honest_wheel() | {"demo/_built/a.py": b"a = 1\n"}
        found = traced(tmp_path, SOURCE, {WHEEL: wheel(files)}, generated=[rule])
        assert found.rules == []
        assert (found.by("demo/_built/a.py"), found.files()["demo/_built/a.py"].origin) == (By.DECLARED, rule["path"])

    def test_a_rule_that_explains_nothing_is_told(self, tmp_path: Path) -> None:
        rule = {"path": "nothing/**", "reason": "nobody remembers"}
        found = traced(tmp_path, SOURCE, {WHEEL: wheel(honest_wheel())}, generated=[rule])
        assert found.rules == ["generated-unused"]

    def test_a_build_script_must_be_named(self, tmp_path: Path) -> None:
        artifacts = {SDIST: sdist(SOURCE | {"configure": b"#!/bin/sh\n"})}
        rough = {"path": "**", "reason": "all of it is made"}
        found = traced(tmp_path, SOURCE, artifacts, generated=[rough])
        assert found.rules == ["build-script-unexplained", "generated-unused"]
        (tmp_path / "again").mkdir()
        exact = {"path": "configure", "reason": "made by autoconf"}
        assert traced(tmp_path / "again", SOURCE, artifacts, generated=[exact]).rules == []


class TestTheCommit:
    def test_without_a_commit_it_is_said_of_each_artifact(self, tmp_path: Path) -> None:
        repository = Repository(tmp_path / "work")
        found = asked(repository, tmp_path, {WHEEL: wheel(honest_wheel())})
        assert [(f.rule, f.about, f.level) for f in found.told.findings] == [("source-unproven", WHEEL, Level.WARN)]
        assert found.told.produced == []

    def test_a_dirty_file_is_named_as_such(self, tmp_path: Path) -> None:
        repository = Repository(tmp_path / "work")
        for path, data in SOURCE.items():
            repository.write(path, data)
        repository.commit()
        repository.write("src/demo/core.py", EVIL)
        found = asked(repository, tmp_path, {WHEEL: wheel(honest_wheel() | {"demo/core.py": EVIL})})
        (finding,) = found.told.findings
        assert finding.rule == "file-altered"
        assert finding.message.endswith("and the working tree differs from the commit there")
        assert found.told.notes[-1].endswith("1 path of the working tree changed")

    def test_files_of_a_submodule_that_is_not_here_say_so(self, tmp_path: Path) -> None:
        repository = Repository(tmp_path / "work")
        for path, data in SOURCE.items():
            repository.write(path, data)
        repository.git("add", "-A")
        repository.git("update-index", "--add", "--cacheinfo", "160000," + "a" * 40 + ",third/lib")
        repository.git("commit", "-q", "-m", "x")
        found = asked(repository, tmp_path, {SDIST: sdist(SOURCE | {"third/lib/a.txt": b"a"})})
        (finding,) = found.told.findings
        assert finding.message.endswith("it lies in the submodule 'third/lib', whose commit is not in this clone")

    def test_git_that_fails_is_blindness(self, tmp_path: Path) -> None:
        class Failing:
            def tree(self, commit: str) -> tuple[Entry, ...]:
                raise UndecidedError(f"`git` failed: {commit}", hint="run `git fsck`")

        repository = Repository(tmp_path / "work")
        repository.write("a", b"a")
        repository.commit()
        found = asked(repository, tmp_path, {WHEEL: wheel(honest_wheel())}, git=Failing())
        assert [each.hint for each in found.told.blind] == ["run `git fsck`"]
        assert (found.rules, found.told.coverage) == ([], [])


class TestSize:
    def test_many_files_are_told_in_few_findings_about_exactly_those(self, tmp_path: Path) -> None:
        extra = {f"demo/e{number:03}.py": EVIL + b"%d\n" % number for number in range(50)}
        found = traced(tmp_path, SOURCE, {WHEEL: wheel(honest_wheel() | extra)})
        assert len(found.told.findings) == 21
        assert found.told.findings[-1].message.startswith("and 30 more, from `demo/e020.py`")
        (tmp_path / "again").mkdir()
        more = extra | {"demo/e999.py": EVIL}
        again = traced(tmp_path / "again", SOURCE, {WHEEL: wheel(honest_wheel() | more)})
        assert again.told.findings[-1].about != found.told.findings[-1].about

"""Write the lists of well-known names from the packages that carry them; `popular/ORIGIN.md` says which and how.

pip download --no-deps guarddog==VERSION
npm pack npm-high-impact@VERSION
python docs/popular_names.py guarddog-VERSION-py3-none-any.whl npm-high-impact-VERSION.tgz
"""

import json
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).resolve().parents[1] / "src/tidegate/domain/changes/popular"
GUARDDOG = "guarddog/analyzer/metadata/resources/top_{}_packages.json"
HIGH_IMPACT = "package/lib/top.js"
_QUOTED = re.compile(r"^  '([^'\\\n]+)',?$", re.MULTILINE)


def of_guarddog(wheel: Path, kind: str) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        names: list[str] = json.loads(archive.read(GUARDDOG.format(kind)))["packages"]
        return names


def of_high_impact(tarball: Path) -> list[str]:
    with tarfile.open(tarball) as archive:
        member = archive.extractfile(HIGH_IMPACT)
        if member is None:
            raise SystemExit(f"{tarball} holds no {HIGH_IMPACT}")
        return _QUOTED.findall(member.read().decode("utf-8"))


def write(kind: str, names: Iterable[str]) -> None:
    """One name a line in the order given, most used first, each once."""
    unique = list(dict.fromkeys(names))
    (HERE / f"{kind}.txt").write_text("\n".join(unique) + "\n", encoding="utf-8")
    sys.stdout.write(f"{kind}: {len(unique)} names\n")


def main(wheel: Path, tarball: Path) -> None:
    write("pypi", of_guarddog(wheel, "pypi"))
    write("npm", of_high_impact(tarball))
    write("golang", of_guarddog(wheel, "go"))
    # This one comes in no order, so that a stable one makes a new edition readable.
    write("gem", sorted(of_guarddog(wheel, "rubygems")))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

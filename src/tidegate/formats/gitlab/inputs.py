"""`$[[ inputs.x ]]` replaced by what the includer gives, before jobs are built ("CI/CD inputs").

A whole value takes the input's own type, a part of a text its spelling. Keys are replaced too.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tidegate.errors import FormatError
from tidegate.formats.gitlab.tree import File, Node, Problems
from tidegate.formats.text import shown
from tidegate.model.pipeline import At, Splice

MAX_TEXT = 200_000
MAX_ALL = 20_000_000
MAX_FUNCTIONS = 3
SCRIPTS = frozenset({"script", "before_script", "after_script"})
_BLOCK = re.compile(r"\$\[\[ *([^\[\]|]{1,200}?) *((?:\|[^\[\]|]{1,100}){0,10})\]\]")
_NAME = re.compile(r"inputs\.([A-Za-z0-9_-]{1,100})")
_TRUNCATE = re.compile(r"truncate\( *(\d{1,4}) *, *(\d{1,4}) *\)")


@dataclass(slots=True)
class Inputs:
    """One file's inputs: what its header declares and what it is given. `rooted` files are given nothing.

    Where a root file's input has no default its value is known only when the pipeline starts, and the text stays.
    """

    file: File
    given: Mapping[str, Node]
    rooted: bool
    problems: Problems
    splices: list[Splice] = field(default_factory=list)
    declared: Mapping[str, Node] = field(default_factory=dict)
    open: bool = False
    """Does the header take declarations from another file?"""
    _spent: int = 0
    _memo: dict[tuple[int, bool], tuple[Node, Node]] = field(default_factory=dict)

    def content(self) -> Node:
        """The file's content with every input replaced."""
        header = self.file.header
        spec = header.get("spec") if header is not None else None
        if spec is None:
            self._nobody_asks()
            return self.file.content
        self._known(spec)
        return self._node(self.file.content, scripted=False)

    def _nobody_asks(self) -> None:
        for name, node in self.given.items():
            self.problems.tell(node.at, f"the input `{shown(name, 80)}` is given to a file that declares none")

    def _known(self, spec: Node) -> None:
        self.open = spec.get("include") is not None
        declared = spec.get("inputs")
        self.declared = declared.keys if declared is not None and declared.keys is not None else {}
        for name, node in self.given.items():
            if name not in self.declared and not self.open:
                self.problems.tell(node.at, f"the input `{shown(name, 80)}` is not declared by `{self.file.path}`")
        for name, node in self.declared.items():
            if not self.rooted and not self.open and self._value(name) is None:
                self.problems.tell(node.at, f"the input `{shown(name, 80)}` has no default and is not given")

    def _value(self, name: str) -> Node | None:
        if name in self.given:
            return self.given[name]
        return self.declared[name].get("default") if name in self.declared else None

    def _node(self, node: Node, *, scripted: bool) -> Node:
        memo = self._memo.get((id(node), scripted))
        if memo is not None:
            return memo[1]
        if node.keys is not None:
            keys = {}
            for key, child in node.keys.items():
                name = self._text(key, child.at, scripted=False) if "$[[" in key else key
                keys[name] = self._node(child, scripted=scripted or key in SCRIPTS)
            made = replace(node, keys=keys)
        elif node.items is not None:
            made = replace(node, items=tuple(self._node(each, scripted=scripted) for each in node.items))
        else:
            made = self._scalar(node, scripted=scripted)
        self._memo[id(node), scripted] = (node, made)
        return made

    def _scalar(self, node: Node, *, scripted: bool) -> Node:
        if not isinstance(node.scalar, str) or "$[[" not in node.scalar:
            return node
        whole = _BLOCK.fullmatch(node.scalar.strip())
        if whole is not None and not whole[2]:
            name = _NAME.fullmatch(whole[1])
            value = self._value(name[1]) if name else None
            if value is not None and (value.items is not None or not isinstance(value.scalar, str)):
                self._free(whole, node.at, scripted=scripted)
                return replace(value, at=node.at)
        return Node(node.at, scalar=self._text(node.scalar, node.at, scripted=scripted))

    def _text(self, text: str, at: At, *, scripted: bool) -> str:
        def spell(block: re.Match[str]) -> str:
            self._free(block, at, scripted=scripted)
            name = _NAME.fullmatch(block[1])
            if name is None:
                return block[0]
            if name[1] not in self.declared and not self.open:
                self.problems.tell(at, f"the input `{shown(name[1], 80)}` is not declared")
                return block[0]
            value = self._value(name[1])
            return block[0] if value is None else self._called(value.text, block[2], at)

        made = _BLOCK.sub(spell, text)
        self._spent += len(made)
        if len(made) > MAX_TEXT or self._spent > MAX_ALL:
            raise FormatError("the inputs make a text that is too long", line=at.line)
        return made

    def _called(self, text: str, functions: str, at: At) -> str:
        calls = [each.strip() for each in functions.split("|")[1:]]
        if len(calls) > MAX_FUNCTIONS:
            self.problems.tell(at, f"more than {MAX_FUNCTIONS} functions in one interpolation")
        for call in calls[:MAX_FUNCTIONS]:
            cut = _TRUNCATE.fullmatch(call)
            if cut is not None:
                text = text[int(cut[1]) : int(cut[1]) + int(cut[2])]
            elif call not in ("expand_vars", "posix_escape"):
                self.problems.tell(at, f"the function `{shown(call, 80)}` is not known")
        return text

    def _free(self, block: re.Match[str], at: At, *, scripted: bool) -> None:
        """Is this a text somebody else chooses, put into a script?"""
        if not scripted or "posix_escape" in block[2]:
            return
        if "expand_vars" in block[2]:
            self.splices.append(Splice(shown(block[0], 120), "a variable's value becomes part of the script", at))
            return
        name = _NAME.fullmatch(block[1])
        declared = self.declared.get(name[1]) if self.rooted and name else None
        if declared is None or declared.get("options") is not None or declared.get("regex") is not None:
            return
        kind = declared.get("type")
        if kind is None or kind.text in ("string", "array"):
            why = "whoever starts the pipeline chooses the text"
            self.splices.append(Splice(shown(block[0], 120), why, at))

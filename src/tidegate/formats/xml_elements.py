"""XML read strictly and without a document type: no entities, nothing external, bounded in size, depth and count."""

from dataclasses import dataclass, field
from xml.parsers import expat

from tidegate.errors import FormatError
from tidegate.formats.text import decode

MAX_DEPTH = 64
MAX_ELEMENTS = 400_000
MAX_TEXT = 10_000


@dataclass(slots=True)
class Element:
    """One element. `name` and attribute names are without their namespace; `text` is what stands right inside it.

    `namespace` is the element's, `foreign` are the attributes that have one of their own.
    """

    name: str
    attributes: dict[str, str]
    line: int
    children: list["Element"] = field(default_factory=list)
    text: str = ""
    namespace: str = ""
    foreign: frozenset[str] = frozenset()

    def all(self, name: str) -> list["Element"]:
        """The children of that name."""
        return [child for child in self.children if child.name == name]

    def first(self, name: str) -> "Element | None":
        return next((child for child in self.children if child.name == name), None)


def loads(raw: bytes, *, limit: int, what: str) -> Element:
    """Read one document of at most `limit` bytes of UTF-8, whatever encoding it declares. Raises FormatError.

    A document type is refused, and with it every entity but the five XML has itself.
    """
    text = decode(raw.removeprefix(b"\xef\xbb\xbf"), limit=limit, what=what)
    builder = _Builder(what)
    parser = expat.ParserCreate(encoding="utf-8", namespace_separator=" ")
    builder.bind(parser)
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        raise FormatError(f"{what} is not XML: {expat.ErrorString(error.code)}", line=error.lineno) from None
    if builder.root is None:
        raise FormatError(f"{what} holds no element")
    return builder.root


class _Builder:
    def __init__(self, what: str) -> None:
        self.what = what
        self.root: Element | None = None
        self.stack: list[Element] = []
        self.count = 0
        self.line = 1

    def bind(self, parser: "expat.XMLParserType") -> None:
        def start(name: str, attributes: dict[str, str]) -> None:
            self._start(name, attributes, parser.CurrentLineNumber)

        def doctype(*_: object) -> None:
            raise FormatError(f"{self.what} has a document type", line=parser.CurrentLineNumber)

        parser.StartElementHandler = start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = doctype

    def _start(self, name: str, attributes: dict[str, str], line: int) -> None:
        self.count += 1
        if self.count > MAX_ELEMENTS or len(self.stack) >= MAX_DEPTH:
            raise FormatError(f"{self.what} has too many elements or levels", line=line)
        plain = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        if len(plain) != len(attributes):
            raise FormatError(f"{self.what} has an attribute twice in one element", line=line)
        namespace, _, local = name.rpartition(" ")
        foreign = frozenset(key.rpartition(" ")[2] for key in attributes if " " in key)
        element = Element(local, plain, line, namespace=namespace, foreign=foreign)
        if self.stack:
            self.stack[-1].children.append(element)
        else:
            self.root = element
        self.stack.append(element)

    def _end(self, _: str) -> None:
        self.stack.pop()

    def _text(self, text: str) -> None:
        if len(self.stack[-1].text) < MAX_TEXT:
            self.stack[-1].text += text

"""One repository, asked in a process of its own: the function every executor is given, wherever it runs it."""

import threading

from tidegate.cli import wire
from tidegate.cli.fleet import question
from tidegate.errors import UndecidedError

_mine = threading.local()
CLONING = 600.0


def work(text: str, seconds: float) -> str:
    """The answer to a question, both as text. A process that hangs or dies is undecided for its repository alone."""
    host = getattr(_mine, "host", None)
    if host is None:
        host = _mine.host = wire.host()
    try:
        answer: str = host.ask(text, seconds + CLONING)
    except UndecidedError as error:
        from tidegate.cli.fleet.examining import undecided
        from tidegate.formats import fleet_result
        from tidegate.formats.records import dump

        asked = question.read(text)
        return dump(question.Answer(fleet_result.render(undecided(asked, error.message, error.hint))))
    return answer

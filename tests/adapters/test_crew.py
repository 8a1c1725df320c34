"""Work shared among processes comes back whole and in order, or is an error; nothing outlives who asked."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tidegate.adapters.crew import ForkedCrew
from tidegate.errors import FormatError, TidegateError, UndecidedError, UserError
from tidegate.ports import NoCrew

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here")


def twice(part: int) -> bytes:
    time.sleep(0.002 * (part % 3))
    return b"%d" % (2 * part)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def soon_gone(pids: list[int]) -> bool:
    until = time.monotonic() + 5
    while any(map(alive, pids)) and time.monotonic() < until:
        time.sleep(0.01)
    return not any(map(alive, pids))


@pytest.mark.parametrize("count", [0, 1, 2, 57])
def test_the_answers_come_in_the_order_of_the_parts_however_many_work(count: int) -> None:
    expected = [b"%d" % (2 * part) for part in range(count)]
    for crew in (NoCrew(), ForkedCrew(1), ForkedCrew(3)):
        assert list(crew.map(twice, range(count))) == expected


def test_an_answer_may_be_large_and_a_process_keeps_its_memory_from_part_to_part() -> None:
    seen: list[int] = []

    def work(part: int) -> bytes:
        seen.append(part)
        return b"%d" % len(seen) + bytes(3 << 20)

    answers = list(ForkedCrew(2).map(work, range(8)))
    assert {len(answer) for answer in answers} == {(3 << 20) + 1}
    assert max(int(answer[:1]) for answer in answers) >= 4
    assert seen == []


@pytest.mark.parametrize("kind", [UserError, FormatError, UndecidedError])
def test_an_error_of_ours_comes_out_as_itself(kind: type[TidegateError]) -> None:
    def work(part: int) -> bytes:
        if part == 3:
            raise kind("it is\u00e9 wrong", hint="mend it")
        return b""

    with pytest.raises(kind) as raised:
        list(ForkedCrew(2).map(work, range(9)))
    assert (raised.value.message, raised.value.hint) == ("it is\u00e9 wrong", "mend it")


def test_a_fault_in_a_process_is_told_without_its_words() -> None:
    def work(part: int) -> bytes:
        raise ValueError("the secret text it read")

    with pytest.raises(UndecidedError) as raised:
        list(ForkedCrew(2).map(work, range(4)))
    assert "ValueError in test_crew.py:" in raised.value.message
    assert "secret text" not in raised.value.message


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV, None])
def test_a_process_that_dies_is_an_error_and_never_an_answer(how: signal.Signals | None) -> None:
    def work(part: int) -> bytes:
        if part == 5:
            if how is None:
                os._exit(0)
            os.kill(os.getpid(), how)
        return b"clean"

    with pytest.raises(UndecidedError, match="killed by signal" if how else "ended early with exit code 0"):
        list(ForkedCrew(2).map(work, range(40)))


def test_nobody_works_on_when_nobody_asks_on(tmp_path: Path) -> None:
    def work(part: int) -> bytes:
        (tmp_path / f"{os.getpid()}").touch()
        time.sleep(0.01 if part < 2 else 60)
        return b""

    answers = ForkedCrew(2).map(work, range(8))
    next(answers)
    answers.close()  # type: ignore[attr-defined]
    assert soon_gone([int(path.name) for path in tmp_path.iterdir()])


def test_a_process_holds_no_file_of_its_parent(tmp_path: Path) -> None:
    with (tmp_path / "held").open("w") as held:

        def work(part: int) -> bytes:
            try:
                os.fstat(held.fileno())
            except OSError:
                return b"closed"
            return b"open"

        assert set(ForkedCrew(2).map(work, range(4))) == {b"closed"}


SLOW = """
import os, sys, time
from tidegate.adapters.crew import ForkedCrew
def work(part):
    os.write(2, b"%d\\n" % os.getpid())
    time.sleep(0.2)
    return b""
list(ForkedCrew(2).map(work, range(1000)))
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_the_processes_end_when_who_asked_is_killed(how: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", SLOW], stderr=subprocess.PIPE) as parent:
        assert parent.stderr is not None
        pids = [int(parent.stderr.readline()) for _ in range(2)]
        parent.send_signal(how)
        assert soon_gone([parent.pid, *pids])

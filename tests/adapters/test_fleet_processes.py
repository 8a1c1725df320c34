"""A process that hangs, dies or floods is undecided for its question alone; the next one is answered."""

import os
import sys
import time

import pytest

from tidegate.adapters.forked import ForkedWorkers
from tidegate.adapters.hosting import Host
from tidegate.errors import UnavailableError, UndecidedError
from tidegate.ports import Job

_SCRIPT = """
import os, sys, time
for line in sys.stdin:
    word = line.strip()
    if word == "die": os._exit(9)
    if word == "sleep": time.sleep(60)
    if word == "flood":
        while True: sys.stdout.write("x" * 1000000)
    print(word, os.environ.get("GITHUB_TOKEN", "no token"), flush=True)
"""


@pytest.mark.parametrize(
    ("bad", "said"), [("die", "without an answer"), ("sleep", "not finished"), ("flood", "16 MiB")]
)
def test_a_lost_process_is_told_and_another_takes_its_place(bad: str, said: str) -> None:
    host = Host([sys.executable, "-c", _SCRIPT])
    try:
        assert host.ask("one", 10).startswith("one")
        with pytest.raises(UndecidedError, match=said):
            host.ask(bad, 1 if bad == "sleep" else 20)
        assert host.ask("two", 10).startswith("two")
    finally:
        host.end()


def test_it_holds_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "x")
    host = Host([sys.executable, "-c", _SCRIPT])
    try:
        assert host.ask("word", 10).strip() == "word no token"
    finally:
        host.end()


def _perform(task: str, payload: str) -> str:
    if task == "die":
        os._exit(7)
    if task == "sleep":
        time.sleep(60)
    if task == "fault":
        raise ValueError("secret text")
    if task == "ours":
        raise UnavailableError("nobody answers", hint="wait")
    if task == "lines":
        return "{\n}"
    return payload


def test_each_job_has_an_answer_or_a_reason_and_nothing_foreign_is_quoted() -> None:
    jobs = [Job(str(n), task, "text") for n, task in enumerate(("echo", "die", "fault", "ours", "lines", "echo"))]
    done = list(ForkedWorkers(_perform).run(jobs, 20))
    assert [each.text for each in done] == ["text", "", "", "", "{ }", "text"]
    assert "exit code 7" in done[1].failed
    assert "ValueError in" in done[2].failed
    assert "secret" not in done[2].failed
    assert "nobody answers (hint: wait)" in done[3].failed


def test_a_late_child_is_killed() -> None:
    begun = time.monotonic()
    (done,) = ForkedWorkers(_perform).run([Job("a", "sleep", "")], 0.3)
    assert "not finished" in done.failed
    assert time.monotonic() - begun < 10

"""Worker processes answer once, in time, without secrets, or say why they did not."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tidegate.adapters.starting import COMMAND, start, worker_environment
from tidegate.adapters.workers import RESULT_LIMIT, ProcessWorkers
from tidegate.ports import Done, Job

ANSWER = """
import json, sys
header = json.loads(sys.stdin.readline())
body = sys.stdin.read()
"""


def child(body: str) -> ProcessWorkers:
    return ProcessWorkers([sys.executable, "-c", ANSWER + body], side_by_side=2)


def one(body: str, deadline: float = 20.0, payload: str = "{}") -> Done:
    (done,) = child(body).run([Job("lockfiles", "lockfiles", payload)], deadline)
    return done


def test_the_answer_comes_back_whole() -> None:
    done = one('print(\'{"id":"%s","result":%s}\' % (header[\'id\'], json.dumps(body)))', payload='{"a":1}')
    assert done == Done("lockfiles", text='"{\\"a\\":1}"')


def test_a_name_that_is_no_utf8_reaches_the_worker() -> None:
    done = one('print(\'{"id":"lockfiles","result":%s}\' % body)', payload='{"a":"\udcff"}')
    assert done.text == '{"a":"\\udcff"}'


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("sys.exit(0)", "without a report"),
        ("raise SystemExit(3)", "exit code 3"),
        ("raise ValueError('boom')", "boom"),
        ("import os; os.kill(os.getpid(), 9)", "signal 9"),
        ("print('null')", "without a report"),
        ('print(\'{"id":"secrets","result":1}\')', "without a report"),
        ('print(\'{"id":"lockfiles","result":1}\'); print(\'{"id":"lockfiles","result":2}\')', "without a report"),
        ('print(\'{"id":"lockfiles","result":1}\'); sys.exit(1)', "exit code 1"),
        ('sys.stdout.buffer.write(b\'{"id":"lockfiles","result":"\\xff"}\')', "not UTF-8"),
    ],
)
def test_anything_but_one_good_answer_is_a_failure_that_says_why(body: str, why: str) -> None:
    done = one(body)
    assert not done.text
    assert why in done.failed


def test_a_flood_is_cut_off() -> None:
    started = time.monotonic()
    done = one(f"sys.stdout.write('x' * {RESULT_LIMIT + (1 << 20)}); import time; time.sleep(60)")
    assert "64 MiB" in done.failed
    assert time.monotonic() - started < 30


@pytest.mark.parametrize(
    "body",
    [
        "import time; time.sleep(600)",
        "import re; re.match('(a+)+$', 'a' * 64 + 'b')",
        "import subprocess; subprocess.run(['sleep', '600'])",
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)",
    ],
)
def test_a_hang_ends_at_the_deadline_even_where_no_thread_could_end_it(body: str) -> None:
    started = time.monotonic()
    done = one(body, deadline=1.0)
    assert "not finished within 1 s" in done.failed
    assert time.monotonic() - started < 5


def test_the_others_still_answer_when_one_hangs() -> None:
    body = (
        "if header['id'] == 'a':\n    import time; time.sleep(600)\n"
        'print(\'{"id":"%s","result":1}\' % header[\'id\'])'
    )
    done = {d.id: d for d in child(body).run([Job(name, name, "{}") for name in "abcd"], 4.0)}
    assert sorted(done) == ["a", "b", "c", "d"]
    assert [done[name].text for name in "bcd"] == ["1", "1", "1"]
    assert done["a"].failed


def test_grandchildren_do_not_outlive_the_deadline(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    body = (
        "import subprocess; p = subprocess.Popen(['sleep', '600']); "
        f"open({str(mark)!r}, 'w').write(str(p.pid)); p.wait()"
    )
    one(body, deadline=1.5)
    pid = int(mark.read_text())
    for _ in range(50):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return
        if state == "Z":
            return
        time.sleep(0.1)
    pytest.fail("the grandchild lives")


def test_a_worker_sees_no_token_key_or_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "TIDEGATE_KEY_PASSPHRASE", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "hidden")
    monkeypatch.setenv("CI_REPOSITORY_URL", "https://user:hidden@git.example/x")
    done = one('import os; print(\'{"id":"lockfiles","result":%s}\' % json.dumps(dict(os.environ)))')
    assert "hidden" not in done.text
    assert "PATH" in done.text


def test_the_passed_environment_is_a_list_of_names_and_not_a_filter() -> None:
    assert set(worker_environment({"ANYTHING": "x", "PATH": "/bin"})) & {"ANYTHING", "PATH"} == {"PATH"}


def test_a_command_that_does_not_exist_is_a_failure() -> None:
    (done,) = ProcessWorkers(["./no-such-command"]).run([Job("a", "a", "")], 5.0)
    assert "did not start" in done.failed


def test_no_jobs_is_no_answer() -> None:
    assert list(child("").run([], 1.0)) == []


def test_a_worker_that_never_reads_a_large_job_does_not_block_the_rest() -> None:
    done = one("", payload="x" * (8 << 20))
    assert "without a report" in done.failed


def test_the_examined_folder_is_not_on_the_workers_import_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('imported from the repository')")
    (tmp_path / "tidegate.py").write_text("raise SystemExit('imported from the repository')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (done,) = ProcessWorkers().run([Job("lockfiles", "lockfiles", "{}")], 30.0)
    assert "imported from the repository" not in done.failed
    assert os.getcwd() == str(tmp_path)


AHEAD = """
import json, os, sys
sys.stderr.write("ready " + " ".join(sys.argv[1:]) + chr(10))
line = sys.stdin.readline()
if not line:
    sys.exit(0)
header, body = json.loads(line), json.loads(sys.stdin.read())
sys.stderr.write(chr(30) + "half " + chr(27) + "way" + chr(10) + "talk" + chr(10))
sys.stderr.flush()
if body == "fail":
    sys.exit(3)
print('{"id":"%s","result":%s}' % (header["id"], json.dumps([os.getpid(), *sys.argv[1:]])))
"""


def ahead(said: list[str] | None = None) -> ProcessWorkers:
    command = [sys.executable, "-c", AHEAD]
    return ProcessWorkers(command, ready=[start([*command, "one", "two"])], say=(said or []).append)


def one_of(workers: ProcessWorkers, name: str) -> Done:
    (done,) = workers.run([Job(name, name, "null")], 20)
    return done


def test_a_worker_started_ahead_does_the_first_job_and_no_other() -> None:
    workers = ahead()
    first, second = (one_of(workers, name) for name in ("lockfiles", "secrets"))
    (first_pid, *first_words), (second_pid, *second_words) = json.loads(first.text), json.loads(second.text)
    assert first_pid != second_pid
    assert (first_words, second_words) == (["one", "two"], [])


def test_a_worker_whose_job_never_comes_ends_by_itself() -> None:
    workers = ahead()
    (process,) = workers._ready
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(10) == 0


def test_the_real_worker_ends_quietly_without_a_job(tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "stages.lockfiles"], stdin=subprocess.DEVNULL, capture_output=True, cwd=tmp_path, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_worker_killed_while_it_waits_is_a_failure_that_says_so() -> None:
    workers = ahead()
    (process,) = workers._ready
    process.kill()
    process.wait(10)
    (done,) = workers.run([Job("lockfiles", "lockfiles", "null")], 20)
    assert "signal 9" in done.failed


def test_a_worker_says_how_far_it_is_and_that_is_no_part_of_its_failure() -> None:
    said: list[str] = []
    workers = ProcessWorkers([sys.executable, "-c", AHEAD], say=said.append)
    (done,) = workers.run([Job("lockfiles", "lockfiles", '"fail"')], 20)
    assert said == ["half way"]
    assert done.failed.endswith("exit code 3: talk")

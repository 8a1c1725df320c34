"""The repositories of one shard, examined side by side; what is there already, of the same commit, is kept."""

import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from pathlib import Path

from tidegate.cli import wire
from tidegate.cli.fleet import folder
from tidegate.cli.fleet.examining import today, undecided
from tidegate.cli.fleet.question import Asked, Question, read_answer, spell
from tidegate.cli.fleet.work import work
from tidegate.errors import FormatError
from tidegate.formats import fleet_list, fleet_result
from tidegate.model.exit_code import ExitCode
from tidegate.model.fleet import Examined, Listed

EVERY = 10.0
AHEAD = 4


@dataclass(slots=True)
class Running:
    """One run of a shard. Results are written as they come, so that whatever ends it loses none of them."""

    asked: Asked
    base: Path
    out: Path
    seconds: float
    results: list[Examined] = field(default_factory=list)
    kept: int = 0

    def run(self, listed: Sequence[Listed], executor: Executor, jobs: int) -> None:
        """Raises KeyboardInterrupt after ending what is under way."""
        waiting = iter(listed)
        under_way: dict[Future[str], Question] = {}
        told = time.monotonic()
        try:
            while True:
                for each in _some(waiting, jobs * AHEAD - len(under_way)):
                    question = self._question(each)
                    under_way[executor.submit(work, spell(question), self.seconds)] = question
                if not under_way:
                    return
                done, _ = wait(under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    self._take(under_way.pop(future), future)
                if time.monotonic() - told >= EVERY or sys.stderr.isatty():
                    told = time.monotonic()
                    self._say(len(listed))
        except BaseException:
            for future in under_way:
                future.cancel()
            raise
        finally:
            if sys.stderr.isatty():
                sys.stderr.write("\r\x1b[K")
            wire.end_hosts()
            executor.shutdown(wait=False, cancel_futures=True)

    def _question(self, each: Listed) -> Question:
        earlier = folder.known(self.out, each.name)
        place = each.address if "://" in each.address else str((self.base / each.address).resolve())
        return Question(self.asked, each, place, earlier.commit if earlier and self._counts(earlier, each) else "")

    def _counts(self, earlier: Examined, each: Listed) -> bool:
        """Does it answer the same question? What was undecided is asked again, and so is what another day judged."""
        same = (earlier.address, earlier.ref) == (each.address, each.ref)
        asked = (earlier.policy, earlier.question, earlier.day) == (
            self.asked.policy_digest,
            self.asked.question,
            today(),
        )
        return same and asked and earlier.exit_code in (ExitCode.OPEN, ExitCode.SHUT)

    def _take(self, question: Question, future: "Future[str]") -> None:
        result = self._read(question, future)
        if result is None:
            result = folder.known(self.out, question.listed.name)
            if result is not None:
                self.kept += 1
                self.results.append(result)
                return
            result = undecided(question, "its earlier result is gone", "run it again")
        folder.write(self.out / fleet_list.file_name(result.name), fleet_result.render(result))
        self.results.append(result)

    def _read(self, question: Question, future: "Future[str]") -> Examined | None:
        """The result; None when the one that is there still holds. What another policy gave is refused."""
        try:
            answer = read_answer(future.result())
            if answer.same and question.known:
                return None
            result = fleet_result.read_result(answer.text.encode())
        except FormatError as error:
            return undecided(question, f"its answer cannot be read: {error.message}", error.hint)
        except Exception as error:  # noqa: BLE001 - whatever an executor raises is about this repository alone
            return undecided(question, f"it was not examined: {type(error).__name__}", "run it again")
        listed, asked = question.listed, self.asked
        if (result.name, result.address, result.ref) != (listed.name, listed.address, listed.ref):
            return undecided(question, "its answer speaks of another repository", "run it again")
        if (result.policy, result.question) != (asked.policy_digest, asked.question):
            return undecided(question, f"its answer is by another policy, {result.policy}", "run it again")
        return result

    def _say(self, count: int) -> None:
        line = f"{len(self.results)} of {count} repositories"
        sys.stderr.write(f"\r\x1b[K{line} …" if sys.stderr.isatty() else f"{line} …\n")
        sys.stderr.flush()


def _some(waiting: Iterator[Listed], count: int) -> Iterator[Listed]:
    for _ in range(count):
        each = next(waiting, None)
        if each is None:
            return
        yield each

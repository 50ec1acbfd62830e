"""One row of the table: a fault on a stage of its own, under visitors, and what became of them."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from traceback import format_exception

from .checks import UNANSWERED, Figures, figures, mistakes, slowness
from .databases import NotHereError, wait_until
from .disks import small_disk
from .faults import FAULTS, Fault
from .stage import Stage
from .visitors import Visitors

#: Choices that are made before the fault, so that there is something to change and to withdraw.
BEFORE = 20
#: Seconds for which visitors go on coming after it.
AFTER = 2.0


@dataclass(frozen=True, kw_only=True)
class Row:
    """What happened: how many waited in the spool at the end of the fault, and how many still did `AFTER` that."""

    name: str
    worker: str
    seconds: float
    waited: int = 0
    left: int = 0
    told: int = 0
    figures: Figures | None = None
    mistakes: tuple[str, ...] = ()
    #: What visitors and servers say of the mistakes.
    evidence: tuple[str, ...] = ()
    #: Why it could not be tried here.
    skipped: str = ""

    @property
    def is_unanswered_alone(self) -> bool:
        """Whether nothing is wrong but that somebody got no answer, so that nobody was told anything untrue."""
        return len(self.mistakes) == 1 and UNANSWERED in self.mistakes[0]


def row_of(name: str, *, seconds: float, worker: str = "sync", rate: float = 20.0) -> Row:
    """Let one fault happen for some seconds, or its least ones, and return its row."""
    fault = next(each for each in FAULTS if each.name == name)
    seconds = max(seconds, fault.least)
    folder = Path(tempfile.mkdtemp(prefix="fcc"))  # a socket's path may not be long
    try:
        with ExitStack() as ends:
            return _happens(ends, fault, folder, Row(name=name, worker=worker, seconds=seconds), rate)
    except NotHereError as error:
        return Row(name=name, worker=worker, seconds=seconds, skipped=str(error))
    except Exception as error:  # the others are tried all the same
        return Row(name=name, worker=worker, seconds=seconds, mistakes=("".join(format_exception(error)),))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def rows_of(names: Iterable[str], *, jobs: int, seconds: float, worker: str, rate: float) -> Iterator[Row]:
    """Yield the rows of some faults in their order, so many of them tried at once, each in a process of its own."""
    task = partial(row_of, seconds=seconds, worker=worker, rate=rate)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(task, names)


def _happens(ends: ExitStack, fault: Fault, folder: Path, row: Row, rate: float) -> Row:
    if fault.disk is not None:
        name, size = fault.disk
        ends.enter_context(small_disk(folder / name, size))
    stage = Stage.built(
        ends,
        folder,
        fault.database,
        worker=row.worker,
        servers=fault.servers,
        preload=fault.preload and row.worker != "gevent",  # which has to come before whatever it changes
        network=fault.network,
    )
    visitors = stage.visitors = Visitors(stage.ports, rate=rate)
    with visitors:
        wait_until(lambda: len(visitors.answers) >= BEFORE, "nobody is answered")
        start = time.monotonic()
        with fault.breaks(stage):
            time.sleep(row.seconds)
            waited, end = stage.waiting(), time.monotonic()
        time.sleep(AFTER)
        left = stage.waiting()
    wrong = fault.replays(stage)
    visitors.erase_again()
    verified = stage.command("verify", "--whole")
    if verified.returncode:
        wrong.append(f"verify: {verified.stdout.strip()[:300]}")
    if stage.waiting():
        wrong.append(f"{stage.waiting()} events wait for ever")
    answers, told = visitors.answers, stage.told()
    wrong += mistakes(answers, stage.events(), told=told, keeps_nothing=fault.keeps_nothing, cuts_off=fault.cuts_off)
    found = figures(answers, start, end)
    if fault.least:
        wrong += slowness(found)
    evidence = (*visitors.unanswered, *stage.logs()) if wrong else ()
    return replace(row, waited=waited, left=left, told=told, figures=found, mistakes=tuple(wrong), evidence=evidence)

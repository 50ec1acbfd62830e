"""Distribution of test files over the workers of pytest-xdist: the longest first, and on without a worker that ends."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import psutil
import pytest
from xdist.scheduler.loadfile import LoadFileScheduling

#: About how many seconds a test of a folder takes, so that no long file is left for one worker at the end.
SECONDS = {"faults": 15.0, "benchmarks": 5.0, "browser": 1.0}
#: About how many seconds any other test takes.
SHORT = 0.05


def seconds_of(file: str, tests: int) -> float:
    """Return about how long some tests of a file take."""
    parts = PurePosixPath(file).parts
    return tests * next((seconds for folder, seconds in SECONDS.items() if folder in parts), SHORT)


class LongestFirst(LoadFileScheduling):
    """Gives each worker one file after the other, and what a worker leaves behind to another.

    xdist 3.8 itself runs the test that has ended a worker again and again, or hands a finished file to the successor
    and waits for ever; and it cannot try a test again as pytest-rerunfailures asks it to.
    """

    def schedule(self) -> None:
        super().schedule()
        # A worker begins a test as soon as it knows the next one.
        for node in self.nodes:
            self._reschedule(node)

    def _reschedule(self, node: Any) -> None:
        if node in self.registered_collections:  # a successor that has not yet read the tests can be given none
            super()._reschedule(node)

    def _assign_work_unit(self, node: Any) -> None:
        file = max(self.workqueue, key=lambda each: seconds_of(each, list(self.workqueue[each].values()).count(False)))
        self.workqueue.move_to_end(file, last=False)
        earlier = self.assigned_work[node].get(file, {})
        super()._assign_work_unit(node)
        self.assigned_work[node][file] = earlier | self.assigned_work[node][file]

    def remove_node(self, node: Any) -> str | None:
        units = self.assigned_work[node]
        ended = next((test for unit in units.values() for test, is_done in unit.items() if not is_done), None)
        rest = {file: {test: False for test, done in unit.items() if not done} for file, unit in units.items()}
        if ended is not None:
            del rest[self._split_scope(ended)][ended]
        self.assigned_work[node] = {file: unit for file, unit in rest.items() if unit}
        super().remove_node(node)
        return ended

    def mark_test_pending(self, item: str) -> None:  # type: ignore[override]
        self.workqueue.setdefault(self._split_scope(item), {})[item] = False


class Distribution:
    """Plugin for pytest that brings the distribution, and ends what a worker that has ended left running."""

    @pytest.hookimpl
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> LongestFirst | None:
        return LongestFirst(config, log) if config.getoption("dist") == "loadfile" else None

    @pytest.hookimpl
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        if error is not None:
            end_processes(node.workerinput["testrunuid"], node.workerinput["workerid"])


def end_processes(run: str, worker: str) -> None:
    """End the programs that a worker has started; xdist names itself in their surroundings."""
    mine = {"PYTEST_XDIST_TESTRUNUID": run, "PYTEST_XDIST_WORKER": worker}
    for process in psutil.process_iter():
        try:
            if mine.items() <= process.environ().items():
                process.kill()
        except psutil.Error:  # it has ended, or belongs to somebody else
            continue

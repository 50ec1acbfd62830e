"""Deadline and circuit breaker around what requests ask of a database: one that hangs costs a visitor seconds, once.

No driver has a limit for every way in which a server can stop answering (hung, stalled, locked, unreachable), so work
runs in a thread, and whoever waits for it goes on after the deadline.
"""

from __future__ import annotations

import contextvars
import os
import queue
import threading
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from flask_cookieconsent.errors import DatabaseUnavailableError

T = TypeVar("T")
#: Some work; it is told how to find out whether anybody still waits for its outcome, so that it can be undone.
Work = Callable[[Callable[[], bool]], T]

#: Work that took this part of the deadline is slow, and so many in a row open the breaker: workers that each wait a
#: second for one choice serve nobody else.
SLOW_PART, MOST_SLOW = 0.25, 3

#: Threads that hang, each with a connection, before the database is tried again less often.
MOST_HANGING = 4
# Seconds after which a thread that nobody needs ends.
_IDLE = 60
# Pauses more, for each of those tries.
_MORE_PAUSES = 5


class Breaker:
    """Runs work within a deadline of *timeout* seconds; whoever misses it, or some slow work, opens the breaker.

    While it is open nobody waits: work is refused at once. After *pause* seconds *probe* is tried in the background,
    and the breaker closes where that, or what had hung, comes to an end. *tell* is called with whether it is open when
    that changes. Each process has its own; *timer* returns seconds that never go back.
    """

    def __init__(
        self,
        *,
        timeout: float,
        pause: float,
        probe: Callable[[], object],
        tell: Callable[[bool], None],
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._timeout, self._pause, self._probe, self._tell, self._timer = timeout, pause, probe, tell, timer
        self._lock = threading.Lock()
        self._hanging = self._slow = 0
        self._next_probe: float | None = None
        self._idle: list[_Worker] = []
        self._process = os.getpid()

    @property
    def is_open(self) -> bool:
        """Whether the database is left alone at present."""
        return self._next_probe is not None

    def run(self, work: Work[T], *, opens: bool = True, is_brief: bool = False) -> T:
        """Return what some work returns, or raise what it raises.

        Work that ends by itself soon after the deadline *is brief*, and needs no thread. Work that may take long by
        itself *opens* nothing where it misses the deadline alone: nobody shall stop the log by asking for much.

        :raises DatabaseUnavailableError: if it did not end in time, or nothing is tried at present.
        """
        if self._process != os.getpid():
            self._forget_parent()
        if self.is_open:
            self._probe_if_due()
            raise DatabaseUnavailableError("it did not answer in time a moment ago, and is left alone for a while")
        began = self._timer()
        if is_brief:
            try:
                return work(_always)
            finally:
                if opens:
                    self._weigh(self._timer() - began)
        job = Job(work)
        self._start(job)
        if job.wait(self._timeout):
            if opens:
                self._weigh(self._timer() - began)
            return job.outcome()
        self._miss(job, opens=opens)
        if not job.is_wanted():
            cause = "it hangs, or a lock is held, maybe by this very request, in work that it has not committed"
            raise DatabaseUnavailableError(f"it did not answer within {self._timeout:g} seconds: {cause}")
        return job.outcome()  # it came while we looked

    def _forget_parent(self) -> None:
        # Threads do not survive a fork: nothing hangs here, and nobody lets a lock go that was held.
        self._lock, self._idle, self._hanging = threading.Lock(), [], 0
        self._process = os.getpid()

    def _start(self, job: Job[Any]) -> None:
        try:
            worker = self._idle.pop()
        except IndexError:
            worker = _Worker(self._idle)
        worker.jobs.put(job)

    def _miss(self, job: Job[Any], *, opens: bool) -> None:
        with self._lock:
            if not job.abandon(self._was_late):
                return
            self._hanging += 1
            if not opens and self._hanging < MOST_HANGING:
                return
            is_new, self._next_probe = self._next_probe is None, self._timer() + self._pause
        if is_new:
            self._tell(True)

    def _weigh(self, seconds: float) -> None:
        """Open the breaker after some slow work in a row."""
        if seconds < self._timeout * SLOW_PART:
            self._slow = 0
            return
        with self._lock:
            self._slow += MOST_SLOW if seconds >= self._timeout else 1
            if self._slow < MOST_SLOW or self._next_probe is not None:
                return
            self._slow, self._next_probe = 0, self._timer() + self._pause
        self._tell(True)

    def _probe_quickly(self) -> None:
        began = self._timer()
        self._probe()
        if self._timer() - began >= self._timeout * SLOW_PART:
            raise _SlowError

    def _probe_if_due(self) -> None:
        with self._lock:
            # Where a server has vanished it takes minutes until what hangs is heard of, and another may be there now.
            patience = 0 if self._hanging < MOST_HANGING else _MORE_PAUSES * self._pause
            if self._next_probe is None or self._timer() < self._next_probe + patience:
                return
            if self._hanging >= 2 * MOST_HANGING:  # the connections are the app's too
                return
            self._next_probe = self._timer() + self._pause
            self._hanging += 1
        job: Job[object] = Job(lambda is_wanted: self._probe_quickly())
        job.abandon(self._was_late)  # nobody waits for it
        try:
            self._start(job)
        except RuntimeError:  # no thread can be started, as when the process ends
            self._hanging -= 1

    def _was_late(self, error: BaseException | None) -> None:
        """Close the breaker: whatever it was that hung, the database has been heard of again."""
        with self._lock:
            self._hanging -= 1
            if self._next_probe is None:
                return
            if error is not None:
                # Where it is away, and does not hang any more, it is asked again at the next occasion.
                self._next_probe = self._timer() + (self._pause if isinstance(error, _SlowError) else 0)
                return
            self._next_probe = None
        self._tell(False)


def _always() -> bool:
    return True


class _SlowError(Exception):
    """The database has answered, and takes too long to serve visitors."""


class Job(Generic[T]):
    """Some work with its outcome, and whether anybody waits for that."""

    def __init__(self, work: Work[T]) -> None:
        self._work, self._context = work, contextvars.copy_context()
        self._lock, self._done = threading.Lock(), threading.Lock()
        self._done.acquire()
        self._has_ended = False
        self._late: Callable[[BaseException | None], None] | None = None
        self._result: Any = None
        self._error: BaseException | None = None

    def run(self) -> None:
        """Do the work, in the context of whoever asked for it."""
        try:
            self._result = self._context.run(self._work, self.is_wanted)
        except BaseException as error:
            self._error = error
        with self._lock:
            self._has_ended, late = True, self._late
        self._done.release()
        if late is not None:
            self._context.run(late, self._error)

    def wait(self, seconds: float) -> bool:
        """Wait for the outcome, and tell whether it is there."""
        return self._done.acquire(timeout=seconds)

    def abandon(self, late: Callable[[BaseException | None], None]) -> bool:
        """Wait no more, unless the work has just ended; *late* is called with the error, or None, when it does."""
        with self._lock:
            if not self._has_ended:
                self._late = late
            return not self._has_ended

    def is_wanted(self) -> bool:
        """Tell whether somebody waits for the outcome."""
        return self._late is None

    def outcome(self) -> T:
        """Return what the work returned, or raise what it raised."""
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[no-any-return]


class _Worker(threading.Thread):
    """Thread that does one job after another; it ends with the process, whatever hangs."""

    def __init__(self, idle: list[_Worker]) -> None:
        super().__init__(name="flask_cookieconsent.database", daemon=True)
        self.jobs: queue.SimpleQueue[Job[Any]] = queue.SimpleQueue()
        self._idle = idle
        self.start()

    def run(self) -> None:
        while True:
            try:
                job = self.jobs.get(timeout=_IDLE)
            except queue.Empty:
                try:
                    self._idle.remove(self)
                except ValueError:  # somebody has just taken it
                    continue
                return
            job.run()
            del job  # with all that it holds
            self._idle.append(self)

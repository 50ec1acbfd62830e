"""Load generator with an open loop: visitors come at a fixed rate, however long the answers to others take."""

from __future__ import annotations

import asyncio
import hashlib
import random
import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import count, cycle, product
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

from babel.localedata import locale_identifiers

from .databases import wait_until
from .shop import SERVICES

#: Seconds after which nobody waits for an answer any more.
PATIENCE = 90.0
_HEADERS = {"Host": "shop.example", "Connection": "close"}
_SAME_ORIGIN = {"Origin": "http://shop.example", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "document"}
_NOTHING: Mapping[str, str] = {}
GRANTED = "granted"
_METHODS = ("banner", "preferences", "embed", "link", "api")


#: The kind of an event, grants and changes being one, and what tells it from all others of the kind.
Key = tuple[str, ...]


class Event(NamedTuple):
    """A row of the log: what finds it, and the digest of the receipt before."""

    key: Key
    before: str | None = None


class Act(StrEnum):
    """What a visitor does; the value of a choice is the kind of its event."""

    VIEW = "view"
    #: To read a page of what is recorded.
    READ = "read"
    GRANT = "given"
    REFUSE = "refused"
    CHANGE = "changed"
    WITHDRAW = "withdrawn"
    ERASE = "erased"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What became of one request; status 0 stands for none, latency counts seconds from when it was due."""

    act: Act
    status: int
    came: float
    latency: float
    #: Whether the browser holds its choice afterwards.
    took_effect: bool = True
    #: What finds its event in the log, where it has to be there: see `key_of`.
    key: Key | None = None
    #: The digest of the receipt that the visitor had before, to which the event is linked.
    before: str | None = None
    #: The digests of all receipts whose events go with an erasure.
    record: tuple[str, ...] = ()


@dataclass
class _Browser:
    """The cookies of one visitor, the services that are on, and the digests of the receipts that it has had."""

    choices: str = ""
    receipt: str = ""
    on: frozenset[str] = frozenset()
    record: tuple[str, ...] = ()

    @property
    def digest(self) -> str | None:
        """The digest of the receipt, None without one."""
        return hashlib.sha256(self.receipt.encode()).hexdigest() if self.receipt else None

    def lose_receipt(self) -> None:
        """Forget the receipt, and with it the way to its record."""
        self.receipt, self.record = "", ()

    def header(self, path: str) -> str:
        """Return what the browser sends; the receipt goes to the address of choices alone."""
        receipt = self.receipt if path.startswith("/cookies/choice") else ""
        pairs = (("cookieconsent", self.choices), ("cookieconsent_receipt", receipt))
        return "; ".join(f"{name}={value}" for name, value in pairs if value)

    def take(self, lines: Iterable[str]) -> set[str]:
        """Keep the cookies of an answer, and return the names of those that it has set."""
        kept = set()
        for line in lines:
            pair, _, rest = line.partition(";")
            name, _, value = pair.partition("=")
            if "domain=" in rest.lower() or "max-age=0" in rest.lower():
                continue  # what other hosts or earlier choices may have left
            kept.add(name)
            if name == "cookieconsent":
                self.choices = value
            elif name == "cookieconsent_receipt":
                self.receipt = value
        return kept


class Visitors:
    """Sends *rate* visitors a second to some ports in turn while its context lasts; `answers` tells what came of it."""

    def __init__(self, ports: Iterable[int], *, rate: float = 20.0, seed: int = 1) -> None:
        self.answers: list[Answer] = []
        #: Why some got no answer.
        self.unanswered: list[str] = []
        self._ports, self._rate, self._chance = cycle(ports), rate, random.Random(seed)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._come()), daemon=True)
        #: Those who have granted something, and do nothing at this moment.
        self._known: list[_Browser] = []
        self._refusals = product(_locales(), _METHODS, ("", "1"))
        self._records = cycle(("/cookies/choice/receipt", "/cookies/choice/receipt.json", "/cookies/policy"))
        self._notice = ""
        self._remembers = True
        #: How many of them are about to choose anew.
        self._choosing = 0
        self._unerased: list[_Browser] = []

    def erase_again(self) -> None:
        """Let those come back whose record could not be erased."""

        async def come() -> None:
            browsers, self._unerased = self._unerased, []
            await asyncio.gather(*(self._erase(time.monotonic(), browser) for browser in browsers))

        asyncio.run(come())

    def forget(self) -> None:
        """Let those who come from now on be new ones, who have made no choice yet, once the others have their answers.

        :raises TimeoutError: if these do not come.
        """
        self._remembers = False
        self._known.clear()
        wait_until(lambda: not self._choosing, "those who have chosen before get no answer", PATIENCE)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Let nobody come any more, and wait until everybody has an answer or has lost patience."""
        self._ended.set()
        self._thread.join()

    async def _come(self) -> None:
        _, _, page = await self._ask("GET", "/", {})
        self._notice = re.findall(r'name="notice" value="(\w+)"', page)[0]
        start, waiting = time.monotonic(), set[asyncio.Task[None]]()
        for number in count():
            due = start + number / self._rate
            await asyncio.sleep(due - time.monotonic())
            if self._ended.is_set():
                break
            waiting.add(task := asyncio.create_task(self._visit(due)))
            task.add_done_callback(waiting.discard)
        await asyncio.gather(*waiting)

    async def _visit(self, due: float) -> None:
        dice = self._chance.random()
        if dice < 0.05:
            await self._read(due)
        elif dice < 0.25:
            status, _, _ = await self._ask("GET", "/", {})
            self._add(Act.VIEW, due, status)
        elif dice < 0.50:
            await self._refuse(due)
        elif dice < 0.75 or not self._known:
            await self._grant(due)
        else:
            browser = self._known.pop(self._chance.randrange(len(self._known)))
            if self._chance.random() < 0.2:
                browser.lose_receipt()
            act = self._change if dice < 0.87 else self._withdraw if dice < 0.94 else self._erase
            self._choosing += 1
            try:
                await act(due, browser)
            finally:
                self._choosing -= 1

    async def _read(self, due: float) -> None:
        path = next(self._records)
        cookies = self._known[0].header(path) if self._known else ""
        status, _, _ = await self._ask("GET", path, {"Cookie": cookies})
        self._add(Act.READ, due, status)

    async def _refuse(self, due: float) -> None:
        locale, method, signal = next(self._refusals)
        press = {"choice": "reject", "surface": method, "locale": locale}
        status, kept = await self._press(_Browser(), press, {"Sec-GPC": "1"} if signal else {})
        key = (Act.REFUSE.value, method, locale, signal)
        self._add(Act.REFUSE, due, status, took_effect="cookieconsent" in kept, key=key)

    async def _grant(self, due: float) -> None:
        browser = _Browser(on=frozenset(SERVICES))
        status, kept = await self._press(browser, {"choice": "accept", "surface": "banner", "locale": "en"})
        self._add_granting(Act.GRANT, due, status, kept, browser)

    async def _change(self, due: float, browser: _Browser) -> None:
        on = next(service for service in SERVICES if browser.on != {service})
        press = {"choice": "save", "service": on, "surface": "preferences", "locale": "en"}
        before = browser.digest
        status, kept = await self._press(browser, press)
        browser.on = frozenset({on})
        self._add_granting(Act.CHANGE, due, status, kept, browser, before)

    def _add_granting(
        self, act: Act, due: float, status: int, kept: set[str], browser: _Browser, before: str | None = None
    ) -> None:
        # A change that only takes away takes effect without a receipt too, where no event could be kept.
        key = (GRANTED, browser.digest or "") if "cookieconsent_receipt" in kept else None
        self._add(act, due, status, took_effect="cookieconsent" in kept, key=key, before=before)
        if key is not None:
            browser.record = (*browser.record, key[1])
        if status == 303 and self._remembers:
            self._known.append(browser)

    async def _withdraw(self, due: float, browser: _Browser) -> None:
        # Of those without a receipt the log keeps one row a minute.
        before = browser.digest
        key = (Act.WITHDRAW.value, before) if before else None
        status, kept = await self._press(browser, {"choice": "withdraw", "surface": "link", "locale": "en"})
        self._add(Act.WITHDRAW, due, status, took_effect="cookieconsent" in kept, key=key, before=before)

    async def _erase(self, due: float, browser: _Browser) -> None:
        status, _ = await self._press(browser, {"choice": "erase", "surface": "preferences", "locale": "en"})
        self._add(Act.ERASE, due, status, record=browser.record)
        if status != 303:
            self._unerased.append(browser)

    def _add(self, act: Act, due: float, status: int, **more: Any) -> None:
        self.answers.append(Answer(act=act, status=status, came=due, latency=time.monotonic() - due, **more))

    async def _press(
        self, browser: _Browser, press: Mapping[str, str], headers: Mapping[str, str] = _NOTHING
    ) -> tuple[int, set[str]]:
        """Post a choice as a page of the shop would, and return its status and the names of the cookies it has set."""
        path, body = "/cookies/choice", urlencode({**press, "notice": self._notice, "next": "/"})
        cookies = browser.header(path)
        form = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
        status, lines, _ = await self._ask("POST", path, {**_SAME_ORIGIN, **form, "Cookie": cookies, **headers}, body)
        return status, browser.take(lines)

    async def _ask(
        self, method: str, path: str, headers: Mapping[str, str], body: str = ""
    ) -> tuple[int, list[str], str]:
        """Send a request, and return status, `Set-Cookie` lines and body of its answer; status 0 for none."""
        fields = "".join(f"{name}: {value}\r\n" for name, value in {**_HEADERS, **headers}.items())
        try:
            async with asyncio.timeout(PATIENCE):
                reader, writer = await asyncio.open_connection("127.0.0.1", next(self._ports))
                try:
                    writer.write(f"{method} {path} HTTP/1.1\r\n{fields}\r\n{body}".encode())
                    answer = (await reader.read()).decode("latin-1")
                finally:
                    writer.close()
        except (OSError, TimeoutError) as error:
            self.unanswered.append(f"{method} {path} without an answer: {error!r}")
            return 0, [], ""
        head, _, text = answer.partition("\r\n\r\n")
        status = re.match(r"HTTP/1\.[01] (\d+)", head)
        return int(status[1]) if status else 0, re.findall(r"(?mi)^set-cookie: (.*?)\r?$", head), text


def key_of(kind: str, method: str, locale: str, gpc: bool, receipt: str | None) -> Key | None:
    """Return what finds the event of a row; None for one of which nobody can say whose it was."""
    if kind == Act.REFUSE:
        return (kind, method, locale, "1" if gpc else "")
    if receipt is None:
        return None
    return (kind if kind == Act.WITHDRAW else GRANTED, receipt)


def _locales() -> Iterator[str]:
    # A refusal has no receipt, and of its time the log keeps the day: its language makes it one of a kind.
    return iter(sorted(locale_identifiers()))

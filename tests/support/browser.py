"""A headless Chromium, driven through the pipe of its own debugging protocol: nothing but the browser is needed."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import Any

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-pipe"]
QUIET = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


class Browser:
    """One page. said: errors and warnings of its console; requests: addresses that it asked for."""

    def __init__(self, commands: RawIOBase, answers: BufferedReader) -> None:
        self._commands, self._answers = commands, answers
        self._number = 0
        self._buffer = b""
        self._session = ""
        self.said: list[str] = []
        self.requests: list[str] = []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A command of the protocol, and its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._commands.write(json.dumps(message).encode() + b"\0")
        while (answer := self._read()).get("id") != self._number:
            self._heard(answer)
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def open(self, path: Path, fragment: str = "") -> None:
        """Show a file and wait until it has loaded."""
        self.said.clear()
        self.requests.clear()
        self.ask("Page.navigate", url=path.as_uri() + fragment)
        while (event := self._read()).get("method") != "Page.loadEventFired":
            self._heard(event)

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression."""
        done = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def look(self, *, width: int, height: int = 900, dark: bool = False, scale: float = 1) -> None:
        """The size of the window, and what the user has chosen."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=width < 600,
        )
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.ask("Emulation.setEmulatedMedia", features=scheme)

    def picture(self, path: Path) -> None:
        """What is to be seen, as PNG."""
        path.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot")["data"]))

    def printed(self, path: Path) -> None:
        """The page on paper, as PDF."""
        path.write_bytes(base64.b64decode(self.ask("Page.printToPDF", preferCSSPageSize=True)["data"]))

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            more = self._answers.read1(1 << 20)
            assert more, "the browser has ended"
            self._buffer += more
        message, _, self._buffer = self._buffer.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer

    def _heard(self, event: dict[str, Any]) -> None:
        match event.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(event["params"]["request"]["url"])
            case "Log.entryAdded":
                self.said.append(event["params"]["entry"]["text"])
            case "Runtime.exceptionThrown" | "Runtime.consoleAPICalled":
                self.said.append(json.dumps(event["params"]))


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """Started with a profile of its own, which is an empty folder; it and its children end with the block."""
    assert PROGRAM
    (to_read, commands), (answers, to_write) = os.pipe(), os.pipe()

    def wire() -> None:
        """In the child: the protocol reads from 3 and writes to 4."""
        ends = os.dup(to_read), os.dup(to_write)  # one of them may be 3 or 4 itself
        os.dup2(ends[0], 3)
        os.dup2(ends[1], 4)

    process = subprocess.Popen(
        [PROGRAM, *OPTIONS, *QUIET, f"--user-data-dir={profile}"],
        preexec_fn=wire,
        pass_fds=(3, 4),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(to_read)
    os.close(to_write)
    with open(commands, "wb", buffering=0) as ours, open(answers, "rb") as theirs:
        try:
            yield Browser(ours, theirs)
        finally:
            process.terminate()
            process.wait()

"""A headless Chromium spoken to over a pipe: no driver, no port, nothing installed for it."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")


class Browser:
    """One page. `told` are exceptions, violations and console errors, `asked` the addresses it wanted to load."""

    def __init__(self, width: int = 1440, height: int = 900, *, dark: bool = False, script: bool = True) -> None:
        self.told: list[str] = []
        self.asked: list[str] = []
        self._profile = tempfile.mkdtemp(prefix="picture-")
        self._rest = b""
        self._number = 0
        self._script = script
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        command = [
            *(_binary(), "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"),
            *("--disable-background-networking", "--disable-component-update", "--remote-debugging-pipe"),
            f"--user-data-dir={self._profile}",
        ]
        # Chromium reads from descriptor 3 and writes to 4.
        moved = f'exec 3<&{theirs_in} 4>&{theirs_out}; exec "$@"'
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", moved, "bash", *command], pass_fds=(theirs_in, theirs_out), stderr=subprocess.DEVNULL
        )
        os.close(theirs_in)
        os.close(theirs_out)
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = ""
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self._scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.media("")
        self.call("Emulation.setScriptExecutionDisabled", value=not script)

    def open(self, path: Path) -> float:
        """Seconds until the page has loaded."""
        begun = time.monotonic()
        self.asked.clear()
        self.call("Page.navigate", url=path.absolute().as_uri())
        while self.run("document.readyState") != "complete":
            time.sleep(0.02)
        if self._script:
            self.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")
        return time.monotonic() - begun

    def run(self, expression: str) -> Any:
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"]["exception"].get("description", expression))
        return answer["result"].get("value")

    def media(self, kind: str) -> None:
        """`print`, or "" for the screen."""
        self.call("Emulation.setEmulatedMedia", media=kind, features=self._scheme)

    def key(self, name: str) -> None:
        codes = {"Enter": 13, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38, "ArrowLeft": 37, "ArrowRight": 39, "Tab": 9}
        for kind in ("keyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=codes.get(name, 0)
            )

    def write(self, text: str) -> None:
        self.call("Input.insertText", text=text)

    def shoot(self, path: Path, *, whole: bool = False) -> None:
        image = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole, **self._clip(whole))
        path.write_bytes(base64.b64decode(image["data"]))

    def _clip(self, whole: bool) -> dict[str, Any]:
        if not whole:
            return {}
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        return {"clip": {**size, "height": min(size["height"], 12_000), "scale": 1}}

    def pdf(self, path: Path) -> None:
        printed = self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        path.write_bytes(base64.b64decode(printed["data"]))

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if getattr(self, "_session", ""):
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result
            self._note(answer)

    def _note(self, event: dict[str, Any]) -> None:
        what, about = event.get("method", ""), event.get("params", {})
        if what == "Runtime.exceptionThrown":
            self.told.append(str(about["exceptionDetails"].get("exception", {}).get("description", about)))
        elif what == "Log.entryAdded" and about["entry"]["level"] in ("error", "warning"):
            self.told.append(about["entry"]["text"])
        elif what == "Runtime.consoleAPICalled":
            self.told.append(str([each.get("value") for each in about["args"]]))
        elif what == "Network.requestWillBeSent":
            self.asked.append(about["request"]["url"])

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            if not select.select([self._in], [], [], 60)[0]:
                raise TimeoutError("the browser says nothing")
            read = os.read(self._in, 1 << 20)
            if not read:
                raise EOFError("the browser is gone")
            self._rest += read
        line, _, self._rest = self._rest.partition(b"\0")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> "Browser":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(20)
        os.close(self._in)
        os.close(self._out)
        shutil.rmtree(self._profile, ignore_errors=True)


def _binary() -> str:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise FileNotFoundError("no Chromium here: install one to look at the page")
    return found

"""The report's page in headless Chromium, over the DevTools pipe: plots, both colour schemes, a phone's width. The page is
$FAULTLAB_SAMPLE_PAGE's, or $FAULTLAB_BINARY's (run $FAULTLAB_SCENARIO). $FAULTLAB_SCREENSHOTS: a folder to look at it."""
import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import time
import unittest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SAMPLE, BINARY = os.environ.get("FAULTLAB_SAMPLE_PAGE"), os.environ.get("FAULTLAB_BINARY")


class Browser:
    """Commands of the DevTools protocol, each answered within a minute."""

    def __init__(self, folder):
        their_in, self.out = os.pipe()
        self.inp, their_out = os.pipe()

        # The pipe is the browser's descriptors 3 and 4; copies first, for either may be one of these already.
        script = f'exec 8<&{their_in} 9>&{their_out}; exec 3<&8 4>&9 8<&- 9>&-; exec "$@"'
        self.process = subprocess.Popen(
            ["bash", "-c", script, "bash", CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-dev-shm-usage", "--remote-debugging-pipe", f"--user-data-dir={folder}", "about:blank"],
            pass_fds=(their_in, their_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(their_in)
        os.close(their_out)
        self.buffer, self.number, self.session, self.events = b"", 0, None, []
        target = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]

    def receive(self):
        deadline = time.monotonic() + 60
        while b"\0" not in self.buffer:
            if not select.select([self.inp], [], [], max(0, deadline - time.monotonic()))[0]:
                raise TimeoutError("the browser does not answer")
            piece = os.read(self.inp, 1 << 20)
            if not piece:
                raise EOFError("the browser has ended")
            self.buffer += piece
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"]["value"]

    def close(self):
        try:
            self.session = None
            self.call("Browser.close")
        except (OSError, EOFError, TimeoutError):
            pass
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.inp)
        os.close(self.out)


@unittest.skipUnless(CHROMIUM, "chromium is not there")
@unittest.skipUnless(SAMPLE or BINARY, "neither FAULTLAB_SAMPLE_PAGE nor FAULTLAB_BINARY is set")
class ReportPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        cls.addClassCleanup(holder.cleanup)
        page = pathlib.Path(holder.name, "page.html")
        words = [SAMPLE, page] if SAMPLE else [BINARY, "run", os.environ.get("FAULTLAB_SCENARIO", "outage"), "--html", page]
        subprocess.run(words, check=bool(SAMPLE), timeout=150, stdout=subprocess.DEVNULL)
        cls.browser = Browser(os.path.join(holder.name, "profile"))
        cls.addClassCleanup(cls.browser.close)
        for domain in ("Page", "Runtime", "Log"):
            cls.browser.call(domain + ".enable")
        cls.show(1200, "light")
        cls.browser.call("Page.navigate", url=page.as_uri())
        deadline = time.monotonic() + 60
        while not cls.browser.evaluate("location.protocol == 'file:' && document.readyState == 'complete'"):
            if time.monotonic() > deadline:
                raise TimeoutError("the page does not load")
            time.sleep(0.05)

    @classmethod
    def show(cls, width, scheme):
        cls.browser.call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 600)
        cls.browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        folder = os.environ.get("FAULTLAB_SCREENSHOTS")
        if folder and cls.browser.evaluate("document.body.innerHTML.length") > 0:
            shot = cls.browser.call("Page.captureScreenshot", captureBeyondViewport=width >= 600)
            pathlib.Path(folder, f"{scheme}-{width}.png").write_bytes(base64.b64decode(shot["data"]))

    def test_nothing_is_wrong_with_it(self):
        self.browser.evaluate("1")
        wrong = [e for e in self.browser.events if e.get("method") in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled")
                 or e.get("method") == "Log.entryAdded"]
        self.assertEqual(wrong, [])
        self.assertEqual(self.browser.evaluate("document.querySelectorAll('script,img,link,iframe,[src]').length"), 0)
        self.assertEqual(self.browser.evaluate("performance.getEntriesByType('resource').length"), 0)

    def test_plots_are_drawn(self):
        lines = self.browser.evaluate("""[...document.querySelectorAll('svg.plot')].map(plot => {
            const box = plot.getBoundingClientRect();
            return [box.width, box.height, plot.querySelectorAll('path.line').length,
                Math.max(...[...plot.querySelectorAll('path.line')].map(line => line.getTotalLength()))]})""")
        self.assertGreaterEqual(len(lines), 3)
        for width, height, count, length in lines:
            self.assertGreater(min(width, height), 100)
            self.assertGreater(count, 0)
            self.assertGreater(length, 50)

    def test_both_colour_schemes_take_effect(self):
        seen = {}
        for scheme in ("light", "dark"):
            self.show(1200, scheme)
            seen[scheme] = self.browser.evaluate("""[document.body, document.querySelector('section'),
                document.querySelector('svg text'), document.querySelector('path.line')].map(e => {
                const s = getComputedStyle(e); return [s.backgroundColor, s.color, s.fill, s.stroke].join()})""")
        for light, dark in zip(seen["light"], seen["dark"]):
            self.assertNotEqual(light, dark)

    def test_a_phone_needs_no_horizontal_scrolling(self):
        for scheme in ("light", "dark"):
            self.show(360, scheme)
            self.assertLessEqual(self.browser.evaluate("document.documentElement.scrollWidth"), 360)
            self.assertEqual(self.browser.evaluate("innerWidth"), 360)
            self.assertEqual(self.browser.evaluate(
                "[...document.querySelectorAll('section *')].filter(e => e.getBoundingClientRect().right > 360).length"), 0)


if __name__ == "__main__":
    unittest.main()

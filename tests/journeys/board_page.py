"""A supervisor at the live board in a browser, worked by keys; what the page's telephone hears and says are tones.

The microphone of the page is an oscillator: a tone of its own for each person, and nothing that cleans a voice of steady tones.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.browser import open_context, sign_in
from tests.journeys.system import System, eventually

MILLISECONDS = 30_000
MICROPHONE = """{
  const hertz = HERTZ;
  if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = async () => {
    const context = new AudioContext(), voice = context.createOscillator(), volume = context.createGain(), out = context.createMediaStreamDestination();
    voice.frequency.value = hertz;
    volume.gain.value = 0.3;
    voice.connect(volume).connect(out);
    voice.start();
    return out.stream;
  };
}"""
# The share (0-1) of the energy of the last two thirds of a second that each tone has: what `sound.Heard.tone` says of a telephone.
EAR = """async (tones) => {
  const stream = document.getElementById('remote-audio').srcObject;
  if (!stream) return tones.map(() => 0);
  const context = window.ear ??= new AudioContext(), source = context.createMediaStreamSource(stream), keeper = context.createAnalyser();
  keeper.fftSize = 32768;
  source.connect(keeper);
  await new Promise((done) => setTimeout(done, 1000 * keeper.fftSize / context.sampleRate + 100));
  const samples = new Float32Array(keeper.fftSize);
  keeper.getFloatTimeDomainData(samples);
  source.disconnect();
  const energy = samples.reduce((sum, each) => sum + each * each, 0);
  return tones.map((hertz) => {
    const step = 2 * Math.PI * hertz / context.sampleRate;
    let real = 0, imaginary = 0;
    samples.forEach((each, at) => { real += each * Math.cos(step * at); imaginary += each * Math.sin(step * at); });
    return energy ? 2 * (real * real + imaginary * imaginary) / (samples.length * energy) : 0;
  });
}"""


class BoardPage:
    """Sam's board. `with BoardPage(system, browser, hertz=1250) as board: board.choose(staff_id)`."""

    def __init__(self, system: System, browser: Browser, *, hertz: int) -> None:
        self.system = system
        self.context: BrowserContext = open_context(browser)
        self.context.add_init_script(MICROPHONE.replace("HERTZ", str(hertz)))
        self.complaints: list[str] = []
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(MILLISECONDS)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._said)

    def _said(self, message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def __enter__(self) -> BoardPage:
        sign_in(self.page, self.system.url(), "super@harbor.example")
        self.page.goto(f"{self.system.url()}/desk/board")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:  # fmt: skip
        self.context.close()

    def choose(self, staff_id: str) -> None:
        """Open an agent who is on the phone, as the mouse does."""
        self.page.locator(f"[data-open-agent='{staff_id}']").click()
        expect(self.page.locator("#agent-panel [data-act=listen]")).to_be_enabled()

    def press(self, key: str, act: str) -> None:
        """A key of the panel, until the board shows that it is done; an empty `act`: nothing is, any more."""
        self.page.keyboard.press(key)
        if act:
            expect(self.page.locator(f"#agent-panel [data-act={act}]")).to_have_attribute("aria-pressed", "true", timeout=MILLISECONDS)  # fmt: skip
        else:
            expect(self.page.locator("#agent-panel [data-act=stop]")).to_have_count(0, timeout=MILLISECONDS)
            expect(self.page.locator("#watching")).to_be_hidden(timeout=MILLISECONDS)

    def hears(self, *tones: int) -> None:
        """All of these at once."""

        def look() -> bool:
            shares: list[float] = self.page.evaluate(EAR, list(tones))
            return min(shares) > 0.25

        eventually(look, f"the board's page hears {tones}", timeout=30)

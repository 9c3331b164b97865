"""`callcart up` whose voice process knows accounts of plain telephones, for the load is no browser; all else is the product's own. As a
program: the whole installation, or, with the word `voice`, that process.
"""

from __future__ import annotations

import sys

from bench._calls_process import PLAIN
from callcart.processes import up, voice


def main() -> None:
    if sys.argv[1:] == ["voice"]:
        voice.serve(softphone=PLAIN)
        return
    usual = up._command

    def command(*words: str) -> tuple[str, ...]:
        return (sys.executable, "-m", "chaos.installation", "voice") if words == ("voice",) else usual(*words)

    up._command = command
    up.run()


if __name__ == "__main__":
    main()

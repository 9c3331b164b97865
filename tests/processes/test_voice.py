"""One voice process for each Asterisk."""

from __future__ import annotations

import pytest

from callcart.config import ConfigurationError, config
from callcart.processes import voice
from callcart.processes.identity import locked


def test_a_second_voice_process_refuses_and_says_why() -> None:
    with (
        locked(config().path("run", "voice.lock")),
        pytest.raises(ConfigurationError, match="already for this Asterisk"),
    ):
        voice.serve()

"""Everybody who talks: started, stopped, and asked at the end what they were told. Visitors and writers of mails live in this process,
the others in processes of the installation.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import Any

from chaos.judge_calls import Calls
from chaos.judge_written import Said
from chaos.letters import Post
from chaos.plan import Blow, Crowd
from chaos.visitors import Visitor
from tests.journeys.system import System

LONGEST = 200  # seconds that a process may take to end


class Child:
    """A process of the installation that is told lines and tells lines of JSON."""

    def __init__(self, system: System, module: str, *arguments: str) -> None:
        self.name = module
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"chaos.{module}", *arguments],
            env=system.environment,
            cwd=system.home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def heard(self) -> Any:
        """The next thing it says. Raises RuntimeError where it has ended."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended with {self._process.wait(10)}")
        return json.loads(line)

    def tell(self, what: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def ask(self, what: object) -> Any:
        self.tell(what)
        return self.heard()

    def end(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()


@dataclass
class Told:
    """What all of them know at the end. `answers`: of agents by message id."""

    visitors: list[Visitor]
    said: Said
    answers: dict[str, str]
    calls: Calls


class Load:
    """`with Load(…) as load`: all of them talk; `stop` lets them end, `told` says what they know."""

    def __init__(self, system: System, crowd: Crowd, agents: int) -> None:
        self._system, self._crowd = system, crowd
        self._stop = threading.Event()
        self._post = Post(crowd.mails)
        self._children: list[Child] = []
        self._agents = self._child("agents", str(agents), *(["calls"] if crowd.calls else []))
        accounts = self._agents.heard()["accounts"]
        self._texters = self._child("texters", str(crowd.texts))
        self._telephones: Child | None = None
        if crowd.calls:
            self._telephones = self._child("telephones")
            self._telephones.tell(
                {"sip_port": system.port("sip"), "accounts": accounts, "callers": crowd.calls}
            )
            self._telephones.heard()
        self.visitors: list[Visitor] = []

    def __enter__(self) -> Load:
        self._system.python(self._post.line())
        self._texters.heard()
        self._post.start()
        self.add_visitors(self._crowd.chats)
        return self

    def __exit__(self, *_what: object) -> None:
        self._stop.set()
        for child in self._children:
            child.end()
        self._post.close()

    def after(self, blow: Blow) -> None:
        """Whoever had a connection to a process that died notices: telephones, at the end of Asterisk."""
        if self._telephones is not None and blow.process == "asterisk":
            self._telephones.tell("asterisk died")

    def stop(self) -> None:
        """Nobody says anything new."""
        self._stop.set()
        self._post.stop()
        if self._telephones is not None:
            self._calls = self._telephones.ask("stop")["calls"]
        self._texts = [tuple(each) for each in self._texters.ask("stop")["said"]]
        for visitor in self.visitors:
            visitor.join(20)

    def told(self) -> Told:
        """Once the agents have ended too."""
        agents = self._agents.ask("stop")
        got = [tuple(each) for each in self._texters.ask("tell")["got"]]
        said = Said(self._post.said(), self._post.delivered(), self._texts, got)
        calls = Calls.of(self._calls if self._telephones else [], agents["ended"])
        return Told(self.visitors, said, agents["said"], calls)

    def add_visitors(self, count: int) -> None:
        """So many more chat."""
        line = self._system.rows(
            "SELECT l.id FROM messaging_line l JOIN tenants_tenant t ON t.id = l.tenant_id"
            " WHERE l.channel = 'chat' AND t.slug = 'harbor'"
        )[0]["id"]
        port, first = self._system.port("web"), len(self.visitors)
        base, host = f"https://127.0.0.1:{port}/chat/{line}/", f"harbor.localhost:{port}"
        for number in range(first, first + count):
            self.visitors.append(Visitor(number, base, host, self._stop))
            self.visitors[-1].start()

    def _child(self, module: str, *arguments: str) -> Child:
        child = Child(self._system, module, *arguments)
        self._children.append(child)
        return child

"""Real mail servers in threads of their own, on any free port of this machine: aiosmtpd, and pymap for IMAP with its mailbox in memory."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from argparse import Namespace
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from imapclient import IMAPClient
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer
from pysasl.hashing import BuiltinHash

USER, PASSWORD = "help@shop.example", "p@ss wörd"


class Imap:
    """An IMAP server with one user. `tls`: `tls`, `starttls` or `none`."""

    def __init__(self, context: ssl.SSLContext | None, tls: str = "none") -> None:
        self.tls, self._context = tls, context
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self.connections = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        ready: Future[int] = Future()
        self._ready = ready
        self._thread.start()
        self.port = ready.result(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.run_forever()
        self._loop.close()

    async def _serve(self) -> None:
        args = Namespace(host="127.0.0.1", port=0, debug=False, cert=None, key=None, tls=self.tls == "starttls", passlib_cfg=None,
                         proxy_protocol=None, demo_data=False, demo_user=USER, demo_password=PASSWORD)  # fmt: skip
        backend, config = await DictBackend.init(
            args, ssl_context=self._context, invalid_user_sleep=0.0, hash_context=BuiltinHash(rounds=1)
        )
        config.apply_context()
        self.backend = backend
        serve = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(backend.login, config))
        await self._listen(serve, 0)
        self._ready.set_result(self._server.sockets[0].getsockname()[1])

    async def _listen(self, serve: Callable[..., Any], port: int) -> None:
        self._callback = serve

        async def counted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.connections += 1
            self._writers.add(writer)
            await serve(reader, writer)

        self._server = await asyncio.start_server(
            counted, "127.0.0.1", port, ssl=self._context if self.tls == "tls" else None, limit=2**20
        )

    def client(self, trusting: ssl.SSLContext | None = None) -> IMAPClient:
        """Somebody else with the same mailbox open."""
        client = IMAPClient("127.0.0.1", self.port, ssl=self.tls == "tls", ssl_context=trusting, timeout=20)
        if self.tls == "starttls":
            client.starttls(trusting)
        client.plain_login(USER, PASSWORD)
        return client

    def put(self, *mails: bytes, folder: str = "INBOX", trusting: ssl.SSLContext | None = None) -> None:
        """Mails that come into a folder."""
        with self.client(trusting) as client:
            for each in mails:
                client.append(folder, each)

    def cut(self) -> None:
        """Every connection breaks."""
        self._do(self._cut())

    def shut(self) -> None:
        """Nobody answers at the port any more."""
        self._do(self._shut())

    def reopen(self) -> None:
        """The same mailbox at the same port again."""
        self._do(self._listen(self._callback, self.port))

    def stop(self) -> None:
        self._do(self._shut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _shut(self) -> None:
        self._server.close()
        await self._cut()

    def _do(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)


class Received:
    """Keeps what arrives; answers as it is told to by the name before the @."""

    ANSWERS = {
        "nobody": "550 5.1.1 no such mailbox",
        "full": "452 4.2.2 mailbox full",
        "auth": "530 5.7.0 sign in first",
    }

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.answer = "250 OK"

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        if refusal := self.ANSWERS.get(address.partition("@")[0]):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        self.mails.append(envelope)
        return self.answer


def smtp(**options: Any) -> tuple[Controller, Received]:
    """A mail server that is running; `options` are aiosmtpd's."""
    received = Received()

    class OnAnyPort(Controller):
        def factory(self) -> SMTP:
            return SMTP(self.handler, hostname="mail.test", **options)

        def _trigger_server(self) -> None:
            assert self.server is not None
            self.port = self.server.sockets[0].getsockname()[1]  # it asked for any
            super()._trigger_server()

    implicit = options.pop("implicit", None)
    server = OnAnyPort(received, hostname="127.0.0.1", port=0, ssl_context=implicit)
    server.start()
    return server, received


class Spoken:
    """An IMAP server with one mail, which comes while its client idles and is told of as it is said: `before` it agrees, and `after`,
    at once with the answer; the rest of a line a little later."""

    def __init__(self, before: bytes, after: bytes) -> None:
        self._before, self._after, self._come = before, after, False
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.values = {"imap_host": "127.0.0.1", "imap_port": str(self._socket.getsockname()[1]), "imap_tls": "none", "imap_user": "x",
                       "imap_password": "y", "smtp_host": "127.0.0.1", "smtp_port": "1", "smtp_tls": "none"}  # fmt: skip
        self.connections = 0
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                connection, _peer = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            with connection, connection.makefile("rb") as lines:
                connection.sendall(b"* OK hello\r\n")
                for line in lines:
                    tag, _space, command = line.strip().partition(b" ")
                    connection.sendall(self._answer(tag, command.upper()))
                    if self._come and command.upper() == b"IDLE" and not self._after.endswith(b"\n"):
                        time.sleep(0.05)
                        connection.sendall(b"STS\r\n" if self._after else b"")

    def _answer(self, tag: bytes, command: bytes) -> bytes:
        done = tag + b" OK done\r\n"
        if command == b"IDLE":
            self._come, self._tag = True, tag
            return self._before + b"+ idling\r\n" + self._after
        if tag.upper() == b"DONE":
            return self._tag + b" OK done\r\n"
        if command == b"CAPABILITY":
            return b"* CAPABILITY IMAP4rev1 IDLE\r\n" + done
        if command.startswith((b"EXAMINE", b"SELECT")):
            return b"* 0 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 1] x\r\n" + done
        if b"SEARCH" in command:
            return (b"* SEARCH 1\r\n" if self._come else b"* SEARCH\r\n") + done
        if b"RFC822.SIZE" in command:
            return b"* 1 FETCH (UID 1 RFC822.SIZE 40)\r\n" + done
        if b"FETCH" in command:
            mail = b"From: a@example.com\r\nMessage-ID: <a1@example.com>\r\n\r\nx"
            return b"* 1 FETCH (UID 1 BODY[] {%d}\r\n%s)\r\n" % (len(mail), mail) + done
        return done

    def close(self) -> None:
        self._socket.close()


class Script:
    """A server that says what it is told to: `steps` are answers, each given when the client has said what ends with the bytes before
    it. It hangs up after the last one."""

    def __init__(self, *steps: tuple[bytes, bytes]) -> None:
        self._steps = steps
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.heard = b""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        connection, _peer = self._socket.accept()
        with connection:
            connection.settimeout(20)
            for wanted, answer in self._steps:
                if wanted and not self._hears(connection, wanted):
                    return
                connection.sendall(answer)

    def _hears(self, connection: socket.socket, wanted: bytes) -> bool:
        heard = b""
        while wanted.lower() not in heard.lower():
            piece = connection.recv(65536)
            if not piece:
                return False
            heard += piece
            self.heard += piece
        return True

    def close(self) -> None:
        self._socket.close()
        self._thread.join(5)

"""A mail server that takes everything and remembers it, on a port of this machine."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import cast


@dataclass
class Postbox:
    """What arrived, in order. `url` is the server's, as `EMAIL_URL` wants it."""

    url: str = ""
    mails: list[EmailMessage] = field(default_factory=list)


class _Conversation(socketserver.StreamRequestHandler):
    """One SMTP session (RFC 5321), as much of it as Django's backend speaks."""

    def handle(self) -> None:
        try:
            self._talk()
        except ConnectionError:
            return  # the sender was killed

    def _talk(self) -> None:
        self._say("220 postbox")
        while line := self.rfile.readline():
            verb = line[:4].strip().upper()
            if verb == b"QUIT":
                self._say("221 bye")
                return
            if verb == b"DATA":
                self._say("354 go on")
                if (mail := self._read_mail()) is None:
                    return
                cast("_Server", self.server).postbox.mails.append(mail)
            self._say("250 ok")

    def _read_mail(self) -> EmailMessage | None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line.endswith(b"\r\n"):
                return None  # cut off: never taken
            lines.append(line.removeprefix(b"."))
        policy = email.policy.default
        return email.message_from_bytes(b"".join(lines), policy=policy)

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    postbox: Postbox


@contextmanager
def postbox() -> Iterator[Postbox]:
    """A running server and what it takes."""
    with _Server(("127.0.0.1", 0), _Conversation) as server:
        server.postbox = Postbox(f"smtp://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.postbox
        finally:
            server.shutdown()
            thread.join(10)

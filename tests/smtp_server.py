"""A small real mail server (RFC 5321) that does as it is told: takes, refuses, stalls, hangs up.

`with SmtpServer() as server:` listens on a free local port. `server.plan` says what happens to
the next messages, in order; without a plan each one is taken. Standard library only.
"""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from collections import deque
from dataclasses import dataclass, field
from email.message import EmailMessage
from types import TracebackType
from typing import Any


@dataclass(frozen=True)
class Received:
    """One message that the server has in full, whatever it answered."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The message, parsed."""
        parsed = email.message_from_bytes(
            self.raw, _class=EmailMessage, policy=email.policy.default
        )
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def message_id(self) -> str:
        """Its Message-ID."""
        return str(self.message["Message-ID"]).strip()


@dataclass
class SmtpServer:
    """A mail server of one's own.

    Entries of `plan`: "accept"; "drop" (hang up after the data, without an answer); "stall"
    (answer nothing after the data until `release`); "rcpt 450", "rcpt 550" (refuse the
    recipient); "data 451", "data 554" (refuse the message once it is there).
    """

    plan: deque[str] = field(default_factory=deque)
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    def __post_init__(self) -> None:
        self.has_data = threading.Event()
        self._released = threading.Event()

    def __enter__(self) -> SmtpServer:
        outer = self

        class Handler(_Handler):
            owner = outer

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            block_on_close = False

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """For EMAIL_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    def use(self, settings: Any) -> None:
        """Have Django send its mail here (pytest-django's `settings`)."""
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", self.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_TIMEOUT = 1

    def release(self) -> None:
        """Let go of whoever is stalled: hang up without an answer."""
        self._released.set()


class _Handler(socketserver.StreamRequestHandler):
    owner: SmtpServer

    def handle(self) -> None:
        self.owner.connections += 1
        self._answer("220 mail.example ready")
        sender, step = "", "accept"
        recipients: list[str] = []
        while line := self.rfile.readline():
            verb, _space, rest = line.decode("ascii", "replace").strip().partition(" ")
            match verb.upper():
                case "EHLO" | "HELO":
                    self._answer("250 mail.example")
                case "MAIL":
                    sender, recipients = _address(rest), []
                    step = self.owner.plan.popleft() if self.owner.plan else "accept"
                    self._answer("250 ok")
                case "RCPT" if step.startswith("rcpt"):
                    self._answer(f"{step[5:]} no such luck for {_address(rest)}")
                case "RCPT":
                    recipients.append(_address(rest))
                    self._answer("250 ok")
                case "DATA":
                    self._answer("354 go on")
                    raw = self._data()
                    if raw is None:  # the sender died in the middle
                        return
                    self.owner.received.append(Received(sender, tuple(recipients), raw))
                    self.owner.has_data.set()
                    if step == "stall":
                        self.owner._released.wait(60)
                    if step in ("drop", "stall"):
                        return
                    self._answer(
                        f"{step[5:]} not taken" if step.startswith("data") else "250 taken"
                    )
                case "RSET" | "NOOP":
                    self._answer("250 ok")
                case "QUIT":
                    self._answer("221 bye")
                    return
                case _:
                    self._answer("502 not known")

    def _answer(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def _data(self) -> bytes | None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return None
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)


def _address(argument: str) -> str:
    return argument.partition(":")[2].split(" ")[0].strip("<>")

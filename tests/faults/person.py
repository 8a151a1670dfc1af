"""A person who files requests over HTTP and does not give up when the server vanishes.

Whatever breaks, the person opens the form again with the same cookie and goes on from where the
portal says it stands, as one would in a browser. What the portal confirmed is remembered.
"""

from __future__ import annotations

import hashlib
import http.client
import re
import secrets
import time
import uuid
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
CHOOSER = re.compile(r'<input type="file" name="([^"]+)"')
CODE = re.compile(r'id="case-number"[^>]*>\s*([0-9-]{14})')
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
ANSWERS = {
    "region": {"regime": "appi"},
    "want": {"want": "see"},
    "why": {"reason": "mine"},
    "requester": {"role": "self"},
    "principal": {
        "name": "見本 花子",
        "birth_date_year": "1988",
        "birth_date_month": "3",
        "birth_date_day": "15",
    },
    "address": {"address": "東京都千代田区見本町4-5-6"},
    "contact": {},
    "scope": {"items": "登録内容と注文の記録"},
    "method": {"chosen": "electronic_record:portal_download"},
}


class Stuck(AssertionError):
    """The form does not lead on although the server is well."""


@dataclass
class Trial:
    """One request as the person saw it.

    Attributes:
        email: tells the requests apart.
        files: digests of the files whose upload was confirmed.
        confirmed: the server said that the request was received.
        number: the case number on the receipt, once it could be read.
        troubles: how often an answer did not come.
    """

    email: str
    files: list[str] = field(default_factory=list)
    confirmed: bool = False
    number: str = ""
    troubles: int = 0


class Person:
    """One browser's worth of cookies, and the will to get the request through."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.cookies: dict[str, str] = {}
        self.trial = Trial(email=f"{uuid.uuid4().hex}@person.example")

    def files_a_request(self) -> Trial:
        """Go on until the receipt was read. Stuck: that leads nowhere."""
        path = "/request/"
        began = time.monotonic()
        while not self.trial.number:
            try:
                path = self._one_page(path)
            except (OSError, http.client.HTTPException):
                self.trial.troubles += 1
                path = "/request/"
                time.sleep(0.1)
            if time.monotonic() - began > 120:
                raise Stuck(path)
        return self.trial

    def _one_page(self, path: str) -> str:
        """Read the page at `path`, do what it asks, and return where to go next."""
        status, where, text = self._ask("GET", path)
        if where:
            return where
        if status != 200:
            raise Stuck(f"{status} at {path}")
        step = path.partition("?")[0].rstrip("/").rpartition("/")[2]
        if step == "receipt":
            self.trial.confirmed = True
            self.trial.number = CODE.findall(text)[0].replace("-", "")
            return path
        if step == "about":
            return re.findall(r'class="button button-primary" href="([^"]+)"', text)[0]
        hidden = dict(HIDDEN.findall(text))
        if step == "attachments":
            return self._attach(path, hidden, CHOOSER.findall(text)[0])
        answers = {**ANSWERS.get(step, {}), **hidden, "consent": "on"}
        if step == "contact":
            answers["email"] = self.trial.email
        status, where, text = self._ask("POST", path, urlencode(answers).encode())
        if not where:
            problems = re.findall(r"Error:[^<]*</span>([^<]*)", text) or text
            raise Stuck(f"{status} at {path}: {problems}")
        if step == "check" and where.endswith("/receipt/"):
            self.trial.confirmed = True
        return where

    def _attach(self, path: str, hidden: dict[str, str], chooser: str) -> str:
        """Attach a picture that nobody else has."""
        picture = PNG + secrets.token_bytes(60_000)
        boundary = secrets.token_hex(16)
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in hidden.items()
        ]
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{chooser}"; '
            'filename="a.png"\r\n'
            "Content-Type: image/png\r\n\r\n"
        )
        body = "".join([*parts, head]).encode() + picture + f"\r\n--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        status, where, _text = self._ask("POST", path, body, kind)
        if not where:
            raise Stuck(f"{status} at {path}")
        self.trial.files.append(hashlib.sha256(picture).hexdigest())
        return where

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        kind: str = "application/x-www-form-urlencoded",
    ) -> tuple[int, str, str]:
        """Status, where it redirects to (or `""`), and the page.

        Raises OSError or HTTPException when the answer does not come whole.
        """
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = kind
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return answer.status, answer.headers.get("Location") or "", text

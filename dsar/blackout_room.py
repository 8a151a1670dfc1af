"""The closed room in which files from outside are taken apart: a process with limits.

A file that makes a library crash, loop or fill the memory ends that process, not the portal's.
Content goes through pipes, never over the disk. Run as `python -m dsar.blackout_room`.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

from dsar.blackout import Box, Refused

MEMORY = 3 * 1024**3
SECONDS = 600
_HOME = Path(__file__).parent.parent
# None of the portal's secrets.
_ENVIRONMENT = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"}


def clean_pdf(data: bytes, boxes: Iterable[Box], *, as_pictures: bool = False) -> bytes:
    """See `blackout_files.clean_pdf`."""
    return _ask("clean_pdf", data, boxes, as_pictures=as_pictures)[1]


def clean_image(data: bytes, boxes: Iterable[Box]) -> tuple[bytes, str]:
    """See `blackout_files.clean_image`."""
    said, made = _ask("clean_image", data, boxes)
    return made, str(said["type"])


def pages_of(data: bytes) -> int:
    """See `blackout_files.pages_of`."""
    return int(_ask("pages_of", data)[0]["pages"])


def show_pdf(data: bytes, page: int, boxes: Iterable[Box], **more: int) -> bytes:
    """See `blackout_files.show_pdf`."""
    said, made = _ask("show_pdf", data, boxes, page=page, more=more)
    if said.get("no_page"):
        raise IndexError(page)
    return made


def show_image(data: bytes, boxes: Iterable[Box], **more: int) -> bytes:
    """See `blackout_files.show_image`."""
    return _ask("show_image", data, boxes, more=more)[1]


def _ask(
    what: str, data: bytes, boxes: Iterable[Box] = (), **more: Any
) -> tuple[dict[str, Any], bytes]:
    places = [[box.page, box.left, box.top, box.width, box.height] for box in boxes]
    job = json.dumps({"what": what, "boxes": places, **more}).encode()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "dsar.blackout_room"],
            input=len(job).to_bytes(4, "big") + job + data,
            capture_output=True,
            timeout=SECONDS,
            check=True,
            cwd=_HOME,
            env=_ENVIRONMENT,
        )
    except subprocess.TimeoutExpired as error:
        raise Refused("too_big") from error
    except subprocess.CalledProcessError as error:
        raise Refused("broken") from error
    said, made = _unpacked(done.stdout)
    if "refused" in said:
        raise Refused(said["refused"])
    return said, made


def _unpacked(stream: bytes) -> tuple[dict[str, Any], bytes]:
    cut = 4 + int.from_bytes(stream[:4], "big")
    return json.loads(stream[4:cut]), stream[cut:]


def _answer(stream: bytes) -> tuple[dict[str, Any], bytes]:
    """Do what is asked, inside the room."""
    from dsar import blackout_files  # the libraries that open files are loaded in here only

    job, data = _unpacked(stream)
    boxes = [Box(*place) for place in job["boxes"]]
    try:
        match job["what"]:
            case "clean_pdf":
                made = blackout_files.clean_pdf(data, boxes, as_pictures=job["as_pictures"])
                return {}, made
            case "clean_image":
                made, kind = blackout_files.clean_image(data, boxes)
                return {"type": kind}, made
            case "pages_of":
                return {"pages": blackout_files.pages_of(data)}, b""
            case "show_pdf":
                return {}, blackout_files.show_pdf(data, job["page"], boxes, **job["more"])
            case _:
                return {}, blackout_files.show_image(data, boxes, **job["more"])
    except Refused as refused:
        return {"refused": refused.code}, b""
    except IndexError:
        return {"no_page": True}, b""


def main(given: BinaryIO, out: BinaryIO) -> None:
    """Read one job, answer it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    said, made = _answer(given.read())
    head = json.dumps(said).encode()
    out.write(len(head).to_bytes(4, "big") + head + made)


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)

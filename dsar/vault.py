"""The only door for personal bytes at rest.

Envelope encryption: each case has one 256-bit data key, kept only wrapped by a key-encryption
key from the environment. Everything personal of the case is sealed with AES-256-GCM (NIST SP
800-38D) under that key, bound to the place it stands in by the associated data, so a value can be
moved neither to another case nor to another column unnoticed. Destroying the wrapped key
makes the content unreadable everywhere, backups included.

Exact search goes over a keyed blind index (HMAC-SHA256) of normalised values.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import struct
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

KEY_BYTES = 32
NONCE_BYTES = 12
INDEX_BYTES = 16
CHUNK_BYTES = 64 * 1024
_STREAM_MAGIC = b"MDG1"
_STREAM_PREFIX_BYTES = 7
_TAG_BYTES = 16


class VaultError(Exception):
    """Something personal could not be sealed or opened; the message is safe to show."""


class KeyMissing(VaultError):
    """The key-encryption key named in a wrapped key is not in VAULT_KEYS."""


class KeyDestroyed(VaultError):
    """The data key was destroyed on purpose (erasure); the content is gone for good."""


class Tampered(VaultError):
    """The ciphertext was altered, cut short, moved, or sealed under another key."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """One case's data key, in memory only."""

    material: bytes

    def __repr__(self) -> str:
        return "DataKey(…)"

    def seal(self, plain: bytes, place: str) -> bytes:
        """Encrypt `plain` for one `place` (e.g. "Person.name"): nonce, ciphertext, tag."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(self.material).encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Decrypt what `seal` made for the same `place`.

        Raises:
            Tampered: altered, moved from another place or case, or another key.
        """
        try:
            return AESGCM(self.material).decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode()
            )
        except (InvalidTag, ValueError) as error:
            raise Tampered(f"{place}: the stored value was altered or moved") from error

    def seal_stream(self, chunks: Iterable[bytes], place: str) -> Iterator[bytes]:
        """Encrypt a file piece by piece; memory stays flat.

        The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015): every piece's nonce
        holds a random prefix, its position and whether it is the last one, so pieces can be
        neither cut off, swapped nor mixed between files.
        """
        cipher = AESGCM(self.material)
        prefix = os.urandom(_STREAM_PREFIX_BYTES)
        yield _STREAM_MAGIC + prefix
        position = 0
        held: bytes | None = None
        for piece in _in_pieces(chunks):
            if held is not None:
                yield cipher.encrypt(_piece_nonce(prefix, position, False), held, place.encode())
                position += 1
            held = piece
        yield cipher.encrypt(_piece_nonce(prefix, position, True), held or b"", place.encode())

    def open_stream(self, chunks: Iterable[bytes], place: str) -> Iterator[bytes]:
        """Decrypt what `seal_stream` made; each piece is checked before it is given out.

        Raises:
            Tampered: altered, cut short, reordered, or of another file or case.
        """
        cipher = AESGCM(self.material)
        pieces = _in_pieces(chunks, first=len(_STREAM_MAGIC) + _STREAM_PREFIX_BYTES)
        header = next(pieces, b"")
        if len(header) != len(_STREAM_MAGIC) + _STREAM_PREFIX_BYTES or not header.startswith(
            _STREAM_MAGIC
        ):
            raise Tampered(f"{place}: not a sealed file")
        prefix = header[len(_STREAM_MAGIC) :]
        position = 0
        held: bytes | None = None
        for piece in pieces:
            if held is not None:
                yield _open_piece(cipher, prefix, position, False, held, place)
                position += 1
            held = piece
        if held is None:
            raise Tampered(f"{place}: the file was cut short")
        yield _open_piece(cipher, prefix, position, True, held, place)


def _in_pieces(chunks: Iterable[bytes], first: int = 0) -> Iterator[bytes]:
    """Re-cut `chunks`: plain pieces of CHUNK_BYTES, or after a `first` header sealed pieces."""
    size = first or CHUNK_BYTES
    following = CHUNK_BYTES + _TAG_BYTES if first else CHUNK_BYTES
    buffer = bytearray()
    for chunk in chunks:
        buffer += chunk
        while len(buffer) >= size:
            yield bytes(buffer[:size])
            del buffer[:size]
            size = following
    if buffer:
        yield bytes(buffer)


def _piece_nonce(prefix: bytes, position: int, last: bool) -> bytes:
    return prefix + struct.pack(">IB", position, last)


def _open_piece(
    cipher: AESGCM, prefix: bytes, position: int, last: bool, sealed: bytes, place: str
) -> bytes:
    try:
        return cipher.decrypt(_piece_nonce(prefix, position, last), sealed, place.encode())
    except (InvalidTag, ValueError) as error:
        raise Tampered(f"{place}: the file was altered or cut short") from error


@lru_cache(maxsize=1)
def _ring(keys: tuple[tuple[str, bytes], ...]) -> dict[str, bytes]:
    return dict(keys)


def _wrapping_keys() -> dict[str, bytes]:
    """Key-encryption keys by name, newest first."""
    return _ring(tuple(settings.VAULT_KEYS))


def new_key(owner: str) -> tuple[DataKey, bytes]:
    """A fresh data key and its wrapped form, bound to `owner` (the key row's id)."""
    key = DataKey(os.urandom(KEY_BYTES))
    return key, wrap(key, owner)


def wrap(key: DataKey, owner: str) -> bytes:
    """Wrap a data key under the newest key-encryption key: name length, name, nonce, ciphertext."""
    name, material = next(iter(_wrapping_keys().items()))
    nonce = os.urandom(NONCE_BYTES)
    label = name.encode()
    sealed = AESGCM(material).encrypt(nonce, key.material, label + owner.encode())
    return bytes([len(label)]) + label + nonce + sealed


def unwrap(wrapped: bytes, owner: str) -> DataKey:
    """The data key inside `wrapped`.

    Raises:
        KeyDestroyed: the wrapped key was destroyed.
        KeyMissing: VAULT_KEYS lacks the key it was wrapped with.
        Tampered: the wrapped key was altered or belongs to another owner.
    """
    if not wrapped:
        raise KeyDestroyed("the key was destroyed; the content can no longer be read")
    length = wrapped[0]
    label = wrapped[1 : 1 + length]
    name = label.decode(errors="replace")
    material = _wrapping_keys().get(name)
    if material is None:
        raise KeyMissing(f"VAULT_KEYS lacks the key {name!r}, which some content was sealed with")
    nonce, sealed = wrapped[1 + length :][:NONCE_BYTES], wrapped[1 + length + NONCE_BYTES :]
    try:
        return DataKey(AESGCM(material).decrypt(nonce, sealed, label + owner.encode()))
    except (InvalidTag, ValueError) as error:
        raise Tampered(f"a data key does not open with the key {name!r}: wrong key?") from error


def normalise(field: str, value: str) -> str:
    """The form in which two spellings of the same value are equal, for exact search.

    NFKC, case, white space; katakana read as hiragana; phone numbers to their national digits.
    """
    folded = unicodedata.normalize("NFKC", value).casefold()
    if field == "phone":
        digits = "".join(ch for ch in folded if ch.isdigit())
        if folded.lstrip().startswith("+81") and digits.startswith("81"):
            digits = "0" + digits[2:].removeprefix("0")
        return digits
    folded = "".join(folded.split())
    folded = "".join(chr(ord(ch) - 0x60) if "ァ" <= ch <= "ヶ" else ch for ch in folded)
    # Without the white space between them, letter and accent may join: fold until nothing changes.
    return folded if folded == value else normalise(field, folded)


def blind_index(field: str, value: str) -> bytes:
    """A 16-byte keyed token of the normalised value: equal values, equal tokens, nothing else."""
    return keyed_digest(f"index:{field}", normalise(field, value))[:INDEX_BYTES]


def keyed_digest(purpose: str, secret: str) -> bytes:
    """HMAC-SHA256 of a secret for one purpose; how codes and tokens are kept."""
    return hmac.new(settings.INDEX_KEY, f"{purpose}\0{secret}".encode(), hashlib.sha256).digest()


def new_token() -> str:
    """A secret for a link: 256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def same(left: bytes, right: bytes) -> bool:
    """Compare two digests in constant time."""
    return hmac.compare_digest(left, right)

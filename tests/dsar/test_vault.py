"""Nothing personal is read by who should not, and no change of it goes unnoticed."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsar import vault

KEY = vault.DataKey(bytes(range(32)))
OTHER = vault.DataKey(bytes(range(1, 33)))
CHUNK = vault.CHUNK_BYTES
HEADER = 11
PIECE = CHUNK + 16


def sealed_file(plain: bytes, key: vault.DataKey = KEY, place: str = "file") -> bytes:
    return b"".join(key.seal_stream([plain], place))


def opened_file(sealed: bytes, key: vault.DataKey = KEY, place: str = "file") -> bytes:
    return b"".join(key.open_stream([sealed], place))


# --- Values -------------------------------------------------------------------------------
@given(plain=st.binary(max_size=300), place=st.text(max_size=30))
def test_what_was_sealed_opens_again_at_its_place(plain: bytes, place: str) -> None:
    assert KEY.open(KEY.seal(plain, place), place) == plain


def test_the_same_value_is_never_sealed_to_the_same_bytes() -> None:
    assert KEY.seal("見本 花子".encode(), "Person.name") != KEY.seal(
        "見本 花子".encode(), "Person.name"
    )


@given(plain=st.binary(max_size=60), data=st.data())
def test_a_single_changed_bit_anywhere_is_found(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(KEY.seal(plain, "Person.name"))
    position = data.draw(st.integers(0, len(sealed) - 1))
    sealed[position] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(vault.Tampered):
        KEY.open(bytes(sealed), "Person.name")


@given(plain=st.binary(max_size=60), data=st.data())
def test_a_value_that_was_cut_short_is_found(plain: bytes, data: st.DataObject) -> None:
    sealed = KEY.seal(plain, "Person.name")
    with pytest.raises(vault.Tampered):
        KEY.open(sealed[: data.draw(st.integers(0, len(sealed) - 1))], "Person.name")


def test_a_value_moved_to_another_column_is_found() -> None:
    sealed = KEY.seal(b"x", "Person.name")
    with pytest.raises(vault.Tampered, match=r"Person\.email"):
        KEY.open(sealed, "Person.email")


def test_a_value_moved_to_another_case_is_found() -> None:
    sealed = KEY.seal(b"x", "Person.name")
    with pytest.raises(vault.Tampered):
        OTHER.open(sealed, "Person.name")


def test_a_key_does_not_show_itself() -> None:
    assert "0" not in repr(KEY)
    assert KEY.material.hex() not in f"{KEY}"


# --- Files --------------------------------------------------------------------------------
@settings(max_examples=60, deadline=None)
@given(
    size=st.one_of(
        st.integers(0, 40),
        st.integers(0, 3).map(lambda n: n * CHUNK),
        st.integers(1, 3).map(lambda n: n * CHUNK - 1),
        st.integers(0, 2).map(lambda n: n * CHUNK + 1),
    ),
    cuts=st.lists(st.integers(1, 3 * CHUNK), max_size=6),
)
def test_a_file_of_any_length_in_any_pieces_opens_again(size: int, cuts: list[int]) -> None:
    plain = (os.urandom(257) * (size // 257 + 1))[:size]

    def pieces(whole: bytes) -> list[bytes]:
        found, at = [], 0
        for cut in cuts:
            found.append(whole[at : at + cut])
            at += cut
        return [*found, whole[at:]]

    sealed = b"".join(KEY.seal_stream(pieces(plain), "file"))
    assert b"".join(KEY.open_stream(pieces(sealed), "file")) == plain
    assert len(sealed) == HEADER + size + 16 * max(1, -(-size // CHUNK))


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_a_file_cut_off_anywhere_is_found(size: int) -> None:
    sealed = sealed_file(b"x" * size)
    boundaries = range(HEADER, len(sealed), PIECE)
    for length in {0, 1, HEADER - 1, HEADER, len(sealed) - 1, *boundaries}:
        with pytest.raises(vault.Tampered):
            opened_file(sealed[:length])


def test_a_file_with_a_changed_byte_is_found_before_that_piece_is_given_out() -> None:
    sealed = bytearray(sealed_file(b"a" * CHUNK + b"b" * CHUNK))
    sealed[HEADER + PIECE + 5] ^= 1
    given_out = KEY.open_stream([bytes(sealed)], "file")

    assert next(given_out) == b"a" * CHUNK
    with pytest.raises(vault.Tampered):
        next(given_out)


def test_swapped_pieces_of_a_file_are_found() -> None:
    sealed = sealed_file(b"a" * CHUNK + b"b" * CHUNK + b"c")
    head, first, second, rest = (
        sealed[:HEADER],
        sealed[HEADER : HEADER + PIECE],
        sealed[HEADER + PIECE : HEADER + 2 * PIECE],
        sealed[HEADER + 2 * PIECE :],
    )
    with pytest.raises(vault.Tampered):
        opened_file(head + second + first + rest)
    with pytest.raises(vault.Tampered):
        opened_file(head + first + rest)
    with pytest.raises(vault.Tampered):
        opened_file(head + first + first + second + rest)
    with pytest.raises(vault.Tampered):
        opened_file(sealed + rest)


def test_pieces_of_two_files_cannot_be_mixed() -> None:
    one, two = sealed_file(b"a" * (CHUNK + 1)), sealed_file(b"b" * (CHUNK + 1))
    with pytest.raises(vault.Tampered):
        opened_file(one[: HEADER + PIECE] + two[HEADER + PIECE :])


def test_a_file_moved_to_another_place_or_case_is_found() -> None:
    sealed = sealed_file(b"x")
    with pytest.raises(vault.Tampered):
        opened_file(sealed, place="another file")
    with pytest.raises(vault.Tampered):
        opened_file(sealed, key=OTHER)


def test_something_that_was_never_sealed_is_no_sealed_file() -> None:
    with pytest.raises(vault.Tampered, match="not a sealed file"):
        opened_file(b"%PDF-1.7 and so on and so on")


# --- Keys ---------------------------------------------------------------------------------
@pytest.fixture
def ring(settings: Any) -> Any:
    """Set VAULT_KEYS: names of keys, newest first."""

    def use(*names: str) -> None:
        settings.VAULT_KEYS = [(name, name.encode().ljust(32, b".")) for name in names]

    return use


def test_a_wrapped_key_opens_for_its_owner_only(ring: Any) -> None:
    ring("k1")
    key, wrapped = vault.new_key("case 1")

    assert vault.unwrap(wrapped, "case 1") == key
    assert key.material not in wrapped
    with pytest.raises(vault.Tampered):
        vault.unwrap(wrapped, "case 2")


def test_keys_are_wrapped_with_the_newest_key_and_old_ones_still_open(ring: Any) -> None:
    ring("k1")
    key, old = vault.new_key("case")
    ring("k2", "k1")

    assert vault.unwrap(old, "case") == key
    anew = vault.wrap(key, "case")
    ring("k2")
    assert vault.unwrap(anew, "case") == key


def test_a_missing_key_is_named(ring: Any) -> None:
    ring("k1")
    _key, wrapped = vault.new_key("case")
    ring("k2")
    with pytest.raises(vault.KeyMissing, match="k1"):
        vault.unwrap(wrapped, "case")


def test_another_key_under_the_same_name_is_noticed(ring: Any, settings: Any) -> None:
    ring("k1")
    _key, wrapped = vault.new_key("case")
    settings.VAULT_KEYS = [("k1", bytes(32))]
    with pytest.raises(vault.Tampered, match="wrong key"):
        vault.unwrap(wrapped, "case")


def test_a_destroyed_key_says_so() -> None:
    with pytest.raises(vault.KeyDestroyed):
        vault.unwrap(b"", "case")


@given(data=st.data())
def test_a_wrapped_key_that_was_altered_or_cut_never_opens(data: st.DataObject) -> None:
    _key, wrapped = vault.new_key("case")
    altered = bytearray(wrapped)
    altered[data.draw(st.integers(0, len(wrapped) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    cut = wrapped[: data.draw(st.integers(1, len(wrapped) - 1))]
    for damaged in (bytes(altered), cut):
        with pytest.raises(vault.VaultError):
            vault.unwrap(damaged, "case")


# --- Search -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("name", "見本 花子", "見本　花子"),
        ("name", "見本花子", " 見本 花子 "),
        ("kana", "ミホン ハナコ", "みほん はなこ"),
        ("kana", "ﾐﾎﾝ ﾊﾅｺ", "みほんはなこ"),
        ("email", "Hanako@Person.EXAMPLE", "hanako@person.example"),
        ("phone", "090-1234-5678", "09012345678"),
        ("phone", "０９０−１２３４−５６７８", "090 1234 5678"),
        ("phone", "+81 90-1234-5678", "090-1234-5678"),
        ("phone", "+81 (0)90-1234-5678", "090-1234-5678"),
        ("customer_number", "ａ-００１", "A-001"),
        ("name", "Straße", "STRASSE"),
        ("name", "Jose\u0301 Sample", "JOSÉ SAMPLE"),
        ("name", "A´", "á"),
    ],
)
def test_spellings_of_one_value_are_found_as_one(field: str, one: str, other: str) -> None:
    assert vault.blind_index(field, one) == vault.blind_index(field, other)


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("name", "高橋 花子", "髙橋 花子"),
        ("name", "見本 花子", "見本 華子"),
        ("kana", "はなこ", "はなご"),
        ("phone", "090-1234-5678", "090-1234-5679"),
        ("email", "a.b@person.example", "ab@person.example"),
    ],
)
def test_different_values_are_kept_apart(field: str, one: str, other: str) -> None:
    assert vault.blind_index(field, one) != vault.blind_index(field, other)


def test_equal_values_of_different_fields_have_different_tokens() -> None:
    assert vault.blind_index("name", "x") != vault.blind_index("kana", "x")


def test_tokens_depend_on_the_secret_key(settings: Any) -> None:
    before = vault.blind_index("name", "見本 花子")
    settings.INDEX_KEY = bytes(32)
    assert vault.blind_index("name", "見本 花子") != before
    assert len(before) == vault.INDEX_BYTES


@given(field=st.sampled_from(["name", "kana", "email", "phone"]), value=st.text(max_size=40))
def test_folding_a_folded_value_changes_nothing(field: str, value: str) -> None:
    once = vault.normalise(field, value)
    assert vault.normalise(field, once) == once


def test_digests_for_different_purposes_differ() -> None:
    assert vault.keyed_digest("receipt", "x") != vault.keyed_digest("confirm", "x")
    assert vault.same(vault.keyed_digest("a", "x"), vault.keyed_digest("a", "x"))
    assert not vault.same(vault.keyed_digest("a", "x"), vault.keyed_digest("a", "y"))


def test_link_tokens_are_long_and_never_repeat() -> None:
    tokens = {vault.new_token() for _ in range(200)}
    assert len(tokens) == 200
    assert min(map(len, tokens)) >= 43

"""Those who ask: made-up people whose names say so, at addresses that nobody has.

Mail goes to `.example` and `example.jp`, which are reserved (RFC 2606, JPRS).
"""

from __future__ import annotations

_JAPAN = (
    ("hanako", "見本 花子", "ミホン ハナコ", "1988-03-15", "東京都見本区例示町4-5-6 見本荘101"),
    ("jiro", "例示 次郎", "レイジ ジロウ", "1975-11-02", "東京都見本区雛形1-1-1"),
    ("yoshiko", "仮名 良子", "カメイ ヨシコ", "1990-07-21", "大阪府例示市見本町2-3-4"),
    ("ichiro", "架空 一郎", "カクウ イチロウ", "1962-01-30", "北海道例示市北見本5条6丁目"),
    ("midori", "雛形 緑", "ヒナガタ ミドリ", "2001-05-05", "福岡県見本市例示7-8-9"),
    ("takahashi", "髙橋 見本", "タカハシ ミホン", "1983-09-09", "神奈川県例示市見本台3-2-1"),
    ("yoshida", "𠮷田 例子", "ヨシダ レイコ", "1979-12-24", "京都府見本市例示通下る"),
    ("naoki", "標本 直樹", "ヒョウホン ナオキ", "1995-02-14", "愛知県例示市標本町1-2"),
    ("aoi", "模範 葵", "モハン アオイ", "1999-10-10", "宮城県見本市青葉見本3-4-5"),
    ("reitaro", "記入 例太郎", "キニュウ レイタロウ", "1970-06-18", "広島県例示市記入町8-1"),
    ("momoko", "書式 桃子", "ショシキ モモコ", "1986-04-03", "静岡県見本市書式5-5"),
    ("taichi", "試験 太一", "シケン タイチ", "1992-08-27", "新潟県例示市試験町9-9-9"),
    ("noriko", "仮置 典子", "カリオキ ノリコ", "1958-03-08", "奈良県見本市仮置2-1"),
    ("watanabe", "渡邉 見本", "ワタナベ ミホン", "1981-01-11", "埼玉県例示市見本南6-7-8"),
    ("saito", "齋藤 例", "サイトウ レイ", "1968-09-30", "千葉県見本市例示浜1-10"),
    ("kenta", "見本 健太", "ミホン ケンタ", "2015-06-01", "東京都見本区例示町7-7-7"),
    (
        "jugemu",
        "寿限無 寿限無五劫の擦り切れ海砂利水魚の水行末雲来末風来末食う寝る処に住む処"
        "藪ら柑子の藪柑子パイポパイポパイポのシューリンガン",
        "ジュゲム ジュゲムゴコウノスリキレ",
        "1950-01-01",
        "東京都見本区長名町1-1-1 とても長い名前の見本マンション例示タワーレジデンス弐番館3003号室",
    ),
    ("alex", "Alex Example", "アレックス エグザンプル", "1991-12-12", "東京都見本区国際町2-2-2"),
)
_ABROAD = (
    ("erika", "Erika Beispiel", "1984-08-12", "00000", "Musterstraße 1, Musterstadt, Germany"),
    ("jean", "Jean Exemple", "1977-07-14", "00000", "1 rue de l’Exemple, Modèleville, France"),
    ("anna", "Anna Voorbeeld", "1993-04-27", "0000 AA", "Voorbeeldlaan 1, Modelstad, Netherlands"),
    ("jane", "Jane Sample", "1989-02-02", "00000", "1 Sample Street, Sampleton, California"),
    ("john", "John Q. Placeholder", "1965-05-20", "00000", "2 Example Avenue, Demoville, Calif."),
)


def _known_in_japan() -> dict[str, dict[str, str]]:
    return {
        key: {
            "name": name,
            "kana": kana,
            "birth_date": born,
            "postal_code": "000-0000",
            "address": address,
            "email": f"{key}@example.jp",
            "phone": f"090-0000-{place:04d}",
            "customer_number": f"S-{place:06d}",
        }
        for place, (key, name, kana, born, address) in enumerate(_JAPAN, start=1)
    }


def _known_abroad() -> dict[str, dict[str, str]]:
    return {
        key: {
            "name": name,
            "birth_date": born,
            "postal_code": code,
            "address": address,
            "email": f"{key}@person.example",
        }
        for key, name, born, code, address in _ABROAD
    }


PEOPLE = {**_known_in_japan(), **_known_abroad()}
"""By a short name: values of `Person.FIELDS`."""

AGENTS = {
    "mother": {
        "name": "見本 美咲",
        "kana": "ミホン ミサキ",
        "relation": "母",
        "postal_code": "000-0000",
        "address": "東京都見本区例示町7-7-7",
        "email": "misaki@example.jp",
        "phone": "090-0000-0101",
    },
    "lawyer": {
        "name": "代理 誠",
        "kana": "ダイリ マコト",
        "relation": "弁護士（見本法律事務所）",
        "postal_code": "000-0000",
        "address": "東京都見本区法廷町1-1 見本法律事務所",
        "email": "makoto@law.example",
        "phone": "03-0000-0102",
    },
    "daughter": {
        "name": "仮置 のぞみ",
        "kana": "カリオキ ノゾミ",
        "relation": "長女",
        "postal_code": "000-0000",
        "address": "奈良県見本市仮置2-1",
        "email": "nozomi@example.jp",
        "phone": "090-0000-0103",
    },
    "attorney": {
        "name": "Paula Proxy",
        "relation": "Authorised agent",
        "postal_code": "00000",
        "address": "3 Mandate Road, Sampleton, California",
        "email": "paula@agent.example",
    },
}

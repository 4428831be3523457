"""Where start tags stand, found by looking at bytes."""

from __future__ import annotations

import pytest

from ayni.sources.iati_tags import start_tags

NAMES = (b"activity", b"value")


def _found(text: bytes) -> list[tuple[bytes, int, int]]:
    tags = start_tags(text, NAMES)
    triples = zip(tags.kinds.tolist(), tags.begins.tolist(), tags.lines.tolist(), strict=True)
    return [(NAMES[kind], begin, line) for kind, begin, line in triples]


def test_tags_are_told_in_the_order_of_the_file_with_their_lines():
    text = b"<activity>\n <value\n a='1'/><value/>\n</activity><activity\t/>"
    assert _found(text) == [
        (b"activity", 0, 0),
        (b"value", 12, 1),
        (b"value", 27, 2),
        (b"activity", 47, 3),
    ]


@pytest.mark.parametrize(
    "text", [b"", b" ", b"<a/>", b"<activity", b"</activity>", b"<activity-date/>", b"<"]
)
def test_nothing_else_is_taken_for_one(text):
    assert _found(text) == []


@pytest.mark.parametrize(
    "hiding",
    [
        b"<!--%s-->",
        b"<!-->%s-->",
        b"<![CDATA[%s]]>",
        b"<![CDATA[<!--%s]]>",
        b"<?note %s?>",
        b"<!-- <?a -->%.0s<?b <!-- ?>",
    ],
)
def test_what_stands_in_comments_cdata_and_instructions_is_no_tag(hiding):
    hidden = hiding % b"<value/><activity>"
    text = b"<activity>" + hidden + b"<value/>" + hidden + b"<value/></activity>"
    assert [begin for _, begin, _ in _found(text)] == [0, 10 + len(hidden), 18 + 2 * len(hidden)]

"""The text of a JSON file, whole, and what can be wrong with it as `UnreadableError`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from ayni.sources.contract import Opened, UnreadableError

# Services cut their answers into pages; the largest seen have 10 MB (World Bank, 32,500 rows, November 2026).
JSON_BYTES = 64 << 20


def json_text(opened: Opened) -> str:
    """Return the text of a JSON file, which is UTF-8 unless its first bytes tell otherwise.

    Raises
    ------
    UnreadableError
        If it is longer than a page of any service (``json-too-long``), or is not in its encoding.
    """
    pieces, size = [], 0
    # Archives give less than they are asked for.
    while size <= JSON_BYTES and (piece := opened.stream.read(JSON_BYTES + 1 - size)):
        pieces.append(piece)
        size += len(piece)
    if size > JSON_BYTES:
        raise UnreadableError("json-too-long", expected=f"{JSON_BYTES >> 20} MiB")
    data = b"".join(pieces)
    encoding = json.detect_encoding(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableError(
            "encoding-json", line=line, found=hex(data[error.start]), expected=encoding
        ) from error


@contextmanager
def json_faults() -> Iterator[None]:
    """Tell what is wrong with JSON that is read meanwhile.

    Raises
    ------
    UnreadableError
        If it is broken, nested more deeply than can be followed, or holds half a sign.
    """
    try:
        yield
    except json.JSONDecodeError as error:
        raise UnreadableError("not-json", line=error.lineno, found=error.msg) from error
    except RecursionError as error:
        raise UnreadableError("not-json", found="[[[[…") from error
    except UnicodeEncodeError as error:
        found = ascii(error.object[error.start])
        raise UnreadableError("not-json", found=found) from error
    except UnreadableError:
        raise
    except ValueError as error:
        # Python reads no integer of more than 4300 digits.
        raise UnreadableError("not-json", found=str(error)) from error

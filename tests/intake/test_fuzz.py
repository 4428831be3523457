"""Any bytes from the command line: a sentence and an exit code, in both languages, and a ledger that adds up.

`benchmarks/fuzz_ingest.py` goes on with this for as long as one likes.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ayni.language import LANGUAGES
from tests.intake.mutating import mutated, sound_files, survives

_QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(sound_files()))
def test_a_sound_file_of_every_kind_is_read(tmp_path, name, language):
    said = survives(tmp_path / "fuzz", sound_files()[name], name, language)
    assert ("now in the ledger" if language == "en" else "queda en el registro") in " ".join(said.split())


@given(
    seed=st.integers(0, 1 << 40),
    name=st.sampled_from(sorted(sound_files())),
    language=st.sampled_from(LANGUAGES),
)
@settings(max_examples=100, suppress_health_check=_QUIET)
def test_a_file_to_which_anything_happened_is_read_or_told(tmp_path, seed, name, language):
    choose = random.Random(seed)
    survives(tmp_path / "fuzz", mutated(sound_files()[name], choose), name, language)


@given(data=st.binary(max_size=200), language=st.sampled_from(LANGUAGES))
@settings(max_examples=40, suppress_health_check=_QUIET)
def test_any_bytes_are_told(tmp_path, data, language):
    survives(tmp_path / "fuzz", data, "any", language)

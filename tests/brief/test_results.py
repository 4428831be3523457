"""What is published: everything by name, the same on every machine."""

from __future__ import annotations

import json

from ayni.brief.results import published, rounded
from ayni.dossier.opening import Dossier
from tests.brief.html import Sheet


def test_what_is_published_goes_through_json_unchanged(dossier: Dossier):
    told = published(dossier)
    assert json.loads(json.dumps(told)) == told
    assert json.dumps(told) == json.dumps(published(dossier))


def test_every_part_of_the_brief_is_there(dossier: Dossier):
    told, case = published(dossier), dossier.case
    assert list(told["numbers"]) == sorted(case.pointers)
    assert list(told["verdicts"]) == sorted(case.claims)
    assert list(told["grades"]) == sorted(case.chain.links)
    assert {key.partition(" ")[0] for key in told["effects"]} == set(case.questions)
    assert list(told["curves"]) == sorted(case.specifications)
    assert told["standings"]


def test_every_named_number_on_the_page_is_published(dossier: Dossier, sheets: dict[str, Sheet]):
    told = published(dossier)["numbers"]
    for printed in sheets["en"].numbers:
        name, _, form = printed.name.partition(":")
        if name in told and form in ("", "entry", "value"):
            assert rounded(printed.value) == told[name]["value"], name


def test_numbers_are_kept_to_twelve_digits():
    assert rounded(1 / 3) == 0.333333333333
    assert rounded(None) is None
    assert rounded(float("nan")) is None

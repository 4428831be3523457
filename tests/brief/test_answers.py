"""The first screen is written by rule: another label, another sentence."""

from __future__ import annotations

import dataclasses

import pytest

from ayni.brief import answers
from ayni.brief.plan import Edition
from ayni.brief.printed import plain
from ayni.brief.steps import grades
from ayni.claims.rules import CAUSAL
from ayni.claims.verdicts import verdict

LABELS = (*CAUSAL, "out-of-reach")


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("side", ["provider", "recipient"])
def test_every_label_has_its_own_sentence(edition: Edition, side, language: str):
    spoken = dataclasses.replace(edition, language=language)
    said = {label: plain(answers.answer(spoken, side, label, ["not-shown"] * 4)) for label in LABELS}
    assert len(set(said.values())) == len(LABELS)
    assert all(text.endswith(".") for text in said.values())


@pytest.mark.parametrize("label", LABELS)
def test_the_sentence_is_the_same_for_both_sides_but_for_their_facts(edition: Edition, label: str):
    one, two = (
        plain(answers.answer(edition, side, label, ["open", "shown"])) for side in ("provider", "recipient")
    )
    assert one.partition(";")[0] == two.partition(";")[0]
    assert one != two


def test_the_parts_are_counted_by_label(edition: Edition):
    mixed = plain(answers.answer(edition, "provider", "not-shown", ["plausible", "not-shown", "not-shown"]))
    assert "of the 3 effects claimed, one is plausible and 2 are not shown" in mixed
    alike = plain(answers.answer(edition, "provider", "plausible", ["plausible", "plausible"]))
    assert "all are plausible" in alike


def test_a_changed_verdict_changes_the_page(edition: Edition, monkeypatch: pytest.MonkeyPatch):
    before = [plain(side.sentence) for side in answers.sides(edition)]
    strips = {strip.key: strip.label for strip in answers.strips(edition)}

    def shown(case, key):
        return dataclasses.replace(verdict(case, key), label="shown")

    monkeypatch.setattr(answers, "verdict", shown)
    after = [plain(side.sentence) for side in answers.sides(edition)]
    assert all(one != two for one, two in zip(before, after, strict=True))
    assert all("all are shown" in one for one in after)
    assert {strip.key: strip.label for strip in answers.strips(edition)} == dict.fromkeys(strips, "shown")
    assert "shown" in plain(answers.summary(edition)[2])


def test_what_is_not_known_names_the_links_without_evidence(
    edition: Edition, monkeypatch: pytest.MonkeyPatch
):
    graded = grades(edition)
    silent = [g.link.en.rstrip(".") for g in graded if g.balance == "none"]
    said = plain(answers.not_known(edition))
    assert silent
    assert all(name in said for name in silent)
    monkeypatch.setattr(
        answers, "grades", lambda _: tuple(dataclasses.replace(g, balance="for") for g in graded)
    )
    assert not any(name in plain(answers.not_known(edition)) for name in silent)


def test_incomplete_years_are_said_before_anyone_reads_a_cut(edition: Edition):
    assert "2023–2025" in plain(answers.not_known(edition))
    money = edition.plan.money.model_copy(update={"incomplete_since": 9999})
    complete = dataclasses.replace(edition, plan=edition.plan.model_copy(update={"money": money}))
    assert "2025" not in plain(answers.not_known(complete))


def test_every_interest_has_a_strip_with_a_number(edition: Edition):
    strips = answers.strips(edition)
    assert [strip.key for strip in strips] == list(edition.dossier.about.interests)
    assert all('class="n"' in strip.amount for strip in strips)

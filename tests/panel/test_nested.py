"""Synthetic control with predictors: published answers, a slow search beside it, what must not change."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial

import numpy as np
import pytest

from ayni.panel import Panel, PanelError, placebos, synthetic_control
from ayni.panel import nested as module
from ayni.panel.nested import nested, synthetic_control_with_predictors
from ayni.panel.predictors import balance, outcomes_in, predictors, together
from ayni.panel.simplex import fitted
from tests.panel.textbook import textbook, walks
from tests.panel.traits import basque, california, germany, unification

SIXTIES, EIGHTIES = range(1960, 1970), range(1981, 1991)
CALIFORNIA = {"Utah": 0.334, "Nevada": 0.234, "Montana": 0.199, "Colorado": 0.164, "Connecticut": 0.069}
BASQUE = {"Cataluna": 0.851, "Madrid (Comunidad De)": 0.149}
GERMANY = {"Austria": 0.42, "USA": 0.22, "Japan": 0.16, "Switzerland": 0.11, "Netherlands": 0.09}
CONFLICT = partial(synthetic_control_with_predictors, predictors=basque(), fit=SIXTIES)
UNIFIED = partial(
    synthetic_control_with_predictors,
    predictors=germany(1981, 1990, (1980, 1985), "invest80"),
    training=germany(1971, 1980, (1970, 1975), "invest70"),
    fit=EIGHTIES,
)


@cache
def tobacco():
    return synthetic_control_with_predictors(textbook("prop99"), california())


def error_of(panel: Panel, published: dict[str, float], periods: range) -> float:
    """Prediction error of weights that others published, scaled to add to one."""
    weights = np.array([published.get(name, 0.0) for name in panel.units])
    off = panel.Y[~panel.controls][0] - weights / weights.sum() @ panel.Y
    return float(np.sqrt(np.square(off[[panel.periods.index(t) for t in periods]]).mean()))


def error_in(cohort, periods) -> float:
    off = cohort.difference[[cohort.periods.index(t) for t in periods]]
    return float(np.sqrt(np.square(off).mean()))


def assert_weights(panel: Panel, cohort, published: dict[str, float], within: float) -> None:
    expected = [published.get(name, 0.0) for name in panel.units]
    assert cohort.unit_weights == pytest.approx(np.array(expected), abs=within)


def test_california_is_weighed_as_published_and_fitted_no_worse():
    """Abadie, Diamond and Hainmueller, 2010, Table 2; their weights miss by 1.7576."""
    own, one = textbook("prop99"), tobacco().cohorts[0]
    assert_weights(own, one, CALIFORNIA, 0.006)
    assert error_of(own, CALIFORNIA, range(1970, 1989)) == pytest.approx(1.7576, abs=5e-5)
    assert one.pre_rmspe == pytest.approx(1.75405, abs=5e-6)
    assert one.gap <= 1e-9


def test_the_gap_of_california_is_the_published_one():
    """Almost 20 packs on average, about 26 in 2000 (section 3.3): there read off a figure."""
    one = tobacco().cohorts[0]
    assert one.att == pytest.approx(-19, abs=0.5)
    assert one.difference[-1] == pytest.approx(-26, abs=1.5)


def test_california_has_the_largest_ratio_of_39():
    """Section 3.4: p = 1/39."""
    found = placebos(textbook("prop99"), partial(synthetic_control_with_predictors, predictors=california()))
    assert (found.rank, 1 + len(found.others)) == (1, 39)
    assert found.p_value == pytest.approx(0.026, abs=5e-4)


def test_the_basque_country_is_fitted_better_than_by_the_published_weights():
    """Their search ended at another V: its error in the 1960s is 0.0942, that of the best found 0.0642."""
    own = textbook("basque")
    one = CONFLICT(own).cohorts[0]
    assert error_of(own, BASQUE, SIXTIES) == pytest.approx(0.0942, abs=5e-5)
    assert error_in(one, SIXTIES) == pytest.approx(0.06424, abs=5e-6)
    assert one.gap <= 1e-9


def test_the_published_weights_of_the_basque_country_are_those_of_another_v():
    """GDP, energy, industry and density alone, each as much as the others, give .850 and .150."""
    own, four = textbook("basque"), ("gdpcap", "sec_energy", "sec_industry", "popdens")
    one = CONFLICT(own, V=[float(name in four) for name in basque().names]).cohorts[0]
    assert_weights(own, one, BASQUE, 0.002)


def test_the_basque_country_lost_a_tenth():
    """Abadie and Gardeazabal, 2003: about 10 percent in the two decades after."""
    one = CONFLICT(textbook("basque")).cohorts[0]
    decades = slice(one.periods.index(1970), one.periods.index(1990))
    assert (one.difference / one.counterfactual)[decades].mean() == pytest.approx(-0.10, abs=0.01)


def test_west_germany_is_weighed_as_published_by_training_and_validation():
    """Abadie, Diamond and Hainmueller, 2015, Table 1; the mean gap is about 1,600 a year."""
    own = unification()
    one = UNIFIED(own).cohorts[0]
    assert_weights(own, one, GERMANY, 0.02)
    assert one.difference[one.periods.index(1990) :].mean() == pytest.approx(-1600, abs=75)
    assert one.gap <= 1e-9


def test_west_germany_has_the_largest_ratio_of_17():
    found = placebos(unification(), UNIFIED)
    assert (found.rank, 1 + len(found.others)) == (1, 17)


def small(seed: int, controls: int = 8, count: int = 2):
    generator = np.random.default_rng(seed)
    A, b = generator.normal(size=(controls, count)), generator.normal(size=count) + 1.5
    Z = A @ generator.normal(size=(count, 6)) + 0.5 * generator.normal(size=(controls, 6))
    return A, b, Z, b @ np.ones((count, 6)) / count


def loss_at(A, b, Z, z, V) -> float:
    root = np.sqrt(V)
    return float(np.square(fitted(A * root, b * root).weights @ Z - z).mean())


@pytest.mark.parametrize("seed", range(8))
def test_no_v_of_a_dense_grid_does_better(seed):
    A, b, Z, z = small(seed)
    ratios = 10.0 ** np.linspace(-6, 6, 2401)
    best = min(loss_at(A, b, Z, z, np.array([1.0, r]) / (1.0 + r)) for r in ratios)
    assert nested(A, b, Z, z).loss <= best * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_no_v_drawn_at_random_does_better(seed):
    A, b, Z, z = small(seed, controls=10, count=4)
    drawn = np.exp(np.random.default_rng(seed).uniform(-13.8, 0, (4000, 4)))
    best = min(loss_at(A, b, Z, z, v / v.sum()) for v in drawn)
    assert nested(A, b, Z, z).loss <= best * (1 + 1e-6)


def test_v_given_by_hand_gives_the_weights_of_its_inner_problem():
    A, b, Z, z = small(1, count=3)
    V = np.array([0.2, 0.5, 0.3])
    found = nested(A, b, Z, z, V)
    assert found.weights == pytest.approx(fitted(A * np.sqrt(V), b * np.sqrt(V)).weights, abs=1e-9)
    assert found.gap <= 1e-9


def test_v_in_the_settings_gives_the_same_again():
    V = [value for name, value in tobacco().settings if name.startswith("V ")]
    again = synthetic_control_with_predictors(textbook("prop99"), california(), V=V)
    assert again.att == pytest.approx(tobacco().att, abs=1e-9)
    assert sum(V) == pytest.approx(1)
    assert [name for name, _ in again.settings] == [f"V {name}" for name in california().names]


def test_the_same_data_give_the_same_answer():
    again = synthetic_control_with_predictors(textbook("prop99"), california())
    assert np.array_equal(again.cohorts[0].unit_weights, tobacco().cohorts[0].unit_weights)


def test_units_of_predictors_do_not_matter():
    own = california()
    other = replace(own, X=own.X * np.array([1e3, 1, 1e-3, 7, 1, 2, 1])[:, None] + 5.0)
    found = synthetic_control_with_predictors(textbook("prop99"), other)
    assert found.cohorts[0].pre_rmspe == pytest.approx(tobacco().cohorts[0].pre_rmspe, rel=1e-6)


def test_the_order_of_units_and_predictors_does_not_matter():
    own, known = textbook("prop99"), california()
    generator = np.random.default_rng(1)
    rows, order = generator.permutation(39), generator.permutation(7)
    names = tuple(own.units[i] for i in rows)
    turned = Panel(Y=own.Y[rows], treated=own.treated[rows], units=names, periods=own.periods)
    other = replace(known, X=known.X[order], names=tuple(known.names[k] for k in order))
    found = synthetic_control_with_predictors(turned, other)
    assert found.cohorts[0].pre_rmspe == pytest.approx(tobacco().cohorts[0].pre_rmspe, rel=1e-6)
    assert found.cohorts[0].unit_weights == pytest.approx(tobacco().cohorts[0].unit_weights[rows], abs=1e-4)


def test_a_constant_for_each_period_changes_nothing():
    own = walks(1)
    common = np.random.default_rng(2).normal(size=len(own.periods)) * 100
    moved = replace(own, Y=own.Y + common)
    one, two = (synthetic_control_with_predictors(p, outcomes_in(p, [0, 4, 8, 11])) for p in (own, moved))
    assert two.cohorts[0].pre_rmspe == pytest.approx(one.cohorts[0].pre_rmspe, rel=1e-6)


def test_outcomes_of_all_periods_with_equal_weights_come_near_the_synthetic_control():
    """With V proportional to the variances scaling is undone, and the problem is that of outcomes alone."""
    own = textbook("prop99")
    known = outcomes_in(own, own.periods[:19])
    found = synthetic_control_with_predictors(own, known, V=known.X.var(axis=1))
    assert found.att == pytest.approx(synthetic_control(own).att, abs=1e-6)


def test_cohorts_are_fitted_apart_and_several_units_as_their_mean():
    own = walks(3, starts={0: 8, 3: 12, 5: 12})
    known = outcomes_in(own, [0, 3, 7])
    found = synthetic_control_with_predictors(own, known)
    assert [one.since for one in found.cohorts] == [8, 12]
    assert [name for name, _ in found.settings][:4] == [
        "V 8 outcome-0",
        "V 8 outcome-3",
        "V 8 outcome-7",
        "V 12 outcome-0",
    ]
    assert all(one.gap <= 1e-9 for one in found.cohorts)


def test_predictors_that_can_be_met_are_met_and_the_outcome_chooses_among_the_weights():
    """One predictor, met by many weights: the best fit of the outcome under that one condition, by hand."""
    generator = np.random.default_rng(4)
    A, Z = generator.normal(size=(6, 1)), generator.normal(size=(6, 9))
    b, z = A.mean(axis=0), generator.normal(size=9)
    found = nested(A, b, Z, z)
    assert found.weights @ A == pytest.approx(b, abs=1e-9)
    assert found.gap <= 1e-9
    heavy = fitted(np.hstack([1e3 * A, Z]), np.append(1e3 * b, z))
    assert found.loss == pytest.approx(np.square(heavy.weights @ Z - z).mean(), rel=1e-4)


def with_trait(own: Panel, *rows: np.ndarray):
    extra = predictors(np.array(rows), names=[f"x{k}" for k in range(len(rows))], units=own.units)
    return together(outcomes_in(own, [0, 6]), extra)


def test_a_constant_predictor_has_no_weight():
    own = walks(1)
    found = synthetic_control_with_predictors(own, with_trait(own, np.full(12, 3.3)))
    assert dict(found.settings)["V x0"] == 0
    plain = synthetic_control_with_predictors(own, outcomes_in(own, [0, 6]))
    assert found.att == pytest.approx(plain.att, abs=1e-9)


def test_predictors_that_say_the_same_lose_nothing():
    own = walks(1)
    twice = synthetic_control_with_predictors(own, with_trait(own, 2.0 * own.Y[:, 0], -own.Y[:, 6]))
    plain = synthetic_control_with_predictors(own, outcomes_in(own, [0, 6]))
    assert twice.cohorts[0].pre_rmspe <= plain.cohorts[0].pre_rmspe * (1 + 1e-6)
    assert twice.cohorts[0].gap <= 1e-9


def test_predictors_that_are_all_constant_leave_the_choice_to_the_outcome():
    own = walks(1)
    known = predictors(np.ones((2, 12)), names="xy", units=own.units)
    found = synthetic_control_with_predictors(own, known)
    assert found.att == pytest.approx(synthetic_control(own).att, abs=1e-6)


def test_one_control_has_all_the_weight():
    own = walks(1, units=2)
    found = synthetic_control_with_predictors(own, outcomes_in(own, [0, 6]))
    assert found.cohorts[0].unit_weights.tolist() == [0.0, 1.0]
    assert found.att == pytest.approx(float((own.Y[0] - own.Y[1])[12:].mean()))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"fit": [11, 12]}, "fit has the period 12, expected periods before 12, when 0 was first treated"),
        ({"fit": [99]}, "periods 99 are not of the panel"),
        ({"V": [1.0]}, r"V has shape \(1,\), expected one number for each of 2 predictors"),
        ({"V": [1.0, -1.0]}, "expected numbers of 0 or more, one of them above 0"),
        ({"V": [0.0, 0.0]}, "expected numbers of 0 or more, one of them above 0"),
        ({"V": [np.nan, 1.0]}, "expected numbers of 0 or more"),
        ({"training": "other"}, "training has the predictors outcome-1; expected outcome-0, outcome-6"),
        ({"training": "same", "V": [1.0, 1.0]}, "no V by hand"),
    ],
)
def test_what_is_wrong_is_said(change, words):
    own = walks(1)
    known = {"other": outcomes_in(own, [1]), "same": outcomes_in(own, [0, 6])}
    if "training" in change:
        change = {**change, "training": known[change["training"]]}
    with pytest.raises(PanelError, match=words):
        synthetic_control_with_predictors(own, known["same"], **change)


def test_a_unit_without_predictors_is_named():
    own = walks(1)
    known = outcomes_in(own, [0, 6])
    lacking = predictors(known.X[:, :-1], names=known.names, units=own.units[:-1])
    with pytest.raises(PanelError, match="no predictors for 11"):
        synthetic_control_with_predictors(own, lacking)


def test_the_balance_is_near_where_predictors_weigh():
    """Table 1 of the 2010 article: synthetic California sold 91.62, 120.43 and 126.99."""
    rows = {row.predictor: row for row in balance(textbook("prop99"), california(), tobacco())}
    found = [rows[f"cigsale_{year}"].synthetic for year in (1988, 1980, 1975)]
    assert found == pytest.approx([91.62, 120.43, 126.99], abs=0.3)


def test_the_kernels_give_the_same_without_numba(monkeypatch):
    A, b, Z, z = small(2, controls=5)
    monkeypatch.setattr(module, "_GENERATIONS", 1)
    monkeypatch.setattr(module, "_UNITS_FOR_A_RUN", 1)
    compiled = nested(A, b, Z, z)
    for name in ("_loss", "_evolved", "_descended"):
        monkeypatch.setattr(module, name, getattr(getattr(module, name), "py_func", getattr(module, name)))
    assert nested(A, b, Z, z).weights == pytest.approx(compiled.weights, abs=1e-9)

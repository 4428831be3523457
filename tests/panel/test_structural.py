"""Structural series: whole normal distributions, the sampler beside its prior, published numbers."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, log
from statistics import NormalDist

import numpy as np
import pytest

from ayni.panel import PanelError
from ayni.panel.gibbs import Chance, Kept, Problem, begun, drawn, sample, sweep
from ayni.panel.structural import SHORT_PAST, Priors, Sampling, structural_estimate, structural_time_series
from tests.panel.textbook import textbook, walks

CALIFORNIA = textbook("prop99")
ROW = int(np.flatnonzero(~CALIFORNIA.controls)[0])
START = int(CALIFORNIA.starts.min())
FEW = Sampling(draws=200, burnt=100, chains=2)
# Degrees of freedom beside which the data say nothing of a variance.
FIXED = 1e12


def normals_of_r(seed, count):
    """Normal draws of R: its Mersenne Twister after `set.seed`, by inversion of two uniforms each."""
    for _ in range(50):
        seed = (69069 * seed + 1) % 2**32
    key = []
    for _ in range(625):
        seed = (69069 * seed + 1) % 2**32
        key.append(seed)
    bits = np.random.MT19937()
    bits.state = {"bit_generator": "MT19937", "state": {"key": np.array(key[1:], np.uint32), "pos": 624}}
    uniform = bits.random_raw(2 * count) * 2.3283064365386963e-10
    both = (np.floor(134217728 * uniform[::2]) + uniform[1::2]) / 134217728
    return np.array([NormalDist().inv_cdf(float(one)) for one in both])


def example():
    """The example of CausalImpact's vignette: a control that keeps .999 of itself, and 10 added after 70."""
    burnt = 1 + ceil(6 / log(1 / 0.999))
    chance = normals_of_r(1, burnt + 200)
    control = np.zeros(burnt + 100)
    for t, one in enumerate(chance[: burnt + 100]):
        control[t] = 0.999 * control[t - 1] + one
    x = 100 + control[burnt:]
    y = 1.2 * x + chance[burnt + 100 :]
    y[70:] += 10
    return y, x


def problem_of(seed=0, before=14, after=5, controls=2, trend=True, holes=(3, 9)):
    generator = np.random.default_rng(seed)
    seen = np.ones(before, bool)
    seen[list(holes)] = False
    X = generator.normal(size=(controls, before + after))
    G = X[:, :before][:, seen] @ X[:, :before][:, seen].T
    return Problem(
        y=generator.normal(size=before) * seen,
        seen=seen,
        X=X,
        G=G,
        P=6.0 * (G + np.diag(np.diag(G))) / seen.sum(),
        odds=np.full(controls, np.inf),
        first=np.array([1.3, 0.4 if trend else 0.0]),
        squares=np.array([6.0, 3.0, 2.0]),
        shapes=np.array([(8 + seen.sum()) / 2, (9 + before - 1) / 2, (9 + before - 1) / 2]),
        trend=trend,
    )


def covariances(problem, variances, length):
    """Of the levels of all periods, written out from the steps that make them."""
    _, drift, tilt = variances
    level = np.zeros((length, length, 3))
    for s in range(length):
        for t in range(length):
            level[s, t, 0] = problem.first[0] + drift * min(s, t)
            turns = sum(max(s - u, 0) * max(t - u, 0) for u in range(1, length)) if problem.trend else 0
            level[s, t, 1] = problem.first[1] * s * t + tilt * turns
    return level[..., 0] + level[..., 1]


@pytest.mark.parametrize("trend", [True, False])
def test_levels_are_the_normal_distribution_given_the_data(trend):
    """Without chance the level is its mean; each normal number moves it by a column of a covariance root."""
    problem = problem_of(trend=trend)
    before, length = len(problem.y), problem.X.shape[1]
    variances = np.array([0.7, 0.3, 0.2 * trend])
    beta = np.array([0.5, -1.0])

    def level(**moved):
        none = {name: np.zeros((1, length)) for name in ("level", "slope", "noise")}
        none |= {"beta": np.zeros((1, 2)), "choice": np.zeros((1, 2)), "gamma": np.ones((1, 3))}
        state = begun(problem, np.random.default_rng(0))
        state.variances[:], state.beta[:] = variances, beta
        state.fitted[:] = beta @ problem.X
        sweep(problem, Chance(**(none | moved)), 0, state)
        return state.level[:before].copy(), state.ahead.copy()

    prior = covariances(problem, variances, length)
    seen = np.flatnonzero(problem.seen)
    noisy = prior[np.ix_(seen, seen)] + variances[0] * np.eye(len(seen))
    gain = prior[:, seen] @ np.linalg.inv(noisy)
    rest = (problem.y - (beta @ problem.X)[:before])[seen]
    mean, spread = gain @ rest, prior - gain @ prior[seen]
    found, ahead = level()
    assert found == pytest.approx(mean[:before], abs=1e-10)
    # What is expected after is the same; before, each period given those before it.
    assert ahead[before:] == pytest.approx((mean + beta @ problem.X)[before:], abs=1e-10)
    for t in (1, 7):
        past = seen[seen < t]
        inner = prior[np.ix_(past, past)] + variances[0] * np.eye(len(past))
        expected = prior[t, past] @ np.linalg.solve(inner, rest[: len(past)]) + beta @ problem.X[:, t]
        assert ahead[t] == pytest.approx(expected, abs=1e-10)
    names = ("level", "slope", "noise") if trend else ("level", "noise")
    columns = [level(**{name: np.eye(length)[[t]]})[0] - found for name in names for t in range(before)]
    assert np.transpose(columns) @ np.array(columns) == pytest.approx(spread[:before, :before], abs=1e-10)


def with_fixed_variances(own_seed=3, size=9.0):
    """A series of which all that is not known is normal, and the priors that make it so."""
    generator = np.random.default_rng(own_seed)
    controls = generator.normal(size=(2, 30)).cumsum(axis=1)
    y = controls[0] - controls[1] + generator.normal(size=30)
    priors = Priors(level_sd=0.2, level_df=FIXED, size=size, r2=0.6, df=FIXED, information=2.0)
    return y, controls, priors


def test_with_known_variances_the_answer_is_that_of_one_normal_distribution():
    y, controls, priors = with_fixed_variances()
    y[[4, 26]] = np.nan
    found = structural_time_series(
        y, 20, controls=controls, priors=priors, sampling=Sampling(draws=4000, burnt=100)
    )
    seen = np.flatnonzero(~np.isnan(y[:20]))
    centre, scale = y[seen].mean(), y[seen].std(ddof=1)
    X = controls - controls[:, :20].mean(axis=1, keepdims=True)
    X /= X[:, :20].std(axis=1, ddof=1)[:, None]
    G = X[:, seen] @ X[:, seen].T
    omega = 2.0 / len(seen) * (G + np.diag(np.diag(G))) / 2
    times = np.arange(30)
    prior = 1 + 0.04 * np.minimum.outer(times, times) + X.T @ np.linalg.inv(omega / 0.4) @ X
    noisy = prior[np.ix_(seen, seen)] + 0.4 * np.eye(len(seen))
    gain = prior[:, seen] @ np.linalg.inv(noisy)
    mean = centre + scale * gain @ ((y[seen] - centre) / scale)
    spread = scale**2 * (prior - gain @ prior[seen] + 0.4 * np.eye(30))
    after = np.array([t for t in range(20, 30) if t != 26])
    error = np.sqrt(spread[np.ix_(after, after)].mean())
    # Four standard errors of the mean of some 2,000 independent draws.
    assert found.estimate.att == pytest.approx((y - mean)[after].mean(), abs=4 * error / np.sqrt(2000))
    assert found.interval.standard_error == pytest.approx(error, rel=0.06)
    assert found.estimate.cohorts[0].counterfactual[20:] == pytest.approx(mean[20:], abs=0.1 * error)
    assert found.paths.std(axis=0) == pytest.approx(np.sqrt(np.diag(spread))[20:], rel=0.08)
    assert (found.inclusion == 1).all()


def test_controls_are_in_as_often_as_their_evidence_says():
    """Four sets of two controls, each weighed by its normal density: all other parameters are known."""
    y, controls, priors = with_fixed_variances(own_seed=6, size=0.6)
    y = y - 0.9 * controls[0] + controls[1] * 0.8
    found = structural_time_series(
        y, 20, controls=controls, priors=priors, sampling=Sampling(draws=6000, burnt=100)
    )
    z = (y[:20] - y[:20].mean()) / y[:20].std(ddof=1)
    X = (controls - controls[:, :20].mean(axis=1, keepdims=True))[:, :20]
    X /= X.std(axis=1, ddof=1)[:, None]
    G = X @ X.T
    omega = 2.0 / 20 * (G + np.diag(np.diag(G))) / 2
    times = np.arange(20)
    level = 1 + 0.04 * np.minimum.outer(times, times) + 0.4 * np.eye(20)
    weights = {}
    for inside in ((), (0,), (1,), (0, 1)):
        k = list(inside)
        V = level + X[k].T @ np.linalg.inv(omega[np.ix_(k, k)] / 0.4) @ X[k] if k else level
        fit = -(np.linalg.slogdet(V)[1] + z @ np.linalg.solve(V, z)) / 2
        weights[inside] = np.exp(fit) * 0.3 ** len(k) * 0.7 ** (2 - len(k))
    total = sum(weights.values())
    expected = [(weights[(k,)] + weights[0, 1]) / total for k in (0, 1)]
    assert all(0.05 < one < 0.95 for one in expected)
    assert found.inclusion == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize("trend", [True, False])
def test_sweeps_that_make_their_own_data_stay_at_the_prior(trend):
    """Geweke 2004, getting it right: parameters drawn with new data each time are as the prior has them."""
    problem = problem_of(trend=trend)._replace(odds=np.array([0.4, -0.5]))
    generator = np.random.default_rng(1)
    sweeps = 12_000
    chance = drawn(problem, sweeps, generator)
    state = begun(problem, generator)
    y = problem.y.copy()
    own = problem._replace(y=y)
    found = np.zeros((sweeps, 6))
    for s in range(sweeps):
        noise = np.sqrt(state.variances[0]) * generator.standard_normal(len(y))
        y[:] = (state.level[: len(y)] + state.fitted[: len(y)] + noise) * problem.seen
        sweep(own, chance, s, state)
        length = state.beta @ problem.P @ state.beta / state.variances[0]
        found[s] = [*(1 / np.maximum(state.variances, 1e-9)), *state.inside, length]
    shares = 1 / (1 + np.exp(-problem.odds))
    # A sum of squares of as many normal numbers as there are controls in is that number in the mean.
    expected = np.array([*(np.array([4.0, 4.5, 4.5]) * 2 / problem.squares), *shares, shares.sum()])
    asked = [0, 1, *([2] if trend else []), 3, 4, 5]
    kept = found[200:, asked].reshape(100, -1, len(asked)).mean(axis=1)
    off = (kept.mean(axis=0) - expected[asked]) / (kept.std(axis=0, ddof=1) / 10)
    assert np.abs(off).max() < 4


def test_the_example_of_causal_impact_is_as_published():
    """The vignette's first six values; its summary: effect 10.51 (0.37), 95 percent from 9.76 to 11.21."""
    y, x = example()
    assert y[:3] == pytest.approx([105.2950, 105.8943, 106.6209], abs=5e-5)
    assert x[:3] == pytest.approx([88.21513, 88.48415, 87.87684], abs=5e-6)
    found = structural_time_series(y, 70, controls=x[None], level=0.95)
    assert found.estimate.att == pytest.approx(10.51, abs=0.03)
    assert found.interval.standard_error == pytest.approx(0.37, abs=0.02)
    assert (found.interval.low, found.interval.high) == pytest.approx((9.76, 11.21), abs=0.07)
    assert found.interval.low < 10 < found.interval.high
    assert found.tail == 1 / 4001
    assert [one.passed for one in found.checks] == [True, True]


def test_machine_code_and_plain_python_draw_the_same():
    problem = problem_of()._replace(odds=np.array([0.4, -0.5]))

    def chain(run):
        generator = np.random.default_rng(2)
        chance, state = drawn(problem, 25, generator), begun(problem, generator)
        kept = Kept(
            paths=np.zeros((20, 5)), ahead=np.zeros(19), beta=np.zeros((20, 2)), variances=np.zeros((20, 3))
        )
        run(problem, chance, state, kept, 5)
        return np.concatenate([one.ravel() for one in kept])

    assert chain(sample) == pytest.approx(chain(getattr(sample, "py_func", sample)), rel=1e-9)


def test_a_seed_gives_the_same_and_another_nearly():
    y, x = example()
    one, two, other = (
        structural_time_series(y, 70, controls=x[None], sampling=Sampling(draws=500, chains=2, seed=seed))
        for seed in (1, 1, 2)
    )
    assert (one.interval.draws == two.interval.draws).all()
    assert one.estimate.att != other.estimate.att
    assert one.estimate.att == pytest.approx(other.estimate.att, abs=0.1)


def test_units_of_measurement_change_nothing():
    y, controls = CALIFORNIA.Y[ROW], CALIFORNIA.Y[CALIFORNIA.controls][:5]
    one = structural_time_series(y, START, controls=controls, sampling=FEW)
    two = structural_time_series(7 + 1000 * y, START, controls=controls * 4 - 3, sampling=FEW)
    assert two.estimate.att == pytest.approx(1000 * one.estimate.att, rel=1e-6)
    assert two.interval.low == pytest.approx(1000 * one.interval.low, rel=1e-6)
    assert two.coefficients == pytest.approx(250 * one.coefficients, rel=1e-5)


def test_controls_that_move_together_or_not_at_all_do_no_harm():
    y, x = example()
    flat = np.ones((1, 100))
    flat[0, 80:] = 5
    found = structural_time_series(y, 70, controls=np.vstack([x, x, flat, x + 3]), sampling=FEW)
    assert found.estimate.att == pytest.approx(10.5, abs=0.3)
    assert found.inclusion[2] == found.coefficients[2] == 0
    assert found.coefficients.sum() == pytest.approx(1.16, abs=0.1)


def test_more_controls_than_periods_and_a_single_one():
    y, controls = CALIFORNIA.Y[ROW], CALIFORNIA.Y[CALIFORNIA.controls]
    assert (
        structural_time_series(y[12:], START - 12, controls=controls[:, 12:], sampling=FEW).estimate.att < 0
    )
    assert structural_time_series(y, START, controls=controls[:1], sampling=FEW).estimate.att < 0


def test_priors_for_a_short_past_are_less_sure_of_controls_that_explain_little():
    widths = np.zeros(2)
    for seed in range(5):
        own = np.random.default_rng(seed).normal(size=(11, 20))
        for k, priors in enumerate((Priors(), SHORT_PAST)):
            found = structural_time_series(own[0], 14, controls=own[1:], priors=priors, sampling=FEW).interval
            widths[k] += found.high - found.low
    assert widths[1] > 1.2 * widths[0]


def test_without_controls_the_level_goes_on():
    """Many alike after a jump: the forecast is where the level was, and widens by its steps."""
    generator = np.random.default_rng(4)
    y = 50 + generator.normal(size=60)
    y[40:] += 4
    found = structural_time_series(y, 40, sampling=Sampling(draws=500, chains=2))
    assert found.estimate.att == pytest.approx(y[40:].mean() - y[:40].mean(), abs=0.4)
    assert found.interval.low < 4 < found.interval.high
    width = (found.high - found.low)[40:]
    assert width[-5:].mean() > width[:5].mean()
    assert np.isnan(found.low[:40]).all()
    assert found.noise_sd == pytest.approx(y[:40].std(ddof=1), rel=0.1)


def test_a_trend_goes_on_only_where_it_was_asked_for():
    generator = np.random.default_rng(5)
    y = 3.0 * np.arange(40) + generator.normal(size=40)
    level, trend = (
        structural_time_series(y, 30, trend=one, sampling=Sampling(draws=500, chains=2))
        for one in (False, True)
    )
    assert level.estimate.att > 10
    assert abs(trend.estimate.att) < 3
    assert level.slope_sd == 0 < trend.slope_sd


def test_what_was_expected_before_begins_after_the_first_that_was_seen():
    y, x = example()
    y[:2] = np.nan
    for trend, first in ((False, 3), (True, 4)):
        cohort = structural_time_series(y, 70, controls=x[None], trend=trend, sampling=FEW).estimate.cohorts[
            0
        ]
        assert np.isnan(cohort.counterfactual[:first]).all()
        assert not np.isnan(cohort.counterfactual[first:]).any()


def test_the_interval_covers_as_often_as_it_says():
    """100 series of the model itself: 90 percent, within three standard errors of the count."""
    covered = 0
    asked = Sampling(draws=400, burnt=200, chains=2)
    for seed in range(100):
        generator = np.random.default_rng(seed)
        x = generator.normal(size=(2, 50)).cumsum(axis=1)
        y = x[0] + generator.normal(size=50) + 0.03 * generator.normal(size=50).cumsum()
        y[35:] += 2
        found = structural_time_series(y, 35, controls=x, sampling=asked).interval
        covered += found.low <= 2 <= found.high
    assert covered / 100 == pytest.approx(0.9, abs=0.09)


def test_a_panel_is_taken_cohort_by_cohort():
    own = walks(3, starts={0: 8, 1: 8, 3: 12})
    found = structural_estimate(own, sampling=FEW)
    controls = own.Y[own.controls]
    first = structural_time_series(own.Y[:2].mean(axis=0), 8, controls=controls, sampling=FEW)
    second = structural_time_series(own.Y[3], 12, controls=controls, sampling=FEW)
    assert found.att == pytest.approx((24 * first.estimate.att + 8 * second.estimate.att) / 32)


def test_every_reason_to_refuse_is_told():
    y, x = example()
    with pytest.raises(PanelError, match="does not change before 3"):
        structural_time_series([1.0, 1, 1, 5, 6], 3)
    with pytest.raises(PanelError, match=r"1 controls lack values: 0.*position 100"):
        structural_time_series(y, 100, controls=np.where(np.arange(100) == 5, np.nan, x)[None])
    with pytest.raises(PanelError, match=r"controls have shape \(100,\)"):
        structural_time_series(y, 70, controls=x)
    with pytest.raises(PanelError, match=r"level_sd is 0, size is -1; expected more than 0"):
        Priors(level_sd=0, size=-1)
    with pytest.raises(PanelError, match=r"r2 is 1 and shrinkage 0"):
        Priors(r2=1, shrinkage=0)
    with pytest.raises(PanelError, match="two or more chains"):
        Sampling(chains=1)
    with pytest.raises(PanelError, match="1 controls lack values"):
        structural_estimate(replace(walks(1), Y=np.where(np.arange(20) == 3, np.nan, walks(1).Y)))

"""Named numbers: each operation against arithmetic by hand, and none hangs on rows it does not name."""

# mypy: disable-error-code="operator, dict-item"
from __future__ import annotations

import statistics

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.claims.case import Case, over
from ayni.claims.numbers import OPERATIONS, number
from ayni.claims.pointers import PointerError
from ayni.claims.records import Pointer
from ayni.claims.results import Chain
from ayni.ledger.store import Ledger, frame
from ayni.units import Quantity
from tests.dossier.peru import peru
from tests.ledger.samples import flow, ledger_of, line, observation


def case_of(ledger, *pointers: Pointer) -> Case:
    return Case(
        ledger=ledger, indexes=(), pointers={p.key: p for p in pointers}, questions={}, asked={},
        specifications={}, claims={}, chain=Chain(),
    )  # fmt: skip


def figure(key: str, **where: object) -> Pointer:
    told = {"indicator": key, "place": "PER"} | where
    return Pointer(key=key, op="figure", where=tuple((k, str(v)) for k, v in told.items()))


def made(op: str, *names: str, unit: str = "", where: dict[str, str] | None = None) -> Pointer:
    return Pointer(key="it", op=op, of=names, unit=unit, where=tuple((where or {}).items()))


def computed(op: str, *figures: Quantity, unit: str = "") -> Quantity:
    rows = [
        observation(f"n{i}", value=q.value, unit=q.unit, low=q.low, high=q.high)
        for i, q in enumerate(figures)
    ]
    names = [f"n{i}" for i in range(len(figures))]
    return number(case_of(ledger_of(rows), *map(figure, names), made(op, *names, unit=unit)), "it").quantity


# --- operations by hand --------------------------------------------------------------------------


def test_a_figure_is_its_row():
    row = observation("x", value=5, low=4, high=7, unit="t")
    got = number(case_of(ledger_of([row]), figure("x")), "x")
    assert (got.quantity, got.rows, got.year) == (
        Quantity(value=5, unit="t", low=4, high=7),
        (row.row,),
        2020,
    )


def test_a_figure_of_several_indicators_is_their_sum():
    rows = [observation("a", value=5, unit="person"), observation("b", value=7, unit="person")]
    got = number(
        case_of(ledger_of(rows), Pointer(key="it", op="figure", where=(("indicator", "a+b"),))), "it"
    )
    assert got.quantity.value == 12
    assert set(got.rows) == {r.row for r in rows}


@pytest.mark.parametrize(
    "wanted", [{"year": 2019}, {"origin": "nobody"}, {"place": "COL"}, {"part_year": "M09"}]
)
def test_a_figure_that_is_not_there_is_told_with_what_was_sought(wanted):
    with pytest.raises(PointerError, match=f"{next(iter(wanted))} = "):
        number(case_of(ledger_of([observation("x")]), figure("x", **wanted)), "x")


amounts = st.floats(1, 1e6)


@settings(max_examples=50)
@given(amounts, amounts)
def test_operations_on_two_numbers_are_those_of_arithmetic(a, b):
    one, other = Quantity(value=a, unit="t"), Quantity(value=b, unit="kg")
    assert computed("sum", one, other).value == pytest.approx(a + b / 1000)
    assert computed("difference", one, other).value == pytest.approx(a - b / 1000, abs=1e-9 * (a + b))
    assert computed("ratio", one, other).value == pytest.approx(1000 * a / b)
    assert computed("ratio", one, other, unit="percent").value == pytest.approx(100_000 * a / b)
    assert computed("change", one, other).value == pytest.approx(
        100 * (1000 * a / b - 1), abs=1e-6 * a / b + 1e-6
    )
    area, rate = Quantity(value=a, unit="ha"), Quantity(value=b, unit="kg/ha")
    assert computed("product", area, rate, unit="t").value == pytest.approx(a * b / 1000)


@given(st.lists(amounts, min_size=2, max_size=6))
def test_a_range_runs_from_the_smallest_to_the_largest(values):
    got = computed("range", *[Quantity(value=v, unit="t") for v in values])
    assert (got.low, got.value, got.high) == (min(values), statistics.median_low(values), max(values))


@pytest.mark.parametrize("op", ["difference", "ratio", "change", "product"])
def test_an_operation_on_two_numbers_refuses_a_third(op):
    units = {"product": ("ha", "kg/ha", "t")}.get(op, ("t", "t", "t"))
    with pytest.raises(PointerError):
        computed(op, *[Quantity(value=v, unit=u) for v, u in zip((2, 3, 4), units, strict=True)],
                 unit="t" if op == "product" else "")  # fmt: skip


@pytest.mark.parametrize("op", ["sum", "difference", "ratio", "change"])
def test_numbers_of_different_kinds_do_not_go_together(op):
    if op == "ratio":
        return
    with pytest.raises(PointerError, match="measure different things"):
        computed(op, Quantity(value=1, unit="t"), Quantity(value=1, unit="USD"))


@pytest.mark.parametrize("op", ["ratio", "change"])
def test_nothing_is_divided_by_zero(op):
    with pytest.raises(PointerError, match="zero"):
        computed(op, Quantity(value=1, unit="t"), Quantity(value=0, unit="t"))


def test_a_circle_of_numbers_is_told_and_does_not_spoil_the_rest():
    case = case_of(
        ledger_of([observation("x")]),
        figure("x"),
        Pointer(key="a", op="sum", of=("x", "b")),
        Pointer(key="b", op="sum", of=("x", "a")),
    )
    for name in ("a", "b", "a"):
        with pytest.raises(PointerError, match="break the circle"):
            number(case, name)
    assert number(case, "x").quantity.value == 1


SERIES = {2015: 4.0, 2016: 9.0, 2018: 2.0, 2019: 7.0}


@pytest.mark.parametrize(
    ("op", "value", "year"),
    [("smallest", 2, 2018), ("largest", 9, 2016), ("first", 4, 2015), ("last", 7, 2019), ("mean", 5.5, 2015),
     ("count", 4, 2015)],
)  # fmt: skip
def test_a_series_gives_its_extremes_ends_mean_and_length(op, value, year):
    where = {"indicator": "area", "place": "PER"}
    ledger = ledger_of(line("area", SERIES))
    got = number(case_of(ledger, made(op, where=where)), "it")
    assert (got.quantity.value, got.year) == (value, year)
    later = number(case_of(ledger, made(op, where={**where, "since": "2018"})), "it")
    assert later.year >= 2018


# --- money ---------------------------------------------------------------------------------------


def money(**where: object) -> Pointer:
    told = {"provider": "USA", "recipient": "PER", "origin": "release", "stage": "obligated"} | where
    return Pointer(key="it", op="money", where=tuple((k, str(v)) for k, v in told.items() if v))


def test_money_adds_what_matches_and_nothing_at_constant_prices():
    rows = [
        flow(2019, 1, row="figures/flows-a.csv:2"),
        flow(2020, 10, row="figures/flows-a.csv:3", purposes="us-sector:4;dac:1"),
        flow(2020, 100, row="figures/flows-b.csv:2"),
        flow(2020, 1000, row="figures/flows-a.csv:4", price_base=2024),
        flow(2020, 10000, row="figures/flows-a.csv:5", stage="disbursed"),
        flow(2020, 100000, row="figures/flows-a.csv:6", provider="PER", recipient="USA"),
    ]
    ledger = ledger_of([], rows)

    def amount(**where):
        return number(case_of(ledger, money(**where)), "it").quantity.value

    assert amount() == 111
    assert amount(table="flows-a") == 11
    assert amount(table="flows-a", since=2020) == 10
    assert amount(year=2019) == 1
    assert amount(purpose="us-sector:4") == 10
    assert amount(provider="PER", recipient="USA") == 100000
    with pytest.raises(PointerError):
        amount(purpose="us-sector")


def test_two_currencies_are_never_added():
    ledger = ledger_of([], [flow(2020, 1), flow(2020, 1, currency="PEN")])
    with pytest.raises(PointerError):
        number(case_of(ledger, money()), "it")


@pytest.mark.parametrize("left_out", ["origin", "stage"])
def test_money_of_two_releases_or_stages_is_never_added(left_out):
    other = {"origin": "older release"} if left_out == "origin" else {"stage": "disbursed"}
    ledger = ledger_of([], [flow(2020, 1), flow(2020, 1, **other)])
    with pytest.raises(PointerError):
        number(case_of(ledger, money(**{left_out: ""})), "it")


# --- what a number hangs on ----------------------------------------------------------------------


def test_no_number_hangs_on_a_row_that_it_does_not_name():
    """Every row that a number does not list is scaled at random: the number must stay.

    What `ayni why` prints is then all there is. Numbers read from a curve or an interval rest on whole
    series; of those only the value is asked for.
    """
    case = peru().case
    by_rows: dict[frozenset[str], list[str]] = {}
    plain = [name for name, pointer in case.pointers.items() if pointer.op == "figure"]
    by_rows[frozenset(row for name in plain for row in number(case, name).rows)] = plain
    slow = {name for name in case.pointers if name.startswith("curve-")} - {"curve-2024-median"}
    for name in sorted(case.pointers.keys() - set(plain) - slow):
        by_rows.setdefault(frozenset(number(case, name).rows), []).append(name)
    frames = {
        t: frame(case.ledger, t)
        for t in ("flows", "observations", "origins", "places", "indicators", "licences", "labels", "breaks")
    }
    needed = {row for rows in by_rows for row in rows}
    # of the rows that no number names, those of the same indicators and releases are what could matter
    seen = frames["observations"].filter(pl.col("row").is_in(needed))["indicator"].unique()
    sent = frames["flows"].filter(pl.col("row").is_in(needed))["origin"].unique()
    frames["observations"] = frames["observations"].filter(
        pl.col("indicator").is_in(seen.to_list() + list(case.indexes))
    )
    frames["flows"] = frames["flows"].filter(pl.col("origin").is_in(sent.to_list()))
    wrong = []
    for rows, names in by_rows.items():
        scrambled = {}
        for table, column in (("observations", "value"), ("flows", "amount")):
            which = frames[table].with_row_index("i")
            factor = 1 + (pl.col("i") * 37 % 11 + 1) / 10
            scrambled[table] = which.with_columns(
                pl.when(pl.col("row").is_in(rows)).then(pl.col(column)).otherwise(pl.col(column) * factor)
            ).drop("i")
            if table == "observations":
                scrambled[table] = scrambled[table].with_columns(
                    *(
                        pl.when(pl.col("row").is_in(rows)).then(pl.col(end)).otherwise(None).alias(end)
                        for end in ("low", "high")
                    )
                )
        moved = over(case, Ledger(path=case.ledger.path, parts=(), kept={**frames, **scrambled}))
        for name in names:
            was, now = number(case, name).quantity, number(moved, name).quantity
            if was.value != pytest.approx(now.value, rel=1e-9, abs=1e-12):
                wrong.append(f"{name} ({case.pointers[name].op}): {was.value:g} became {now.value:g}")
    assert wrong == []


def test_every_operation_is_used_or_known_by_name():
    assert {"figure", "money", "sum", "difference", "product", "ratio", "change", "range", "curve"} <= set(
        OPERATIONS
    )
    assert {p.op for p in peru().case.pointers.values()} <= set(OPERATIONS)


def test_every_number_of_the_case_says_where_it_comes_from():
    case = peru().case
    known = set(frame(case.ledger, "observations")["row"]) | set(frame(case.ledger, "flows")["row"])
    known |= set(frame(case.ledger, "breaks")["row"])
    for name in case.pointers:
        got = number(case, name)
        assert got.rows, name
        assert set(got.rows) <= known, name


def test_every_operation_says_which_filters_it_reads():
    from ayni.claims.numbers import OPERATIONS
    from ayni.claims.pointers import FILTERS

    assert FILTERS.keys() == OPERATIONS.keys()


def test_a_pointer_that_leads_nowhere_says_so_in_both_languages():
    lost = PointerError("no-row", {"name": "a", "sought": "place = PER"})
    assert str(lost) == lost.said("en")
    assert lost.said("es") != lost.said("en")
    assert "place = PER" in lost.said("es")

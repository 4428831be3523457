"""Charts to test on: the coca area of Peru, and small invented ones."""

from ayni.brief.charts import (
    AxisMark,
    Band,
    Bond,
    ChainDiagram,
    ChainHeadings,
    Chart,
    Fan,
    Headings,
    Level,
    Line,
    LineChart,
    Node,
    Pin,
    RangeStrip,
    Rank,
    RankBars,
    Specification,
    SpecificationCurve,
    Stack,
    StackedBars,
)

HEADINGS = Headings(series="serie", x="año", value="valor", low="mínimo", high="máximo", status="calidad")
CHAIN_HEADINGS = ChainHeadings(
    source="de", target="a", label="veredicto", strength="fuerza", against="en contra", none="sin evidencia"
)
YEARS = tuple(float(year) for year in range(2011, 2025))
COCA_HA = (
    62500.0, 60400.0, 49800.0, 42900.0, 40300.0, 43900.0, 49900.0,
    54134.0, 54655.0, 61777.0, 80681.0, 95008.0, 92784.0, 89755.0,
)  # fmt: skip


def year(value):
    return f"{value:.0f}"


def grouped(value):
    return f"{value:,.0f}".replace(",", " ")


def line_chart(**changes):
    fields = {
        "title": "La coca se duplicó",
        "alt": "Bajó hasta 2015 y subió hasta 2022.",
        "source": "UNODC & Devida",
        "subtitle": "hectáreas, 2011–2024",
        "unit": "hectáreas",
        "series": (Line(label="Observado", xs=YEARS, ys=COCA_HA, role="observed"),),
        "x_tick": year,
        "y_tick": grouped,
        "headings": HEADINGS,
    }
    return LineChart(**{**fields, **changes})


def full_line_chart(**changes):
    fan = Fan(label="Sin cooperación", xs=YEARS[7:], lines=tuple((54134.0 + 900 * k,) * 7 for k in range(30)))
    fields = {
        "series": (
            Line(label="Observado", xs=YEARS, ys=COCA_HA, role="observed"),
            Line(
                label="ONDCP",
                xs=YEARS,
                ys=(*COCA_HA[:10], None, *COCA_HA[11:]),
                role="rival",
                status="reported",
            ),
            Line(label="Tendencia", xs=YEARS[7:], ys=COCA_HA[:7], role="counterfactual", status="modelled"),
            Line(label="Serie que termina antes", xs=YEARS[:6], ys=COCA_HA[5:11]),
        ),
        "bands": (Band(label="Rango", xs=YEARS, lows=COCA_HA, highs=tuple(y * 1.1 for y in COCA_HA)),),
        "fans": (fan,),
        "pins": (
            Pin(x=2023.0, y=144000.0, label="Embajada, 2024", href="https://example.org/?a=1&b=2"),
            Pin(x=2023.0, y=140000.0, label="Un artículo con un nombre bastante largo"),
        ),
        "marks": (AxisMark(x=2011.0, label="área neta"), AxisMark(x=2012.0, label="zonas nuevas")),
        "status_labels": (("counted", "medido"), ("modelled", "modelado"), ("reported", "declarado")),
        "gap_label": "sin dato",
        "zero": True,
    }
    return line_chart(**{**fields, **changes})


def stacked_bars(**changes):
    fields = {
        "title": "El dinero",
        "alt": "Tres cuentas.",
        "unit": "millones de dólares, a precios de 2023",
        "xs": (2018.0, 2019.0, 2020.0, 2022.0),
        "stacks": (
            Stack(label="Desarrollo", values=(40.0, 42.0, None, 31.0)),
            Stack(label="Antinarcóticos", values=(50.0, 48.5, None, 20.0)),
            Stack(label="Devoluciones", values=(-3.0, -4.0, None, -1.5)),
        ),
        "hatched": frozenset({2022.0}),
        "hatch_label": "datos incompletos",
        "vintage": (91.0, None, None, 60.0),
        "vintage_label": "edición anterior",
        "missing_label": "sin dato",
        "overlays": (Line(label="Neto", xs=(2018.0, 2019.0), ys=(87.0, 86.5)),),
        "x_tick": year,
        "y_tick": grouped,
        "headings": HEADINGS,
    }
    return StackedBars(**{**fields, **changes})


def rank_bars(**changes):
    ranks = (
        Rank(label="Colombia", value=620.0, low=500.0, high=700.0, href="#colombia"),
        Rank(label="Perú", value=214.0, highlighted=True),
        Rank(
            label="Ecuador y zonas fronterizas con programas compartidos", value=-22.0, low=-30.0, high=-10.0
        ),
    )
    fields = {
        "title": "r",
        "alt": "r",
        "unit": "millones",
        "ranks": ranks,
        "tick": grouped,
        "headings": HEADINGS,
    }
    return RankBars(**{**fields, **changes})


def specifications(count, *, href=""):
    sources, methods = ("UNODC", "ONDCP", "Devida"), ("tendencia", "control sintético")
    points = []
    for at in range(count):
        value = ((at * 7919) % 1009 - 400.0) * 50.0
        choices = {"Fuente": sources[at % 3], "Método": methods[at * 7 % 2], "Base": f"desde {2011 + at % 4}"}
        points.append(
            Specification(
                value=value, low=value - 9000, high=value + 7000, choices=choices, family="Panel", href=href
            )
        )
    return tuple(points)


def curve(count=40, **changes):
    fields = {
        "title": "c",
        "alt": "c",
        "unit": "hectáreas evitadas",
        "points": specifications(count),
        "pins": (
            Level(value=54245.0, label="Embajada", href="#e"),
            Level(value=50000.0, label="Un artículo"),
        ),
        "tick": grouped,
        "headings": HEADINGS,
        "family_label": "Familia",
        "shade_label": "tono más fuerte, más estimaciones",
    }
    return SpecificationCurve(**{**fields, **changes})


def chain(**changes):
    names = (
        ("m", "Dinero", 0),
        ("e", "Equipo y formación", 0),
        ("r", "Erradicación", 1),
        ("d", "Desarrollo alternativo", 1),
        ("i", "Interdicción", 1),
        ("c", "Menos coca", 2),
        ("q", "Menos cocaína", 3),
        ("u", "Interés de los dos", 4),
    )
    groups = ("Insumos", "Actividades", "Productos", "Resultados", "Intereses")
    links = (
        Bond(source="m", target="r", strength=4, label="documentado", href="#mr"),
        Bond(source="m", target="d", strength=3, label="documentado", href="#md"),
        Bond(source="e", target="i", strength=2, label="probable", href="#ei"),
        Bond(source="r", target="c", strength=2, label="plausible", href="#rc"),
        Bond(source="d", target="c", none=True, label="sin prueba", href="#dc"),
        Bond(source="c", target="q", strength=1, against=True, label="desplazamiento", href="#cq"),
        Bond(source="i", target="u", strength=1, href="#iu"),
        Bond(source="q", target="u", strength=1, label="el precio no subió", against=True, href="#qu"),
    )
    fields = {
        "title": "La cadena",
        "alt": "Del dinero a los intereses.",
        "nodes": tuple(Node(key=k, label=label, column=at, group=groups[at]) for k, label, at in names),
        "links": links,
        "headings": CHAIN_HEADINGS,
        "strength_labels": ((1, "débil"), (2, "plausible"), (3, "probable"), (4, "mostrado")),
    }
    return ChainDiagram(**{**fields, **changes})


def strip(**changes):
    fields = {
        "title": "Lo evitado",
        "alt": "De -4 000 a 31 000.",
        "value": 12000.0,
        "low": -4000.0,
        "high": 31000.0,
        "unit": "hectáreas",
        "tick": grouped,
        "headings": HEADINGS,
        "pins": (Level(value=54245.0, label="Embajada", href="#e"), Level(value=12100.0, label="Artículo")),
    }
    return RangeStrip(**{**fields, **changes})


def every_chart() -> dict[str, Chart]:
    return {
        "line": line_chart(),
        "full-line": full_line_chart(),
        "bars": stacked_bars(),
        "ranks": rank_bars(),
        "curve": curve(),
        "curve-400": curve(400),
        "curve-linked": curve(30, points=specifications(30, href="#s")),
        "chain": chain(),
        "strip": strip(),
    }

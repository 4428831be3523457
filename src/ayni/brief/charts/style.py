"""The look of every chart: palettes after Okabe and Ito (2008) and one sheet of rules.

Okabe and Ito's colours are kept in hue and darkened or lightened until each has a contrast of 3:1 with the
paper, and those that also colour words one of 4.5:1 (WCAG 2.2, criteria 1.4.11 and 1.4.3). On paper the
stacks are greys from black to nearly white, told apart by an edge in ink.
"""

LIGHT = {
    "ink": "#1c1c1c",
    "paper": "#ffffff",
    "grid": "#dedede",
    "observed": "#0069a6",
    "counter": "#b04a00",
    "context": "#696969",
    "rival": "#9c3f75",
    "claim": "#00704f",
    "band": "#d3e3ee",
    "against": "#b3001b",
    "edge": "#ffffff",
    "s1": "#0072b2",
    "s2": "#c97f00",
    "s3": "#009270",
    "s4": "#b9608f",
    "s5": "#2f93c8",
    "s6": "#d55e00",
    "s7": "#968400",
    "s8": "#707070",
}
DARK = {
    "ink": "#ececec",
    "paper": "#16181b",
    "grid": "#34383d",
    "observed": "#56b4e9",
    "counter": "#f08c4a",
    "context": "#a3a3a3",
    "rival": "#dc97bd",
    "claim": "#2fc296",
    "band": "#26394a",
    "against": "#ff7a7a",
    "edge": "#16181b",
    "s1": "#56a8e0",
    "s2": "#e69f00",
    "s3": "#1fb88d",
    "s4": "#cc79a7",
    "s5": "#8fd0f5",
    "s6": "#f0762a",
    "s7": "#f0e442",
    "s8": "#9a9a9a",
}
PRINT = {
    "ink": "#000000",
    "paper": "#ffffff",
    "grid": "#d0d0d0",
    "observed": "#000000",
    "counter": "#4d4d4d",
    "context": "#747474",
    "rival": "#5c5c5c",
    "claim": "#333333",
    "band": "#e2e2e2",
    "against": "#000000",
    "edge": "#000000",
    "s1": "#1a1a1a",
    "s2": "#d4d4d4",
    "s3": "#6e6e6e",
    "s4": "#f2f2f2",
    "s5": "#454545",
    "s6": "#b4b4b4",
    "s7": "#2e2e2e",
    "s8": "#929292",
}
STACKS = 8
"""Colours there are for stacks."""

_FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif'
_WORDS = ("observed", "counter", "context", "rival", "claim", "against")

_RULES = """
.ayni-chart{display:block;width:100%;height:auto;font-family:var(--f-chart);overflow:visible}
.ayni-chart text{fill:var(--c-ink);font-variant-numeric:tabular-nums}
.ayni-chart .quiet{fill:var(--c-context)}
.ayni-chart .strong{font-weight:600}
.ayni-chart .halo{paint-order:stroke;stroke:var(--c-paper);stroke-width:3px;stroke-linejoin:round}
.ayni-chart path{stroke-linejoin:round}
.ayni-chart .paper{fill:var(--c-paper);stroke:none}
.ayni-chart .grid{stroke:var(--c-grid);stroke-width:1;shape-rendering:crispEdges}
.ayni-chart .axis{stroke:var(--c-ink);stroke-width:1;shape-rendering:crispEdges}
.ayni-chart .tick{stroke:var(--c-context);stroke-width:1;shape-rendering:crispEdges}
.ayni-chart .mark{stroke:var(--c-ink);stroke-width:2}
.ayni-chart .rise{stroke:var(--c-context);stroke-width:1;stroke-dasharray:1 3}
.ayni-chart .leader{stroke:var(--c-context);stroke-width:.8}
.ayni-chart .band{fill:var(--c-band);stroke:none}
.ayni-chart .edge{stroke:var(--c-context);stroke-width:.8}
.ayni-chart .fan{stroke:var(--c-counter);stroke-width:.9;stroke-opacity:.32}
.ayni-chart .line{stroke-linecap:round}
.ayni-chart .line-observed{stroke:var(--c-observed);stroke-width:2.6}
.ayni-chart .line-counter{stroke:var(--c-counter);stroke-width:2;stroke-dasharray:7 4}
.ayni-chart .line-rival{stroke:var(--c-rival);stroke-width:1.8}
.ayni-chart .line-context{stroke:var(--c-context);stroke-width:1.4}
.ayni-chart .dash-1{stroke-dasharray:2 3.5}
.ayni-chart .dash-2{stroke-dasharray:9 3 2 3}
.ayni-chart .gap{stroke-width:1.1;stroke-dasharray:.5 3.5;stroke-linecap:round}
.ayni-chart .dot{stroke-linecap:round;stroke-dasharray:none}
.ayni-chart .square{stroke-linecap:square;stroke-dasharray:none}
.ayni-chart .hollow{stroke:var(--c-paper)}
.ayni-chart .diamond{stroke:none}
.ayni-chart .bar{fill:var(--c-context);stroke:none}
.ayni-chart .bar-main{fill:var(--c-observed);stroke:none}
.ayni-chart .whisker-back{stroke:var(--c-paper);stroke-width:3.6}
.ayni-chart .whisker{stroke:var(--c-ink);stroke-width:1.3}
.ayni-chart .stack{stroke:var(--c-edge);stroke-width:.6}
.ayni-chart .open{fill:var(--c-paper);stroke:var(--c-context);stroke-width:1.2}
.ayni-chart .hatch{stroke:var(--c-context);stroke-width:.8;stroke-dasharray:2 2}
.ayni-chart .hatch-ink{stroke:var(--c-paper);stroke-width:2}
.ayni-chart .hatch-core{stroke:var(--c-edge);stroke-width:.7}
.ayni-chart .vintage{stroke:var(--c-ink);stroke-width:2}
.ayni-chart .missing{stroke:var(--c-context);stroke-width:1.4;stroke-dasharray:1.4 2.2}
.ayni-chart .overlay-back{stroke:var(--c-paper);stroke-width:4.5}
.ayni-chart .overlay{stroke:var(--c-ink);stroke-width:2}
.ayni-chart .reach{stroke:var(--c-counter);stroke-opacity:.38}
.ayni-chart .effect{stroke:var(--c-counter);stroke-linecap:round}
.ayni-chart .choice{stroke:var(--c-ink);stroke-linecap:round}
.ayni-chart .flat{stroke-linecap:butt}
.ayni-chart .shade-1{stroke-opacity:.22}
.ayni-chart .shade-2{stroke-opacity:.45}
.ayni-chart .shade-3{stroke-opacity:.7}
.ayni-chart .shade-4{stroke-opacity:1}
.ayni-chart .claim{stroke:var(--c-claim);stroke-width:1.4}
.ayni-chart .claim-line{stroke-dasharray:6 3}
.ayni-chart .badge{fill:var(--c-paper);stroke:var(--c-claim);stroke-width:1.3}
.ayni-chart .badge-plain{stroke:var(--c-context)}
.ayni-chart .badge-against{stroke:var(--c-against)}
.ayni-chart .hit{stroke:transparent;stroke-width:14;pointer-events:stroke}
.ayni-chart .node{fill:var(--c-paper);stroke:var(--c-ink);stroke-width:1}
.ayni-chart .bond{stroke:var(--c-observed)}
.ayni-chart .bond-none{stroke:var(--c-context);stroke-dasharray:3 4}
.ayni-chart .bond-against{stroke:var(--c-against)}
.ayni-chart .head{fill:var(--c-observed);stroke:none}
.ayni-chart .head-none{fill:var(--c-context)}
.ayni-chart .head-against{fill:var(--c-against)}
.ayni-chart .plate{fill:var(--c-paper);stroke:none}
.ayni-chart .reach-strip{fill:var(--c-band);stroke:var(--c-context);stroke-width:.8}
.ayni-chart .value-strip{stroke:var(--c-observed);stroke-width:3}
.ayni-chart a{text-decoration:underline dotted;cursor:pointer}
.ayni-chart a:focus-visible{outline:2px solid var(--c-ink);outline-offset:2px}
.ayni-chart a:hover .bond,.ayni-chart a:focus .bond{stroke:var(--c-ink)}
@media print{.ayni-chart{break-inside:avoid}}
"""


def _properties(palette: dict[str, str]) -> str:
    return ";".join(f"--c-{name}:{colour}" for name, colour in palette.items())


def _rules() -> str:
    words = "".join(
        f".ayni-chart .word-{name}{{fill:var(--c-{name})}}.ayni-chart .fill-{name}{{fill:var(--c-{name})}}"
        f".ayni-chart .ink-{name}{{stroke:var(--c-{name})}}\n"
        for name in _WORDS
    )
    stacks = "".join(f".ayni-chart .s{place}{{fill:var(--c-s{place})}}" for place in range(1, STACKS + 1))
    return _RULES.lstrip() + words + stacks + "\n"


def _resolved(rules: str, palette: dict[str, str]) -> str:
    for name, colour in palette.items():
        rules = rules.replace(f"var(--c-{name})", colour)
    return rules.replace("var(--f-chart)", _FONT)


CHART_CSS = (
    f":root{{{_properties(LIGHT)};--f-chart:{_FONT}}}\n"
    f"@media (prefers-color-scheme:dark){{:root{{{_properties(DARK)}}}}}\n"
    f"@media print{{:root{{{_properties(PRINT)}}}}}\n"
) + _rules()
"""The sheet for a page: light, dark and print palettes as custom properties, then the rules."""

LIGHT_CSS = _resolved(_rules(), LIGHT)
"""The rules with the light colours written in, for files opened where custom properties are unknown."""

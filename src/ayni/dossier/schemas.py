"""The shape of a dossier's TOML files: what each may and must hold.

Pydantic tells every fault of a file at once, each with its place; `ayni.dossier.files`
turns places into lines.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ayni.claims.records import Kind
from ayni.claims.results import ItemKind, NodeKind
from ayni.ledger.records import Stage
from ayni.panel.curve import METHODS
from ayni.trends import RULES

Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.\-]*$")]
Text = Annotated[str, Field(min_length=1)]
Year = Annotated[int, Field(ge=1800, le=2100)]


class Strict(BaseModel):
    """Nothing extra, nothing guessed: a year in quotes is a fault, not a year."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class InterestFile(Strict):
    """One of the interests, in the order of the page."""

    es: Text
    en: Text
    headline: Key
    theatre: Literal["region", "home", "both"]


class ReleaseFile(Strict):
    """Which release and table the page's money charts are drawn from."""

    totals: Key
    accounts: Key
    stage: Stage
    account_stage: Stage


class DossierFile(Strict):
    """``dossier.toml``: who, years, currency, price base, languages."""

    key: Key
    edition: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    title_es: Text
    title_en: Text
    question_es: Text
    question_en: Text
    provider: Text
    recipient: Text
    since: Year
    until: Year
    currency: Literal["USD", "PEN", "EUR"]
    price_base: Year
    languages: Annotated[list[Literal["es", "en"]], Field(min_length=1)]
    indexes: list[Key]
    release: ReleaseFile
    interests: dict[str, InterestFile]


class CauseFile(Strict):
    """The flows whose effect is asked about."""

    provider: Text
    recipient: Text
    stage: Stage
    origin: Key
    purpose: str = ""


class DesignFile(Strict):
    """A design asked about a question."""

    design: Key
    conversion: str = ""
    to: str = ""
    settings: dict[str, str] = {}


class QuestionFile(Strict):
    """One question of ``questions.toml``."""

    es: Text
    en: Text
    interest: Key
    indicator: Key
    place: Text
    counterpart: str = ""
    year: Year
    since: int = 0
    dated: str = ""
    big: Annotated[float, Field(gt=0)]
    better: Literal["lower", "higher"]
    claimed: list[str] = []
    cause: CauseFile
    design: list[DesignFile]


class RuleFile(Strict):
    """A trend rule with its parameter, if it needs one."""

    rule: Literal[tuple(RULES)]  # type: ignore[valid-type]
    parameter: float | None = None
    why: str = ""


class ExclusionFile(Strict):
    """Combinations left out."""

    rule: str = ""
    shortest: int = 1
    before: int = 0
    es: Text
    en: Text


class SpecificationFile(Strict):
    """One frozen list of ``specifications.toml``."""

    question: Key
    frozen: Text
    digest: Text
    starts: list[Year]
    ends: list[Year]
    conversions: list[str] = []
    rule: list[RuleFile]
    exclusion: list[ExclusionFile] = []


class PoolFile(Strict):
    """Places that are compared with."""

    es: Text
    en: Text
    places: Text
    without: str = ""


class PanelSpecificationFile(Strict):
    """One frozen list of comparisons or doses in ``specifications.toml``."""

    question: Key
    design: Literal["comparison", "dose"]
    frozen: Text
    digest: Text
    methods: list[Literal[tuple(METHODS)]] = []  # type: ignore[valid-type]
    pool: Annotated[list[PoolFile], Field(min_length=1)]
    starts: Annotated[list[int], Field(min_length=1)]
    floors: list[float] = [0.0]
    lags: list[Annotated[int, Field(ge=0, le=10)]] = [0]
    transforms: list[Literal["level", "log", "index"]] = ["level"]


class ClaimFile(Strict):
    """One claim of ``claims.toml``."""

    key: Key
    kind: Kind
    es: Text
    en: Text
    speaker: Key
    span: Text
    interest: Key
    side: Literal["provider", "recipient", "both"]
    concept: str = ""
    place: str = ""
    counterpart: str = ""
    year: int = 0
    value: float | None = None
    unit: str = ""
    rounding: Annotated[float, Field(ge=0)] = 0.0
    comparator: Literal["=", ">=", "<="] = "="
    inputs: list[list[str]] = []
    elsewhere: list[str] = []
    links: list[str] = []
    effects: list[str] = []
    parts: list[str] = []
    reading_es: str = ""
    reading_en: str = ""


class ClaimsFile(Strict):
    """``claims.toml``."""

    claim: list[ClaimFile]


class NodeFile(Strict):
    """A node of the results chain."""

    key: Key
    kind: NodeKind
    es: Text
    en: Text
    interest: str = ""
    theatre: str = ""


class ItemFile(Strict):
    """A typed row of evidence on a link."""

    key: Key
    kind: ItemKind
    method: Text
    here: bool
    es: Text
    en: Text
    number: str = ""
    test: Literal["below", "above", "for", "against"]
    threshold: float = 0.0
    document: str = ""


class LinkFile(Strict):
    """A link of the results chain."""

    key: Key
    source: Key
    target: Key
    es: Text
    en: Text
    item: list[ItemFile] = []


class ResultsFile(Strict):
    """``results.toml``."""

    node: list[NodeFile]
    link: list[LinkFile]


class CorrectionFile(Strict):
    """One known error of a source."""

    key: Key
    indicator: Key
    place: Text
    years: list[Year]
    action: Literal["drop", "replace", "scale", "flag"]
    expect: float
    value: float | None = None
    origin: Key
    reason_es: Text
    reason_en: Text
    reported: str = ""


class EditionFile(Strict):
    """A number that changed since the last edition, for the correction log."""

    edition: Text
    es: Text
    en: Text


class CorrectionsFile(Strict):
    """``corrections.toml``."""

    correction: list[CorrectionFile] = []
    edition: list[EditionFile] = []

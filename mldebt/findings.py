"""What a check says (`Finding`), what it costs (`Ranked`), and the whole answer of a run (`Report`)."""

from __future__ import annotations

import enum

import msgspec


class Severity(enum.StrEnum):
    """How much attention a finding deserves, least first in `ORDER`."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    ADVISORY = "advisory"

    @property
    def level(self) -> int:
        """0 for advisory up to 3 for error."""
        return ("advisory", "info", "warning", "error").index(self.value)


class Certainty(enum.StrEnum):
    """`proved` follows from constants, `inferred` from heuristics, `advisory` cannot be confirmed statically."""

    PROVED = "proved"
    INFERRED = "inferred"
    ADVISORY = "advisory"


class Location(msgspec.Struct, frozen=True, order=True):
    """A labelled place. Lines and columns start at 1; in a notebook `line` is that of the .ipynb file."""

    path: str
    line: int
    column: int = 1
    end_line: int = 0
    end_column: int = 0
    message: str = ""
    cell: int | None = None
    cell_line: int | None = None


class Finding(msgspec.Struct, frozen=True):
    """One root cause. `anchor` and `scope` identify it across line shifts; `size` is what its cost grows with (lines or sites)."""

    rule: str  # the card's name
    location: Location
    message: str
    anchor: str
    scope: str = ""
    evidence: tuple[Location, ...] = ()
    confidence: float = 1.0
    size: int = 1
    reach: float = 0.0  # weighted number of processes or models downstream
    help: str = ""  # replaces the card's
    share: float = 1.0  # of the card's interest: less where something in the code softens the debt
    parts: tuple[str, ...] = ()  # names of what it groups: a baseline that has fewer of them does not know it


class Heeded(msgspec.Struct, frozen=True):
    """A finding after the comments have had their say; `reason` is theirs."""

    finding: Finding
    accepted: bool = False
    ignored: bool = False
    reason: str = ""


class Ranked(msgspec.Struct, frozen=True):
    """A finding with its identity, its price and its place in the order. Minutes of work; interest is per quarter (90 days)."""

    finding: Finding
    code: str
    name: str
    debt: str
    severity: Severity
    certainty: Certainty
    help: str
    principal_minutes: float
    interest_minutes_per_quarter: float
    exposure: str  # serving, scheduled, library, script, notebook, test
    fingerprint: str
    rank: int
    accepted: bool = False  # known debt: counted, not in the exit code
    ignored: bool = False  # by a comment: in no report but those that tell of suppressions
    ordinal: int = 0  # of the findings with the same code, path, scope and anchor
    reach: float = 1.0  # the factors of the interest, as `mldebt explain ranking` tells them
    commits: int | None = None  # in 90 days, of the busiest file that drives the interest; None: no history, or nothing drives it
    age_days: int | None = None  # of the oldest line of the finding; None: no history, or the rule does not compound
    owners: tuple[str, ...] = ()  # of the file, by CODEOWNERS
    reason: str = ""  # that a comment gives for ignoring or accepting it


class Unread(msgspec.Struct, frozen=True, order=True):
    """A file that was not analysed, and why."""

    path: str
    reason: str


class Grade(msgspec.Struct, frozen=True):
    """The debt ratio of the project: principal over what its code cost to write, at 30 minutes a line; `letter` by its bands.

    `code_lines` are those of Python, notebooks, SQL and shell that are not blank. `letter` is "" when it is refused; `why` says why.
    """

    ratio: float
    letter: str
    why: str = ""
    code_lines: int = 0


class BaselineState(msgspec.Struct, frozen=True):
    """What `--baseline` or `--since` left out of the findings. `origin` is the file or the revision."""

    origin: str
    known: int  # findings that it has
    stale: tuple[str, ...] = ()  # its entries that no finding has any more, as one line of text each
    grown: int = 0  # findings that it has in fewer files: they are reported


class Point(msgspec.Struct, frozen=True):
    """The debt of one commit, for a trend. `date` is the commit's, ISO 8601."""

    commit: str
    date: str
    findings: int
    principal_minutes: float
    interest_minutes_per_quarter: float
    lines: int
    debts: dict[str, float] = {}  # family -> interest


class Drawing(msgspec.Struct, frozen=True):
    """A drawing for reports that can show one: an `<svg>` element, whose texts are escaped, and what it shows."""

    title: str
    svg: str
    caption: str = ""


LEAST_COVERAGE = 0.3  # of the places that read or write: below, a verdict on the project says more about mldebt


class Coverage(msgspec.Struct, frozen=True):
    """How many of the things that a rule depends on were resolved."""

    resolved: int
    total: int
    unknown: dict[str, int] = {}  # of those that were not: how many for which reason


class VendorUse(msgspec.Struct, frozen=True):
    """One general-purpose ML package: in how many files it is called, how often, and how many lines convert data for its calls.

    `medium`: the project is written in it (it subclasses its classes), so that calling it is no glue.
    """

    vendor: str
    files: int
    calls: int
    conversions: int
    medium: bool


class Glue(msgspec.Struct, frozen=True):
    """How much of a project is glue (Sculley et al., section 5), over its Python files that are no tests, demonstrations or notebooks.

    `touching`: files that call a vendor other than the medium; `conversions`: lines that convert data for calls of any vendor.
    `vendors`: the most used first.
    """

    files: int = 0
    touching: int = 0
    lines: int = 0
    conversions: int = 0
    vendors: tuple[VendorUse, ...] = ()

    @property
    def share_of_files(self) -> float:
        return self.touching / self.files if self.files else 0.0

    @property
    def share_of_lines(self) -> float:
        return self.conversions / self.lines if self.lines else 0.0


class Summary(msgspec.Struct, frozen=True):
    files: int
    lines: int
    seconds: float
    findings: int
    principal_minutes: float
    interest_minutes_per_quarter: float
    coverage: dict[str, Coverage]
    unread: tuple[Unread, ...] = ()
    suppressed: int = 0  # by ignore comments
    accepted: int = 0
    filtered: int = 0  # below --min-confidence or --min-severity, or not in --focus
    hidden: int = 0  # cut by --top
    notes: tuple[str, ...] = ()  # e.g. why history counts as 1
    timings: dict[str, float] = {}
    languages: dict[str, int] = {}
    grade: Grade | None = None  # None: only a part of the project or of its rules was asked for
    baseline: BaselineState | None = None
    glue: Glue = Glue()


class Report(msgspec.Struct, frozen=True):
    """`findings` are in rank order. `root` is the absolute project root, used to read snippets only.

    `known` are those that the baseline has (not among `findings`), `ignored` those that an ignore comment takes out.
    `drawings` and `trend` are there only when a format that shows them is asked for. `focused`: only what touches some files is wanted.
    `given` is content that was read instead of that on disk, by path. `order` is what `findings` are sorted by when it is not their rank.
    """

    root: str
    profile: str
    summary: Summary
    findings: tuple[Ranked, ...]
    known: tuple[Ranked, ...] = ()
    ignored: tuple[Ranked, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    trend: tuple[Point, ...] = ()
    given: dict[str, bytes] = {}
    focused: bool = False
    order: str = ""

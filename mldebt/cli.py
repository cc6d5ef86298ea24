"""The command line: arguments in, exit code out. Data goes to standard output, everything else to standard error."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import rich_click as click
from click.exceptions import Abort, ClickException, UsageError

from mldebt import __version__

if TYPE_CHECKING:
    from mldebt.config import Loaded

CLEAN, FINDINGS, USAGE, NOTHING, CRASH, INTERRUPTED = 0, 1, 2, 3, 101, 130
SEVERITIES = ("advisory", "info", "warning", "error")
GRAPHS = ("text", "json", "dot", "mermaid", "html")
FORMS = ("toml", "dbt-exposure", "odps", "backstage", "comment")
FORMATS_SAID = "text, full, concise, json, jsonl, sarif, github, gitlab, junit, markdown or html"
REPORTS = ("text", "json", "markdown", "html")
SORTS = ("cost", "interest", "payback", "principal", "severity", "confidence", "path", "rule")

HELP = {"help_option_names": ["-h", "--help"]}
EPILOG = "Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 bad usage or configuration, 3 nothing to analyse, 101 crash."

F = TypeVar("F", bound=Callable[..., object])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; never raises."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = int(cli.main(words or ["--help"], prog_name="mldebt", standalone_mode=False) or CLEAN)
        return code if words else USAGE
    except (KeyboardInterrupt, Abort):
        return INTERRUPTED
    except BrokenPipeError:
        return CLEAN
    except UsageError as error:
        command = error.ctx.command_path if error.ctx else "mldebt"
        return _complain(f"{error.format_message()} Try `{command} --help`.")
    except ClickException as error:
        return _complain(error.format_message())
    except Exception as error:
        from mldebt.config import ConfigError
        from mldebt.data_pass.errors import DataError
        from mldebt.sources.discover import SourceError

        if isinstance(error, (ConfigError, DataError, SourceError)):
            return _complain(str(error))
        if isinstance(error, FileNotFoundError) and error.filename is None:
            return _complain("the working directory does not exist any more")
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
            return _complain(f"the report cannot be written: {error.strerror}")
        return _crash(error, verbose="-v" in words or "--verbose" in words)


def _say(message: str) -> None:
    from mldebt.report.terminal import emit, safe

    emit(safe(message) + "\n", sys.stderr)


def _complain(message: str) -> int:
    _say(f"error: {message}")
    return USAGE


def _crash(error: Exception, *, verbose: bool) -> int:
    if verbose:
        import traceback

        traceback.print_exception(error)
    hint = "" if verbose else "; run again with -v for the traceback"
    _say(f"mldebt {__version__} crashed: {type(error).__name__}: {error}. This is a defect of mldebt, please report it{hint}.")
    return CRASH


@click.group(context_settings=HELP)
@click.version_option(__version__, "-V", "--version", prog_name="mldebt", message="%(prog)s %(version)s")
def cli() -> None:
    """Find machine-learning technical debt: what it is, where both ends of it are, what it costs to leave and to pay.

    \b
    mldebt scan                      the debt of this project, dearest first
    mldebt features x.csv --target y which columns a model could lose together
    mldebt explain unread-flag       what a rule means, with examples
    mldebt explain ranking           how interest and principal are reckoned
    mldebt graph                     who writes and who reads each artifact
    mldebt history                   how the debt grew over time
    mldebt declare data/scores.csv   write down who uses an artifact
    mldebt facts export              what other repositories need to know
    mldebt config                    every setting, with its value here
    """


def _project_options(command: F) -> F:
    for option in (
        click.option("--isolated", is_flag=True, help="Read no configuration file and no MLDEBT_* variable."),
        click.option("--config", "overrides", metavar="FILE|KEY=VALUE", multiple=True, help="A configuration file, or one setting."),
    ):
        command = option(command)
    return command


@cli.command(context_settings=HELP, epilog=EPILOG)
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--profile", metavar="NAME", help="Rules that are on: default, strict or audit.")
@click.option("--select", metavar="RULES", multiple=True, help="Only these: names, codes, prefixes (MLD4), debts or ALL.")
@click.option("--ignore", metavar="RULES", multiple=True, help="Leave these out.")
@click.option("--extend-select", metavar="RULES", multiple=True, help="Add these to the profile.")
@click.option("--per-file-ignores", metavar="PATTERN:RULE", multiple=True, help="Leave a rule out in matching files.")
@click.option("--exclude", metavar="PATTERNS", multiple=True, help="Do not scan these, instead of the built-in list.")
@click.option("--extend-exclude", metavar="PATTERNS", multiple=True, help="Do not scan these either.")
@click.option("--respect-gitignore/--no-respect-gitignore", default=None, help="Leave out what git ignores (the default).")
@click.option("--force-exclude", is_flag=True, default=None, help="Exclude also files that are named as PATHS.")
@click.option("--focus", is_flag=True, help="Analyse the whole project; report only what touches PATHS.")
@click.option("--stdin-filename", metavar="FILE", help="Which file of the project standard input (-) stands for.")
@click.option("--show-files", is_flag=True, help="List the files that would be read, and stop.")
@click.option("--baseline", metavar="FILE", help="Report only what this file of known debt does not have.")
@click.option("--update-baseline", is_flag=True, help="Write all findings of this run to the baseline.")
@click.option("--prune-baseline", is_flag=True, help="Take out of the baseline what is paid; add nothing.")
@click.option("--error-stale-baseline", is_flag=True, help="Exit with 1 when the baseline has debt that is paid.")
@click.option("--since", default="", metavar="REV", help="Report only what is new since a commit, or since this branch left it.")
@click.option("--output-format", metavar="FORMAT", help=f"Of standard output: {FORMATS_SAID}.")
@click.option("--output", "outputs", metavar="FORMAT=FILE", multiple=True, help="Write a report to a file as well; may be repeated.")
@click.option("--trend", default="", metavar="DATE", help="Add the debt of commits since then to html: 6.months.")
@click.option("--history/--no-history", default=None, help="Ask git for churn and ages (the default).")
@click.option(
    "--min-severity", type=click.Choice(SEVERITIES), metavar="LEVEL", help="Least severity to report: advisory, info, warning, error."
)
@click.option("--min-confidence", type=click.FloatRange(0, 1), metavar="SHARE", help="Least confidence to report.")
@click.option("--top", type=click.IntRange(0), metavar="N", help="Report the first N findings only.")
@click.option(
    "--sort",
    type=click.Choice(SORTS),
    default="cost",
    metavar="ORDER",
    help=f"{', '.join(SORTS)}; cost is confidence x interest, payback principal by cost.",
)
@click.option("--statistics", is_flag=True, help="Counts and costs per rule instead of findings.")
@click.option("--debt-comments", is_flag=True, help="List comments that admit debt (TODO, for now, must match) instead; text or json.")
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto", metavar="WHEN", help="auto, always or never.")
@click.option("--no-progress", is_flag=True, help="Show no progress bar.")
@click.option("--timings", is_flag=True, help="Say on standard error how long each stage took.")
@click.option("-q", "--quiet", is_flag=True, help="No warnings and no progress bar.")
@click.option("-v", "--verbose", is_flag=True, help="Cut no list short; show the traceback of a crash.")
@click.option(
    "--fail-on",
    type=click.Choice(("never", *SEVERITIES)),
    metavar="LEVEL",
    help="Least severity that makes the exit code 1 (warning), or never.",
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even when there are findings.")
@click.option("--strict", is_flag=True, help="Exit with 3 when any file could not be read.")
@click.option("--show-settings", is_flag=True, help="Print the settings in force, and stop.")
@click.option("-j", "--jobs", type=click.IntRange(0), metavar="N", help="Processes; 0: as many as are useful.")
@click.option("--backend", type=click.Choice(("local", "dask")), metavar="NAME", help="Where files are parsed: local or dask.")
@click.option("--scheduler", default="", metavar="ADDRESS", help="Of a running Dask scheduler, for --backend dask.")
@click.option("--no-cache", is_flag=True, help="Read every file anew and leave nothing on disk.")
@click.option("--cache-dir", type=click.Path(), help="Where parsed files are kept; default .mldebt_cache.")
@_project_options
@click.option_panel("Rules", options=["--profile", "--select", "--ignore", "--extend-select", "--per-file-ignores"])
@click.option_panel(
    "Files",
    options=["--exclude", "--extend-exclude", "--respect-gitignore", "--force-exclude", "--focus", "--stdin-filename", "--show-files"],
)
@click.option_panel("What is new", options=["--since", "--baseline", "--update-baseline", "--prune-baseline", "--error-stale-baseline"])
@click.option_panel(
    "Report",
    options=[
        "--output-format",
        "--output",
        "--min-severity",
        "--min-confidence",
        "--top",
        "--sort",
        "--statistics",
        "--debt-comments",
        "--history",
        "--trend",
        "--color",
    ],
)
@click.option_panel("Exit code", options=["--fail-on", "--exit-zero", "--strict"])
@click.option_panel("Configuration", options=["--config", "--isolated", "--show-settings"])
@click.option_panel(
    "Running",
    options=[
        *("--jobs", "--backend", "--scheduler", "--no-cache", "--cache-dir"),
        *("--no-progress", "--timings", "--quiet", "--verbose", "--help"),
    ],
)
def scan(**arguments: object) -> int:
    """Report the debt in PATHS (the current directory unless given), dearest first.

    \b
    mldebt scan                            everything, dearest first
    mldebt scan --profile audit --top 20   all rules, twenty findings
    mldebt scan --select dead-experimental-path --output-format full
    mldebt scan --output json=debt.json    a file for machines as well
    mldebt scan --focus train.py           only what touches train.py
    mldebt scan --since origin/main        only what this branch added
    mldebt scan --baseline .mldebt-baseline.jsonl --update-baseline
    mldebt scan - --stdin-filename train.py < buffer
    """
    from mldebt.scanning import ScanArguments, scan_command

    return scan_command(ScanArguments.of(arguments), _say)


@cli.command(
    context_settings=HELP, epilog="Exit codes: 0 judged, 1 a dropped column has a kind of --fail-on, 2 bad usage or data, 101 crash."
)
@click.argument("data", nargs=-1)
@click.option("--target", metavar="COL", help="The column that the model predicts.")
@click.option("--weights", metavar="COL", help="Column with the weights of the rows, in fits and in the metric.")
@click.option("--groups", metavar="COL", help="Column whose equal values stay in one fold: customer, patient.")
@click.option("--time", metavar="COL", help="Column that orders the rows: no fold trains on what comes later.")
@click.option("--drop", metavar="COLS", multiple=True, help="No features at all, and left out: a,b or several times.")
@click.option("--sample", type=int, metavar="ROWS", help="Most rows that models are fitted on (200000).")
@click.option("--allow-import", is_flag=True, default=None, help="Import module:function of DATA or --model. That runs its code.")
@click.option("--model", metavar="MODEL", help="Who judges: auto, ridge, logistic, hgb, or your own as module:factory.")
@click.option("--metric", metavar="SCORER", help="A scorer of scikit-learn: roc_auc, neg_log_loss; auto goes by the target.")
@click.option("--structure-only", is_flag=True, default=None, help="Ask no model: constants, copies, identifiers, leaks only.")
@click.option("--tolerance", type=float, metavar="LOSS", help="How much of the metric all dropped columns together may cost (0.005).")
@click.option("--alpha", type=float, metavar="RATE", help="Error rate of the one-sided bounds (0.05).")
@click.option("--folds", type=int, metavar="N", help="Folds of one repeat (5).")
@click.option("--repeats", type=int, metavar="N", help="Most repeats of the folds (3); spent only on what is not clear.")
@click.option("--seed", type=int, metavar="N", help="Of the folds and models (0); equal seeds give equal answers.")
@click.option("--keep", metavar="COLS", multiple=True, help="Never propose these: a,b or several times.")
@click.option("--bundle", metavar="NAME=PATTERN", multiple=True, help="Columns that belong together: 'bureau=bureau_*'. May be repeated.")
@click.option("--budget", type=float, metavar="SECONDS", help="Stop the search after this time with what is proved; the answer may vary.")
@click.option("--code", type=click.Path(), metavar="PATH", help="Project whose lines speak of the columns; default this one, if it is one.")
@click.option("--no-code", is_flag=True, help="Look for the columns in no code.")
@click.option("--no-store", is_flag=True, help="Do not keep the result for `mldebt scan` in .mldebt/features.json.")
@click.option(
    "--output-format", type=click.Choice(REPORTS), default="text", metavar="FORMAT", help=f"Of standard output: {', '.join(REPORTS)}."
)
@click.option("--output", "outputs", metavar="FORMAT=FILE", multiple=True, help="Write a report to a file as well; may be repeated.")
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto", metavar="WHEN", help="auto, always or never.")
@click.option("--fail-on", metavar="KINDS", multiple=True, help="Exit with 1 when a dropped column is duplicate, legacy, ... or any.")
@click.option("--backend", type=click.Choice(("local", "dask")), metavar="NAME", help="Where the fits run: local or dask.")
@click.option("--scheduler", metavar="ADDRESS", help="Of a running Dask scheduler, for --backend dask.")
@click.option("-j", "--jobs", type=click.IntRange(0), metavar="N", help="Processes; 0: more than one only where it pays.")
@click.option("--timings", is_flag=True, help="Say how long each stage took, and in reports the whole.")
@click.option("--no-progress", is_flag=True, help="Show no progress bar.")
@click.option("-q", "--quiet", is_flag=True, help="No warnings and no progress bar.")
@click.option("-v", "--verbose", is_flag=True, help="Cut no list short; show the traceback of a crash.")
@_project_options
@click.option_panel("Data", options=["--target", "--weights", "--groups", "--time", "--drop", "--sample", "--allow-import"])
@click.option_panel("Judge", options=["--model", "--metric", "--structure-only"])
@click.option_panel("Decision", options=["--tolerance", "--alpha", "--folds", "--repeats", "--seed", "--keep", "--bundle", "--budget"])
@click.option_panel("Code", options=["--code", "--no-code", "--no-store"])
@click.option_panel("Report", options=["--output-format", "--output", "--color"])
@click.option_panel("Exit code", options=["--fail-on"])
@click.option_panel("Configuration", options=["--config", "--isolated"])
@click.option_panel(
    "Running",
    options=["--backend", "--scheduler", "--jobs", "--timings", "--no-progress", "--quiet", "--verbose", "--help"],
)
def features(**arguments: object) -> int:
    """Say which columns of DATA a model could lose together, why, and which lines of code would go with them.

    DATA is a CSV, Parquet or Feather file, a folder of them, module:function that returns (X, y), or a data set of the settings by
    its name; without DATA, every data set of the settings. The columns are left out as one set and the model is fitted again:
    they may go when the metric falls by no more than the tolerance, tested once more on folds that the search never saw.

    \b
    mldebt features credit.csv --target default
    mldebt features credit.csv --target default --model hgb --metric roc_auc
    mldebt features visits.parquet --target readmitted --groups patient_id
    mldebt features sales.csv --target units --time day --keep price,store
    mldebt features credit.csv --target default --structure-only    no model
    mldebt features credit.csv --target default --output json=features.json
    mldebt features                every data set of the settings, such as
      [tool.mldebt.features.credit]
      data = "data/credit.csv"
      target = "default"
    """
    from mldebt.featuring import FeatureArguments, features_command

    return features_command(FeatureArguments.of(arguments), _say)


@cli.command(context_settings=HELP, epilog="Exit codes: 0 written, 2 bad usage or configuration, 3 nothing to analyse, 101 crash.")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--artifact", "artifacts", metavar="PATTERN", multiple=True, help="Artifacts whose name holds or matches this.")
@click.option("--path", "globs", metavar="GLOB", multiple=True, help="Artifacts that these files write or read.")
@click.option("--finding", "findings", metavar="ID", multiple=True, help="Artifacts of a finding: its fingerprint, code or name.")
@click.option("--undeclared", is_flag=True, help="Only edges between files that nobody declared.")
@click.option("--models", is_flag=True, help="Models instead: what each learns from, and who uses its answers.")
@click.option("--format", type=click.Choice(GRAPHS), default="text", metavar="FORMAT", help=f"One of {', '.join(GRAPHS)}.")
@click.option("--output", type=click.Path(), metavar="FILE", help="Write to a file instead of standard output.")
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto", metavar="WHEN", help="auto, always or never.")
@click.option("-j", "--jobs", type=click.IntRange(0), metavar="N", help="Processes; 0: as many as are useful.")
@click.option("--no-cache", is_flag=True, help="Read every file anew and leave nothing on disk.")
@click.option("--cache-dir", type=click.Path(), help="Where parsed files are kept; default .mldebt_cache.")
@click.option("--no-progress", is_flag=True, help="Show no progress bar.")
@click.option("-q", "--quiet", is_flag=True, help="No warnings and no progress bar.")
@click.option("-v", "--verbose", is_flag=True, help="Cut no list short; show the helpers between; show the traceback of a crash.")
@_project_options
def graph(**arguments: object) -> int:
    """Show the artifacts of PATHS: who writes and who reads each, and who declared it. With --models: the models.

    \b
    mldebt graph                                  every artifact
    mldebt graph --undeclared                     silent edges between files
    mldebt graph --artifact "data/*.csv" --format json
    mldebt graph --path train.py --format html --output graph.html
    mldebt graph --models                         which model learns from what
    """
    from mldebt.graphs.command import GraphArguments, graph_command

    return graph_command(GraphArguments.of(arguments), _say)


@cli.command(context_settings=HELP, epilog="Exit codes: 0 printed, 2 bad usage or configuration, 3 no commit in this time, 101 crash.")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--since", default="6.months", metavar="DATE", help="Of the first commit, as git understands it: 6.months, 2026-01-01.")
@click.option("--points", type=click.IntRange(1, 200), default=12, metavar="N", help="How many commits at most (12).")
@click.option("--profile", metavar="NAME", help="Rules that are on: default, strict or audit.")
@click.option("--output-format", type=click.Choice(("text", "json")), default="text", metavar="FORMAT", help="text or json.")
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto", metavar="WHEN", help="auto, always or never.")
@click.option("--no-cache", is_flag=True, help="Read every file anew and leave nothing on disk.")
@click.option("--no-progress", is_flag=True, help="Show no progress bar.")
@click.option("-q", "--quiet", is_flag=True, help="No warnings and no progress bar.")
@click.option("-v", "--verbose", is_flag=True, help="Show the traceback of a crash.")
@_project_options
def history(**arguments: object) -> int:
    """Show how the debt of PATHS grew or shrank: commits of the main line, evenly sampled, judged by the rules of today.

    \b
    mldebt history                            the last six months
    mldebt history --since 2.years --points 24
    mldebt history --output-format json > trend.json
    mldebt scan --output html=debt.html --trend 6.months     drawn in a page
    """
    from mldebt.trending import HistoryArguments, history_command

    return history_command(HistoryArguments.of(arguments), _say)


@cli.group(context_settings=HELP)
def facts() -> None:
    """Facts of this repository for others: who reads and writes what.

    \b
    mldebt facts export -o facts.json     in the other repository
    imports = ["../other/facts.json"]     in the settings of this one
    """


@facts.command("export", context_settings=HELP, epilog="Exit codes: 0 written, 2 bad usage or configuration, 3 nothing to analyse.")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("-o", "--output", type=click.Path(), metavar="FILE", help="Write to a file, replaced whole, instead of standard output.")
@click.option("--no-cache", is_flag=True, help="Read every file anew and leave nothing on disk.")
@click.option("--no-progress", is_flag=True, help="Show no progress bar.")
@click.option("-q", "--quiet", is_flag=True, help="No summary, no warnings and no progress bar.")
@click.option("-v", "--verbose", is_flag=True, help="Show the traceback of a crash.")
@_project_options
def facts_export(**arguments: object) -> int:
    """Write what other repositories need to see their edges to this one: named accesses and declarations, no source text.

    Names in shared stores count (buckets, tables, topics, registries, web addresses, absolute paths);
    a path below this repository's own folder means nothing elsewhere and stays out.

    \b
    mldebt facts export -o facts.json
    Another repository then names the file, relative to its settings:
      [tool.mldebt]
      imports = ["../this-repository/facts.json"]
    and its scan reports undeclared consumers and near misses across the two.
    """
    from mldebt.exporting import ExportArguments, export_command

    return export_command(ExportArguments.of(arguments), _say)


@cli.command(context_settings=HELP, epilog="Exit codes: 0 printed or written, 2 bad usage or configuration, 3 nothing to analyse.")
@click.argument("target")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--as", "form", type=click.Choice(FORMS), default="toml", metavar="FORM", help=f"One of {', '.join(FORMS)}.")
@click.option("--write", is_flag=True, help="Add it to the settings (mldebt.toml or pyproject.toml; made if there is none).")
@click.option("--no-cache", is_flag=True, help="Read every file anew and leave nothing on disk.")
@click.option("--no-progress", is_flag=True, help="Show no progress bar.")
@click.option("-q", "--quiet", is_flag=True, help="No notes, no warnings and no progress bar.")
@click.option("-v", "--verbose", is_flag=True, help="Show the traceback of a crash.")
@_project_options
def declare(**arguments: object) -> int:
    """Print the declaration that settles TARGET: who makes an artifact, and who uses it.

    TARGET is a finding (its fingerprint, or the start of it), a place (path:line) or an artifact by its name.

    \b
    mldebt declare serve.py:12                      what line 12 reads
    mldebt declare data/scores.csv --write          into the settings
    mldebt declare s3://bucket/scores.json --as odps
    mldebt declare "table analysis.ltv" --as dbt-exposure
    """
    from mldebt.declaring.command import DeclareArguments, declare_command

    return declare_command(DeclareArguments.of(arguments), _say)


@cli.command(context_settings=HELP)
@click.argument("rule", required=False)
@click.option("--all", "everything", is_flag=True, help="Explain every rule.")
def explain(rule: str | None, everything: bool) -> int:
    """Explain RULE (a name, a code or a debt) or a topic: ranking, grade or baseline. Without it, list the rules.

    \b
    mldebt explain unread-flag
    mldebt explain MLD420
    mldebt explain ranking
    """
    from mldebt.cards import CardError
    from mldebt.config import ConfigError
    from mldebt.explaining import explained
    from mldebt.report.terminal import emit

    try:
        emit(explained("ALL" if everything else rule), sys.stdout)
    except (CardError, ValueError) as error:
        raise ConfigError(str(error)) from None
    return CLEAN


@cli.command(context_settings=HELP)
@click.argument("key", required=False)
@_project_options
def config(key: str | None, overrides: tuple[str, ...], isolated: bool) -> int:
    """Print every setting, or KEY alone: its type, its meaning, its default and its value here.

    \b
    mldebt config
    mldebt config per-file-ignores
    """
    from mldebt.config import ConfigError, options, suggestion, value_of
    from mldebt.report.terminal import emit, safe

    loaded = _load(overrides, isolated)
    known = {option.key: option for option in options()}
    if key is not None and key not in known:
        raise ConfigError(f"unknown key {key!r}{suggestion(key, known)}")
    for option in known.values():
        if key in (None, option.key):
            value = value_of(loaded.config, option.key)
            changed = "" if value == option.default else f"  (default {option.default})"
            emit(f"{option.key} = {safe(value)}{safe(changed)}\n    {option.help} [{option.type}]\n", sys.stdout)
    return CLEAN


@cli.command(context_settings=HELP)
@click.option("--cache-dir", type=click.Path(), help="The cache to delete, when it is not the project's own.")
@_project_options
def clean(cache_dir: str | None, overrides: tuple[str, ...], isolated: bool) -> int:
    """Delete this project's cache."""
    from mldebt.cache import clean as delete
    from mldebt.config import ConfigError

    loaded = _load(overrides, isolated)
    directory = loaded.root / (cache_dir or loaded.config.cache_dir)
    if not directory.exists():
        _say(f"nothing to clean: {directory} does not exist")
    elif delete(directory):
        _say(f"removed {directory}")
    else:
        raise ConfigError(f"{directory} was not made by mldebt; it is left alone")
    return CLEAN


def _load(overrides: tuple[str, ...], isolated: bool) -> Loaded:
    from pathlib import Path

    from mldebt.config import load

    return load(Path.cwd(), overrides=overrides, isolated=isolated)

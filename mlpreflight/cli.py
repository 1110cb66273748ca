"""The command line: arguments in, exit code out. The rest of the package is imported when a command needs it."""

import gc
import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec

import click

from mlpreflight import __version__
from mlpreflight.vocabulary import CLOUDS, PROFILES, SEVERITIES, WORKLOADS

if TYPE_CHECKING:
    from mlpreflight.environment import Environment
    from mlpreflight.finding import Report
    from mlpreflight.rules.page import Rule

FORMATS = ["console", "json", "sarif"]

USAGE, NOTHING_DECIDED, INCOMPLETE, BROKEN, INTERRUPTED, NO_READER = 2, 3, 4, 5, 130, 141

P = ParamSpec("P")


def answering(command: Callable[P, None]) -> Callable[P, None]:
    """Turns what goes wrong into one sentence and an honest exit code; never a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except (click.exceptions.Exit, click.ClickException):
            raise
        except BrokenPipeError:
            # Whoever read us has gone. Nobody is left to tell, and what Python would still flush must not fail.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(NO_READER)
        except KeyboardInterrupt:
            fail("interrupted", INTERRUPTED)
        except Exception as error:  # noqa: BLE001 - the last net: a bug of ours is told as one
            from mlpreflight.rules.page import RulePageError
            from mlpreflight.sources.load import UsageError

            if isinstance(error, UsageError | RulePageError):
                fail(str(error), USAGE)
            fail(f"mlpreflight itself broke ({type(error).__name__}: {error}); please report it", BROKEN)

    return run


def fail(message: str, code: int) -> NoReturn:
    """Says what went wrong and ends with a code."""
    from mlpreflight.reports.inert import inert

    click.echo(f"mlpreflight: {inert(message)}", err=True)
    sys.exit(code)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, message="mlpreflight %(version)s")
def main() -> None:
    """Tells, before anything is deployed, whether an Azure Machine Learning environment will work and is safe."""
    # A run is short and keeps almost all that it makes: looking for garbage costs a tenth of it and finds nothing.
    gc.set_threshold(100_000, 50, 50)


RULE_FOLDERS = click.option(
    "--rules",
    "rule_folders",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with rule pages of your own. May be given several times.",
)
SERVICE_TAGS = click.option(
    "--service-tags", metavar="FILE", help="Microsoft's weekly list of service tags, or `kept`: see check --keep."
)


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--format", "format_", type=click.Choice(FORMATS), default="console", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the report to a file.")
@click.option("-v", "--verbose", is_flag=True, help="List what passed and what does not apply, and whole fixes.")
@click.option("--fail-on", type=click.Choice(SEVERITIES), default="error", show_default=True)
@click.option("--strict", is_flag=True, help="Exit with 4 if anything is unknown.")
@click.option("--profile", type=click.Choice(PROFILES), help="Which era's requirements apply.")
@click.option("--workload", "workloads", multiple=True, type=click.Choice(WORKLOADS), help="What it is for.")
@click.option("--select", multiple=True, metavar="RULE", help="Only these rules, areas or requirements.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Not these rules, areas or requirements.")
@RULE_FOLDERS
@click.option(
    "--parameters",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A parameter file for the template. Several: one environment each.",
)
@click.option("--no-parameters", is_flag=True, help="Leave out the parameter file beside each template.")
@click.option("--together", is_flag=True, help="Judge all PATHS as one environment.")
@click.option("--subscription", help="The subscription that is deployed to.")
@click.option("--resource-group", help="The resource group that is deployed to.")
@click.option("--location", help="The location of that resource group.")
@click.option("--cloud", type=click.Choice(CLOUDS), help="The cloud that is deployed to.")
@click.option("--as-of", metavar="DATE", help="Judge as of this day, as in 2026-11-20.")
@SERVICE_TAGS
@click.option("--keep", is_flag=True, help="Keep the list for later runs with --service-tags kept.")
@answering
def check(paths: tuple[Path, ...], **options: Any) -> None:
    r"""Judges environments: files, or folders that are searched for them.

    \b
    Exit codes:
      0  everything decided was in order
      1  a failure at or above --fail-on
      2  wrong usage
      3  nothing was decided
      4  incomplete: an input was not read (with --strict: or anything is unknown)
      5  mlpreflight itself broke
    """
    from datetime import date

    from mlpreflight import run
    from mlpreflight.finding import Severity
    from mlpreflight.sources.declared import Settings
    from mlpreflight.sources.load import Request

    if options["parameters"] and options["no_parameters"]:
        raise click.UsageError("--parameters and --no-parameters exclude each other")
    settings = Settings(
        profile=options["profile"],
        workloads=options["workloads"],
        subscription=options["subscription"],
        resource_group=options["resource_group"],
        location=options["location"],
        cloud=options["cloud"],
        as_of=_day(options["as_of"]),
        service_tags=_list_of_tags(options["service_tags"], options["keep"]),
    )
    chosen = () if options["no_parameters"] else options["parameters"] or None
    request = Request(paths, settings, chosen, options["together"])
    rules = run.all_rules(options["rule_folders"])
    gate = run.Gate(options["select"], options["ignore"], Severity[options["fail_on"].upper()], options["strict"])
    report = run.check(request, rules, gate, date.today())  # noqa: DTZ011 - the user's own day
    output = options["output"]
    try:
        _write(report, rules, options["format_"], output, options["verbose"])
    except OSError as error:
        if output is None:
            raise
        fail(f"the report cannot be written to {output}: {error.strerror or error}", USAGE)
    sys.exit(report.exit_code)


def _list_of_tags(word: str | None, keeps: bool) -> Path | None:
    """The file of the list of service tags, which is kept first where the user wants that."""
    if keeps and word in (None, "kept"):
        raise click.UsageError("--keep goes with --service-tags FILE")
    if word is None:
        return None
    from mlpreflight.sources import service_tags

    return service_tags.asked_for(word, keeps)


def _day(text: str | None) -> Any:
    from datetime import date

    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise click.BadParameter(f"{text!r} is no date; write it as in 2026-11-20", param_hint="--as-of") from None


def _write(report: "Report", rules: "tuple[Rule, ...]", format_: str, output: Path | None, verbose: bool) -> None:
    """Renders the report to standard output, or to a file that is never half written."""
    from mlpreflight.output import stream, written

    with written(output) if output else stream() as out:
        if format_ == "console":
            from mlpreflight.reports import console

            console.render(report, out, verbose)
        elif format_ == "json":
            from mlpreflight.reports import json

            out.writelines(json.render(report))
        else:
            from mlpreflight.reports import sarif

            out.writelines(sarif.render(report, rules))


@main.command()
@click.argument("rule")
@RULE_FOLDERS
@answering
def explain(rule: str, rule_folders: tuple[Path, ...]) -> None:
    """Prints the page of a rule: what it demands, why, how to mend it, and its samples."""
    from mlpreflight import run

    rules = run.all_rules(rule_folders)
    found = next((one for one in rules if one.id == rule), None)
    if found is None:
        found = run.chosen(rules, [rule], [])[0]
    click.echo(found.text, nl=False)


@main.command("rules")
@click.option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
@RULE_FOLDERS
@answering
def list_rules(format_: str, rule_folders: tuple[Path, ...]) -> None:
    """Lists the rules; as JSON, with every page's front matter."""
    from mlpreflight import run
    from mlpreflight.reports import catalogue

    rules = run.all_rules(rule_folders)
    click.echo(catalogue.as_json(rules) if format_ == "json" else catalogue.as_table(rules), nl=False)


ENVIRONMENT_PATHS = click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="ENV..."
)


@main.command()
@ENVIRONMENT_PATHS
@click.option("--from", "start", required=True, metavar="SUBNET|ADDRESS|TAG", help="Who opens the connection.")
@click.option("--to", "goal", required=True, metavar="SUBNET|ADDRESS|TAG|HOST", help="Where to.")
@click.option("--port", "ports", required=True, help="The port, a range, or several with commas.")
@click.option("--protocol", default="tcp", show_default=True, help="tcp, udp, icmp, or * for any.")
@SERVICE_TAGS
@answering
def trace(paths: tuple[Path, ...], start: str, goal: str, ports: str, protocol: str, service_tags: str | None) -> None:
    r"""Follows a connection hop by hop, through groups of rules, routes and firewalls, and says what decides it.

    \b
    Exit codes: 0 it arrives, 1 it is stopped (or a part of it is), 3 the inputs do not tell, 2 wrong usage.
    """
    from mlpreflight import tracing
    from mlpreflight.output import stream
    from mlpreflight.reports import journeys
    from mlpreflight.values import NotEnoughEvidence

    try:
        hops = tracing.trace(_environment(paths, service_tags), start, goal, ports, protocol)
    except tracing.TraceError as error:
        raise click.UsageError(str(error)) from None
    except NotEnoughEvidence as stopped:
        fail(stopped.unknown.reason, NOTHING_DECIDED)
    with stream() as out:
        sys.exit(journeys.exit_code(journeys.render(hops, out)))


@main.command()
@ENVIRONMENT_PATHS
@SERVICE_TAGS
@answering
def flows(paths: tuple[Path, ...], service_tags: str | None) -> None:
    """Lists every connection that the nodes of an environment must be able to open, and what becomes of each."""
    from mlpreflight import tracing
    from mlpreflight.output import stream
    from mlpreflight.reports import journeys

    with stream() as out:
        journeys.render_table(tracing.table(_environment(paths, service_tags)), out)


def _environment(paths: tuple[Path, ...], service_tags: str | None) -> "Environment":
    """The files as one environment; what could not be read ends the command."""
    from datetime import date

    from mlpreflight import run
    from mlpreflight.sources.declared import Settings
    from mlpreflight.sources.load import Request

    settings = Settings(service_tags=_list_of_tags(service_tags, keeps=False))
    env, unread = run.environment(Request(paths, settings), date.today())  # noqa: DTZ011 - the user's own day
    for one in unread:
        fail(f"{one.file} {one.reason}", INCOMPLETE)
    return env


if __name__ == "__main__":
    main()

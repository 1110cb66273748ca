"""The exit code of a run: the contract that a pipeline can trust."""

from enum import IntEnum

from mlpreflight.finding import Judged, Severity, Verdict


class Exit(IntEnum):
    """What the exit codes mean. The first that holds, in the order of `exit_code`, is given."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOTHING_DECIDED = 3
    INCOMPLETE = 4
    BROKEN = 5


def exit_code(environments: tuple[Judged, ...], fail_on: Severity, strict: bool) -> Exit:
    """The code of a finished run. Live waivers take a failure out of the gate."""
    findings = [finding for judged in environments for finding in judged.findings]
    verdicts = {finding.verdict for finding in findings}
    if Verdict.ERROR in verdicts:
        return Exit.BROKEN
    if any(one.verdict is Verdict.FAIL and one.severity >= fail_on and not one.waiver for one in findings):
        return Exit.FAILED
    if any(judged.unread for judged in environments) or (strict and Verdict.UNKNOWN in verdicts):
        return Exit.INCOMPLETE
    if not verdicts & {Verdict.PASS, Verdict.FAIL}:
        return Exit.NOTHING_DECIDED
    return Exit.OK

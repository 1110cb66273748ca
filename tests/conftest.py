"""Options of the suite."""

from collections.abc import Iterator

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="Rewrite files that hold whole expected outputs.")
    parser.addoption("--no-skips", action="store_true", help="A skipped test is a failure, as in CI.")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.skipped and item.config.getoption("no_skips"):  # type: ignore[attr-defined]
        report.outcome = "failed"  # type: ignore[attr-defined]
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"  # type: ignore[attr-defined]
    return report  # type: ignore[return-value]

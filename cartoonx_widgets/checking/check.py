"""Look whether the package works on this machine, and say what to do where it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cartoonx_widgets._terminal import print_line
from cartoonx_widgets._versions import version_lines
from cartoonx_widgets.checking import installation
from cartoonx_widgets.checking.findings import Finding, in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Section = Callable[[], Iterator[str | Finding]]

_TIMING_SECONDS = 8.0


def check(*, timing_seconds: float = _TIMING_SECONDS) -> int:
    """Print versions, devices, whether all works here and how fast, and what to do about each finding.

    It ends within a minute on two cores. What is printed is meant for a report of a bug: no path, host name or user
    name is in it.

    Args:
        timing_seconds: for timing steps.

    Returns:
        1 where a finding means that something fails or is wrong, else 0.
    """
    print_line("\n".join(version_lines()))
    findings: list[Finding] = []
    for title, section in _sections(timing_seconds):
        print_line(f"\n{title}:")
        findings += _said(title, section)
    print_line(f"\nFindings:{'' if findings else ' none'}")
    for number, finding in enumerate(findings, 1):
        print_line(f"  {number}. {finding.problem}.\n     What to do: {finding.remedy}.")
    return int(any(finding.serious for finding in findings))


def _sections(timing_seconds: float) -> Iterator[tuple[str, Section]]:
    yield "Imports", installation.imports
    yield "Device", installation.device
    yield "Published figures (the authors' own first steps, repeated on this device)", _published_figures
    yield "Speed", lambda: _speed(timing_seconds)
    yield "The same run twice", _repeated


def _said(title: str, section: Section) -> list[Finding]:
    """Print the lines of a section as they come, and return its findings; an error is one of them."""
    findings = []
    try:
        for found in section():
            if isinstance(found, Finding):
                findings.append(found)
            else:
                print_line(f"  {found}")
    except Exception as error:  # noqa: BLE001 - a broken installation may raise anything
        print_line("  failed, see below")
        findings.append(
            Finding(
                f"{title.partition(' (')[0]}: {in_words(error)}",
                "look at the findings above first; if there is none, report it, with all of this text",
            )
        )
    return findings


# What computes is imported when its turn comes: where an import fails, the rest is still said.


def _published_figures() -> Iterator[str | Finding]:
    from cartoonx_widgets.checking.running import published_figures  # noqa: PLC0415

    return published_figures()


def _speed(most_seconds: float) -> Iterator[str | Finding]:
    from cartoonx_widgets.checking.running import speed  # noqa: PLC0415

    return speed(most_seconds)


def _repeated() -> Iterator[str | Finding]:
    from cartoonx_widgets.checking.running import repeated  # noqa: PLC0415

    return repeated()

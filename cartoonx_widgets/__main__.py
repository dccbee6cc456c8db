"""The command line, also where the installation is broken: `python -m cartoonx_widgets check`."""

from __future__ import annotations

import sys

from cartoonx_widgets._terminal import print_line


def main() -> int:
    """Run the command line; where it cannot be imported, check what is missing, or say how to find out."""
    try:
        from cartoonx_widgets.cli import main as command_line  # noqa: PLC0415 - it may fail
    except ImportError as error:
        if sys.argv[1:] != ["check"]:
            print_line(f"cartoonx-widgets: {error}; cartoonx-widgets check says what to do", error=True)
            return 1
        from cartoonx_widgets.checking.check import check  # noqa: PLC0415 - only then

        return check()
    return command_line()


if __name__ == "__main__":
    sys.exit(main())

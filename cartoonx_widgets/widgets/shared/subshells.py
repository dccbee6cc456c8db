"""Messages that are answered while another cell runs."""

from __future__ import annotations


def answer_while_cells_run(comm: object) -> None:
    """Let a subshell answer this comm's messages, so that buttons work while a cell runs.

    ipykernel 7 sends them to the loop that last published on the comm, which is the busy one; it has no public way to
    choose another (checked on 7.4). Without this private method nothing is done and buttons wait for the cell.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = lambda _data, default: default  # noqa: SLF001

"""The public names and their signatures are those of the snapshot: what changes in them is changed on purpose."""

import difflib

from signatures import SNAPSHOT, written

import cartoonx_widgets as cx


def test_public_signatures_are_those_of_the_snapshot():
    held, found = SNAPSHOT.read_text("utf-8").splitlines(), written().splitlines()
    difference = "\n".join(difflib.unified_diff(held, found, "snapshot", "now", n=1, lineterm=""))
    assert not difference, f"{difference}\n\nIf it is meant: python tests/signatures.py writes the snapshot anew."


def test_the_snapshot_has_what_users_know():
    lines = written().splitlines()
    tops = [line for line in lines if not line.startswith(" ")]
    for name in cx.__all__:
        assert any(line.startswith(f"cartoonx_widgets.{name}") for line in tops), name
    text = "\n".join(lines)
    for part in (
        "cartoonx_widgets.explain(image: ImageSource, *, classifier: Classifier | None = None,",
        "\n    lambda_l1: float = 0.0\n",  # a field
        "\n    load: classmethod (cls, path: ",  # a class method
        "\n    folder: attribute\n",  # what an __init__ sets
        "\n    plan: property -> Plan\n",
        "cartoonx_widgets.masking.Method: as cartoonx_widgets.Method\n",
    ):
        assert part in text
    assert " at 0x" not in text

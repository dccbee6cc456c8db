"""The tests in a browser wait: none asserts what it reads from a page at one moment, none sleeps for a fixed time."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest
from paths import TESTS

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDER = TESTS / "browser"
FILES = {path.name: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.py"))}

# What Playwright, axe and psutil read at the moment of the call.
READERS = frozenset(
    {
        *("all", "all_inner_texts", "all_text_contents", "aria_snapshot", "bounding_box", "content", "count"),
        *("eval_on_selector", "eval_on_selector_all", "evaluate", "evaluate_all", "evaluate_handle", "get_attribute"),
        *("inner_html", "inner_text", "input_value", "is_checked", "is_disabled", "is_editable", "is_enabled"),
        *("is_hidden", "is_visible", "json_value", "query_selector", "query_selector_all", "screenshot"),
        *("text_content", "title"),
        *("Axe", "children", "is_running"),
    }
)
WAITING = frozenset({"eventually", "expect", "now"})  # in tests/browser/waiting.py
COLLECTING = frozenset({"add", "append", "extend", "insert", "setdefault", "update"})

MOMENTARY = (
    "{place}: `{source}` depends on what is read at one moment, and the page may follow later. Let it wait: "
    "expect(locator).to_have_text(...) and its like, page.shows(step=3) for a widget's data, "
    "eventually(lambda: page.curve('l1'), [1]) for all else. "
    "now(...) around what is read says that it has been waited for, or has to be as it was."
)
SLEEPS = "{place}: `{source}` waits for seconds. Wait for what is to come: expect, page.until, eventually."


class Reading:
    """What reads a page in a file: methods and functions by their names, and the variables of one function."""

    def __init__(
        self,
        readers: frozenset[str] = READERS,
        properties: frozenset[str] = frozenset(),
        names: frozenset[str] = frozenset(),
    ) -> None:
        self.readers, self.properties, self.names = readers, properties, names

    def of(self, node: ast.AST | None) -> bool:
        """Whether an expression depends on what is read at one moment."""
        match node:
            case None:
                return False
            case ast.Call(func=ast.Name(id=name)) if name in WAITING:
                return False
        return self.reads(node) or any(map(self.of, ast.iter_child_nodes(node)))

    def reads(self, node: ast.AST) -> bool:
        """Whether an expression reads, its parts aside."""
        match node:
            case ast.Call(func=ast.Attribute(attr=name)):
                return name in self.readers
            case ast.Call(func=ast.Name(id=name)):
                return name in self.readers and name != "all"  # which reads no page where it is Python's own
            case ast.Name(id=name):
                return name in self.names
            case ast.Attribute(value=ast.Name(id="page") | ast.Attribute(attr="page"), attr="url"):
                return True
            case ast.Attribute(attr=name):
                return name in self.properties
        return False

    def within(self, function: ast.AST) -> Reading:
        """The same with the variables that take what is read anywhere in a function."""
        inner = Reading(self.readers, self.properties, self.names)
        while True:
            names = inner.names | {name for node in ast.walk(function) for name in inner.taken(node)}
            if names == inner.names:
                return inner
            inner = Reading(self.readers, self.properties, frozenset(names))

    def taken(self, node: ast.AST) -> set[str]:
        """The variables that take what is read, by an assignment, a loop, or a list that gets it."""
        match node:
            case ast.Assign(targets=targets, value=value):
                pass
            case (
                ast.AnnAssign(target=target, value=value)
                | ast.AugAssign(target=target, value=value)
                | ast.NamedExpr(target=target, value=value)
                | ast.For(target=target, iter=value)
                | ast.comprehension(target=target, iter=value)
                | ast.withitem(optional_vars=target, context_expr=value)
            ):
                targets = [target]
            case ast.Call(func=ast.Attribute(value=target, attr=verb), args=parts) if verb in COLLECTING:
                targets, value = [target], ast.Tuple(parts)
            case _:
                return set()
        return set().union(*map(variables, targets)) if self.of(value) else set()


def variables(target: ast.AST | None) -> set[str]:
    """The variables that an assignment sets; of an item or an attribute that which holds it."""
    match target:
        case ast.Name(id=name):
            return {name}
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return set().union(*map(variables, parts))
        case ast.Starred(value=value) | ast.Subscript(value=value):
            return variables(value)
    return set()


def learned(reading: Reading, trees: Iterable[ast.Module]) -> Reading:
    """The same with the functions, methods and properties of these modules that return what is read."""
    unknown = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    while True:
        new = [function for function in unknown if function.name not in WAITING and returns(reading, function)]
        if not new:
            return reading
        unknown = [function for function in unknown if function not in new]
        properties = {function.name for function in new if "property" in map(ast.unparse, function.decorator_list)}
        names = {function.name for function in new} - properties
        reading = Reading(reading.readers | names, reading.properties | properties)


def returns(reading: Reading, function: ast.FunctionDef) -> bool:
    """Whether a function returns what is read."""
    inner = reading.within(function)
    return any(isinstance(node, ast.Return) and inner.of(node.value) for node in ast.walk(function))


def outermost(tree: ast.Module) -> list[ast.AST]:
    """The functions and methods of a module, and its statements outside them; what a function holds belongs to it."""
    parts = []
    for node in tree.body:
        parts += node.body if isinstance(node, ast.ClassDef) else [node]
    return parts


def findings(name: str, source: str) -> list[str]:
    """What is asserted in a file, or decided in a test, at one moment, and what sleeps for a fixed time."""
    tree = ast.parse(source)
    decisions = (ast.Assert, ast.If, ast.IfExp, ast.While) if name.startswith("test_") else ast.Assert
    reading = learned(SHARED, [tree])
    found = [
        (node, MOMENTARY)
        for part in outermost(tree)
        for inner in [reading.within(part)]
        for node in ast.walk(part)
        if isinstance(node, decisions) and inner.of(node.test)
    ]
    polling = {call for loop in ast.walk(tree) if isinstance(loop, ast.While) for call in ast.walk(loop)}
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=verb) | ast.Attribute(attr=verb)):
                if verb == "wait_for_timeout" or (verb == "sleep" and node not in polling):
                    found.append((node, SLEEPS))
    return [
        message.format(place=f"{name}:{node.lineno}", source=ast.unparse(node).splitlines()[0])
        for node, message in found
    ]


# What the harness reads.
SHARED = learned(Reading(), [ast.parse(source) for name, source in FILES.items() if not name.startswith("test_")])


@pytest.mark.parametrize("name", FILES)
def test_no_test_asserts_what_is_read_at_one_moment_or_sleeps(name):
    found = findings(name, FILES[name])
    assert not found, "\n".join(found)


REFUSED = {
    "a count": "assert page.locator('b').count() == 1",
    "not visible": "assert not page.locator('b').is_visible()",
    "one of several": "assert wrong == [] and 'cup' in page.root.inner_text()",
    "a script": "assert page.evaluate('() => 1') == 1",
    "the title": "assert page.title() == 'Results'",
    "the address": "assert page.url.endswith('/lab')",
    "a variable": "count = page.locator('b').count()\nassert count == 1",
    "a variable of a variable": "text = page.inner_text()\nwords = text.split()\nassert 'cup' in words",
    "several variables": "first, *others = page.locator('b').all_inner_texts()\nassert others == []",
    "a walrus": "assert (count := page.locator('b').count()) and count > 1",
    "a loop": "for one in page.locator('b').all():\n    assert one",
    "a comprehension": "assert all(one for one in page.locator('b').all_inner_texts())",
    "a list that is filled": "seen = []\nseen.append(page.evaluate('1'))\nassert seen == [1]",
    "an item": "seen = {}\nseen['b'] = page.locator('b').count()\nassert seen == {'b': 1}",
    "a lambda": "count = lambda: page.locator('b').count()\nassert count() == 1",
    "a function": "def count():\n    return page.locator('b').count()\nassert count() == 1",
    "a property": "class A:\n    @property\n    def all(self):\n        return page.url\nassert A().all == 'cup'",
    "a method of the harness": "assert explorer.curve('l1') == [1]",
    "a number of the harness": "assert explorer.steps() == 1",
    "data of a widget": "assert explorer.data('step') == '1'",
    "the kernel": "assert book.python('print(1)') == '1'",
    "processes": "assert served.process.children() == []",
    "axe": "assert Axe().run(page).violations_count == 0",
    "a branch": "if page.locator('b').count():\n    page.click()",
    "a fixed sleep": "time.sleep(1)",
    "a fixed sleep in a loop": "for _ in range(3):\n    sleep(1)",
    "Playwright's sleep": "page.wait_for_timeout(100)",
}

ACCEPTED = {
    "expect": "expect(page.locator('b')).to_have_count(1)",
    "a widget's data": "page.shows(step=1)",
    "eventually": "eventually(lambda: explorer.curve('l1'), [1])",
    "on purpose": "assert now(page.locator('b').count()) == 1",
    "a variable on purpose": "text = now(page.inner_text())\nassert 'cup' in text",
    "what was before": "before = explorer.steps()\nexplorer.until(f'Number(dataset.step) > {before}')",
    "what happened": "page, wrong = opened()\nassert wrong == []",
    "a file": "with page.expect_download() as got:\n    page.click()\nassert got.value.suggested_filename == 'a'",
    "an answer": "assert page.request.get(served.url('lab')).status == 404",
    "of Python": "assert all(one.step for one in recording)\nassert 'step'.split() == ['step']",
}


def findings_in_a_test(code: str) -> list[str]:
    lines = "".join(f"    {line}\n" for line in code.splitlines())
    return findings("test_tried.py", f"def test_tried():\n{lines}")


@pytest.mark.parametrize("code", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(code):
    [finding] = findings_in_a_test(code)
    assert finding.startswith("test_tried.py:")


@pytest.mark.parametrize("code", ACCEPTED.values(), ids=ACCEPTED)
def test_what_is_accepted(code):
    assert findings_in_a_test(code) == []

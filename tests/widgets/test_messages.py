"""Messages between pages and the kernel: what is sent, and what page code sends, is what the TypedDicts describe."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import json
import math
import re
import types
from pathlib import Path
from typing import Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

import pytest
import toys
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from paths import ROOT
from widget_page import WidgetPage

import cartoonx_widgets as cx
from cartoonx_widgets.masking.methods import PRESETS
from cartoonx_widgets.widgets.explorer import settings
from cartoonx_widgets.widgets.replay.content import ContentBuilder
from cartoonx_widgets.widgets.shared.from_page import checked
from cartoonx_widgets.widgets.shared.messages import Message
from cartoonx_widgets.widgets.shared.parts import in_parts

WIDGETS = Path(cx.__file__).parent / "widgets"
NAMES = ("explorer", "compare", "sparsity_lab", "signal_lab", "replay", "results")
MESSAGES = {name: importlib.import_module(f"cartoonx_widgets.widgets.{name}.messages") for name in NAMES}
FROM_PAGE = {name: get_args(module.FromPage) for name, module in MESSAGES.items()}


def kind(message):
    """The type that a description names."""
    [found] = get_args(get_type_hints(message)["type"])
    return found


SHARED = ("shared", "run_view")  # folders whose scripts several widgets use
# Descriptions that many tests choose from: each message of a page, with the union that it belongs to.
DESCRIBED = [(MESSAGES[name].FromPage, message) for name in NAMES for message in FROM_PAGE[name]]


def fields_of(described):
    """The types of all fields of a description, and those of the fields that may be left out."""
    hints = get_type_hints(described, include_extras=True)
    optional = {name: get_args(hint)[0] for name, hint in hints.items() if get_origin(hint) is NotRequired}
    return {**hints, **optional}, optional


def faults(value, hint, where):
    """What keeps a value that was read from JSON from being what a type says, a sentence each."""
    origin, arguments = get_origin(hint), get_args(hint)
    if is_typeddict(hint) and isinstance(value, dict):
        return faults_of_fields(value, hint, where)
    if origin in (Union, types.UnionType):
        fits = any(not faults(value, one, where) for one in arguments)
    elif origin is Literal:
        fits = value in arguments
    elif origin is dict and isinstance(value, dict):
        keys = [f"{where} has the key {key!r}" for key in value if arguments[0] is int and not key.isdecimal()]
        return keys + [fault for key, one in value.items() for fault in faults(one, arguments[1], f"{where}[{key!r}]")]
    elif origin in (list, tuple) and isinstance(value, list):
        hints = arguments if origin is tuple and arguments[-1] is not ... else arguments[:1] * len(value)
        if len(hints) == len(value):
            return [f for i, one in enumerate(value) for f in faults(one, hints[i], f"{where}[{i}]")]
        fits = False
    else:
        fits = is_plain(value, hint)
    return [] if fits else [f"{where} is {value!r}, not {hint}"]


def faults_of_fields(value, described, where):
    hints, optional = fields_of(described)
    lacking = [f"{where} lacks {name}" for name in set(hints) - set(optional) - set(value)]
    further = [f"{where} has {name}, which {described.__name__} does not" for name in set(value) - set(hints)]
    shared = set(value) & set(hints)
    return lacking + further + [f for name in shared for f in faults(value[name], hints[name], f"{where}.{name}")]


def is_plain(value, hint):
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return type(value) is hint and not (hint is int and abs(value) > 2**53)


class CheckingPage(WidgetPage):
    """Holds each message of a widget against its description."""

    def __init__(self, widget, name):
        super().__init__(widget)
        self.name = name
        self.described, self.seen = get_args(MESSAGES[name].ToPage), set()
        widget.send = self.check

    def check(self, content, buffers=None):
        assert all(isinstance(data, bytes) for data in buffers or [])
        read = json.loads(json.dumps(content, allow_nan=False))
        candidates = [one for one in self.described if kind(one) == read["type"]]
        found = {one: faults(read, one, read["type"]) for one in candidates}
        fitting = [one for one, wrong in found.items() if not wrong]
        self.seen.update(fitting or [f"{read['type']}: {list(found.values())}"])

    def has_seen_everything(self):
        """Whether each description was met and no other; with a handler for each that the page may send."""
        assert self.seen == set(self.described)
        assert {*self.widget._handlers(), *self.widget._shared_handlers()} == set(map(kind, FROM_PAGE[self.name]))
        self.widget.close()
        return True


def test_what_an_explorer_sends():
    explorer = cx.explore(toys.image(), classifier=toys.classifier(), method=toys.method())
    page = CheckingPage(explorer, "explorer")
    page.send(type="ready")
    page.send(type="coefficients")
    page.send(type="code")
    page.send(type="step")
    assert explorer.wait(30)
    page.send(type="band", index=1, frame=None)
    page.send(type="frame", index=0)
    page.send(type="scores")
    page.send(type="setting", path="lambda_l1", value=2)
    explorer.play()
    assert explorer.wait(30)
    page.send(type="target", index=99, versus=None)
    page.send(type="library")
    page.send(type="photograph", name="coffee")
    assert page.has_seen_everything()


def test_what_an_explorer_sends_of_a_classifier_that_fails():
    switch = toys.Switch()
    explorer = cx.explore(toys.image(), classifier=toys.classifier(toys.Breaking(switch)), method=toys.method())
    page = CheckingPage(explorer, "explorer")
    switch.on = True
    page.send(type="step")
    with pytest.raises(cx.ClassifierError):
        explorer.wait(30)
    assert {MESSAGES["explorer"].ErrorMessage, MESSAGES["explorer"].StatusMessage} <= page.seen
    explorer.close()


@pytest.mark.parametrize("name", list(PRESETS))
def test_what_is_said_of_settings(name):
    method = PRESETS[name]()
    for shown in json.loads(json.dumps(settings.describe(method, method, (224, 224)))):
        assert faults(shown, settings.ShownSetting, shown["path"]) == []


def test_what_a_comparison_sends():
    def broken(image=None, *, classifier, target):
        raise RuntimeError("no")

    methods = {"wavelets": toys.method(), "pixels": toys.small("pixel_mask"), "broken": broken}
    comparison = cx.compare(toys.image(), methods, classifier=toys.classifier())
    page = CheckingPage(comparison, "compare")
    page.send(type="ready")
    page.send(type="play", index=None)
    with pytest.raises(RuntimeError):
        comparison.wait(60)
    page.send(type="ready")
    page.send(type="open", index=0)
    page.send(type="close_explorer")
    page.send(type="export", form="csv")
    page.send(type="export", form="docx")
    page.send(type="code")
    page.send(type="library")
    assert page.has_seen_everything()


@pytest.mark.parametrize("representation", ["db2", "dual-tree"])
def test_what_the_lab_sends(representation):
    lab = cx.sparsity_lab("figures", representation=representation, size=32)
    page = CheckingPage(lab, "sparsity_lab")
    page.send(type="ready")
    page.send(type="keep", k=5, answers=7)
    page.send(type="coefficient", band=1, row=0, column=0)
    page.send(type="pixel", row=3, column=4)
    page.send(type="denoise", sigma=0.1, kind="soft", threshold=None, by_scale=[1.0, None], answers=8)
    page.send(type="levels", levels=0)
    assert lab.wait(60)
    page.send(type="stop_denoising")
    page.send(type="code")
    page.send(type="keep", k=lab.n)
    page.send(type="levels", levels=99)
    page.send(type="library")
    assert lab.wait(60)
    assert page.has_seen_everything()


@pytest.mark.parametrize("signal", ["chirp", "flat", [1.0]])
def test_what_the_signal_lab_sends(signal):
    lab = cx.signal_lab(signal, size=32)
    page = CheckingPage(lab, "signal_lab")
    page.send(type="ready")
    page.send(type="draw", first=0, samples=[0.5], answers=3)
    page.send(type="coefficient", index=0, value=-2)
    page.send(type="keep", k=lab.n)
    page.send(type="atom", index=0)
    page.send(type="representation", name="haar")
    page.send(type="levels", levels=99)
    page.send(type="code")
    page.send(type="library")
    assert page.has_seen_everything()


@pytest.mark.parametrize("method", [toys.method(), toys.small("pixel_mask"), toys.small("shearletx")], ids=str)
def test_what_a_replay_sends(method):
    replay = cx.replay(cx.record(toys.image(), classifier=toys.classifier(), method=method, progress=False))
    page = CheckingPage(replay, "replay")
    page.send(type="ready")
    page.send(type="library")
    page.send(type="nonsense")
    assert page.has_seen_everything()


def test_a_replay_tells_the_weights_and_the_budget_of_its_objective():
    methods = {"a weight": toys.method(lambda_l1=3.0), "a budget": toys.method(lambda_l1=None, keep=0.5)}
    told = {}
    for name, method in methods.items():
        recording = cx.record(toys.image(), classifier=toys.classifier(), method=method, progress=False)
        content = ContentBuilder(recording, progress=False).content(recording.frames)
        told[name] = {one["path"]: one["value"] for one in content["penalty_weights"] if one["value"]}
    assert told == {"a weight": {"lambda_l1": 3.0}, "a budget": {"keep": 0.5}}


def test_what_a_view_of_results_sends(tmp_path):
    pytest.importorskip("pyarrow", reason="studies need the [study] extra")
    source = toys.photographs(tmp_path / "photographs", 2)
    (source / "broken.png").write_text("no picture", "utf-8")
    methods = {"one": toys.method(steps=2), "two": toys.small("pixel_mask", steps=2)}
    classifier = toys.classifier()
    page = CheckingPage(
        cx.study(source, methods, out=tmp_path / "out", classifier=classifier, progress=False).show(), "results"
    )
    page.send(type="ready")
    page.send(type="pictures", photograph=0)
    page.send(type="pictures", photograph=99)
    page.send(type="library")
    assert page.has_seen_everything()


# What page code sends.


def sent(text):
    """The objects with a type that a script sends, as text, without their braces."""
    for found in re.finditer(r"\b(?:send|sendMessage)\(\{(?=\s*type:)", text):
        depth = 1
        for end in range(found.end(), len(text)):
            depth += (text[end] in "{[(") - (text[end] in "}])")
            if depth == 0:
                yield text[found.end() : end]
                break


def fields(literal):
    """The fields of an object literal, with what they are set to."""
    parts, depth = [""], 0
    for character in literal:
        depth += (character in "{[(") - (character in "}])")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    pairs = [part.strip().partition(":") for part in parts if part.strip()]
    return {name.strip(): value.strip() or name.strip() for name, _, value in pairs}


CALLS = [
    (script.relative_to(WIDGETS), literal.strip())
    for script in sorted(WIDGETS.glob("*/page/*.js"))
    for literal in sent(script.read_text("utf-8"))
]


def kinds(literal):
    """The types of an object literal: both, where it depends."""
    return set(re.findall(r'"(\w+)"', fields(literal)["type"]))


@pytest.mark.parametrize(("script", "literal"), CALLS, ids=str)
def test_what_page_code_sends_is_described(script, literal):
    folder = script.parts[0]
    known = {kind(one): one for name in NAMES if folder in (name, *SHARED) for one in FROM_PAGE[name]}
    assert kinds(literal)
    for one in kinds(literal):
        assert one in known, f"{script} sends {one!r}, which messages.py of {folder} does not describe"
        hints, optional = fields_of(known[one])
        named = set(fields(literal))
        assert set(hints) - set(optional) <= named <= set(hints), f"{script}: {literal} is not {known[one].__name__}"


@pytest.mark.parametrize("name", NAMES)
def test_what_is_described_is_sent_by_page_code(name):
    sent_by_code = {one for script, literal in CALLS if script.parts[0] in (name, *SHARED) for one in kinds(literal)}
    assert set(map(kind, FROM_PAGE[name])) <= sent_by_code


# What is taken from a page.


@pytest.fixture(scope="module")
def widgets():
    explorer = cx.explore(toys.image(), classifier=toys.classifier(), method=toys.method())
    comparison = cx.compare(toys.image(), {"a": toys.method(), "b": toys.method()}, classifier=toys.classifier())
    lab = cx.sparsity_lab("figures", representation="db2", size=32)
    signal_lab = cx.signal_lab(size=8)
    yield {"explorer": explorer, "compare": comparison, "sparsity_lab": lab, "signal_lab": signal_lab}
    for widget in (explorer, comparison, lab, signal_lab):
        widget.close()


UPLOAD = {"type": "upload", "name": "a.png", "key": 1, "index": 0, "count": 1}


@pytest.mark.parametrize(
    ("name", "message", "refusal"),
    [
        (
            "explorer",
            {"type": "upload", "name": "a.png", "key": 1, "index": 0, "count": 1},
            "brought 0 parts in place of 1",
        ),
        (
            "sparsity_lab",
            {"type": "upload", "name": "a.png", "key": 1, "index": 0, "count": 1, "buffers": 2},
            "brought 2 parts",
        ),
        ("explorer", {"type": "play", "buffers": 1}, "message 'play' came with 1 buffers"),
        ("explorer", {"type": "photograph", "name": "\ud800"}, "must be a text"),
        ("explorer", {"type": "photograph", "name": "a" * 1001}, "must be a text"),
        ("explorer", {"type": "photograph", "name": "coffee", "self": 1}, "has no field 'self'"),
        ("sparsity_lab", {"type": "keep", "k": 5, "answers": math.nan}, "answers=nan must be a whole number"),
        ("sparsity_lab", {"type": "keep", "k": 5, "answers": 2**60}, "must be a whole number"),
        ("sparsity_lab", {"type": "coefficient", "band": 0, "row": -1, "column": 0}, "row=-1"),
        ("signal_lab", {"type": "draw", "first": 7, "samples": [1, 2]}, "first=7 with 2 samples is not within"),
        ("signal_lab", {"type": "draw", "first": -1, "samples": [1]}, "first=-1 with 1 samples"),
        ("signal_lab", {"type": "draw", "first": 0, "samples": []}, "first=0 with 0 samples"),
        ("signal_lab", {"type": "draw", "first": 0, "samples": [math.nan]}, "each is a finite number"),
        ("signal_lab", {"type": "draw", "first": 0, "samples": [1e200]}, "samples has 1e+200 at index 0"),
        ("signal_lab", {"type": "coefficient", "index": 8, "value": 1}, "index=8 must be a whole number from 0 to 7"),
        ("signal_lab", {"type": "coefficient", "index": 0, "value": 1e200}, "coefficients has 1e+200 at index 0"),
        ("signal_lab", {"type": "atom", "index": -1}, "index=-1"),
        ("signal_lab", {"type": "keep", "k": 9}, "k=9 must be a whole number from 0 to 8"),
        ("signal_lab", {"type": "levels", "levels": 4}, "levels=4 must be a whole number from 0 to 3"),
        ("signal_lab", {"type": "signal", "name": "/etc/hostname"}, "signal='/etc/hostname' must be one of 'steps'"),
        ("signal_lab", {"type": "representation", "name": "bior2.2"}, "representation='bior2.2' is not orthogonal"),
        ("compare", {"type": "open", "index": -1}, "index=-1 must be one of the 2 methods"),
        ("compare", {"type": "play", "index": 2}, "index=2 must be one of the 2 methods"),
        ("compare", {"index": 2}, "message type=None must be one of"),
    ],
)
def test_a_refusal_names_field_and_value_and_changes_nothing(widgets, name, message, refusal, monkeypatch):
    said = []
    monkeypatch.setattr(widgets[name], "send", lambda content, buffers=None: said.append(content))
    before = widgets[name].get_state()
    buffers = [memoryview(b"bytes")] * message.pop("buffers", 0)
    widgets[name]._on_message(widgets[name], message, buffers)
    assert refusal in next(one["message"] for one in said if one["type"] == "error")
    json.dumps(said, allow_nan=False).encode()
    assert widgets[name].get_state() == before


STEADY = hypothesis_settings(deadline=None, derandomize=True)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["type", "index", "k"]), inner),
)
EXAMPLES = {
    str: "a",
    int: 1,
    int | None: None,
    float: 0.5,
    float | None: None,
    list[float]: [0.5],
    list[float | None]: [0.5, None],
    Literal["hard", "soft"]: "soft",
    float | str | bool: 1.5,
    bool: True,
    list[str]: ["a"],
    Literal["png", "svg", "csv", "html"]: "svg",
}
DEEP = functools.reduce(lambda inner, _: [inner], range(100_000), [])


def values(hint):
    """What a type allows."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return st.one_of(*map(values, arguments))
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is list:
        return st.lists(values(arguments[0]))
    return {
        float: st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53),
        int: st.integers(-(2**53), 2**53),
        str: st.text(),
        bool: st.booleans(),
        type(None): st.none(),
    }[hint]


def messages(described):
    """What a description allows."""
    hints, optional = fields_of(described)
    required = {name: values(hint) for name, hint in hints.items() if name not in optional}
    return st.fixed_dictionaries(required, optional={name: values(hint) for name, hint in optional.items()})


@STEADY
@given(pair=st.sampled_from(DESCRIBED), data=st.data())
def test_a_message_that_is_described_is_taken(pair, data):
    union, described = pair
    message = data.draw(messages(described))
    assert checked(message, union) is message


@STEADY
@given(pair=st.sampled_from(DESCRIBED), data=st.data(), junk=JUNK)
def test_a_field_with_another_value_is_refused_by_name_where_it_does_not_fit(pair, data, junk):
    union, described = pair
    hints, _ = fields_of(described)
    name = data.draw(st.sampled_from([name for name in [*hints, "other"] if name != "type"]))
    message = {**data.draw(messages(described)), name: junk}
    if name in hints and not faults(junk, hints[name], name):
        assert checked(message, union) is message
    else:
        with pytest.raises(ValueError, match=f"message '{message['type']}'.*{name}") as caught:
            checked(message, union)
        assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(("union", "described"), DESCRIBED)
def test_a_field_that_is_missing_is_named(union, described):
    hints, optional = fields_of(described)
    whole = {"type": kind(described)}
    for name in hints:
        if name not in ("type", *optional):
            with pytest.raises(ValueError, match=f"{name} is missing"):
                checked(whole, union)
            whole[name] = EXAMPLES[hints[name]]
    checked(whole, union)


@pytest.mark.parametrize("name", NAMES)
@STEADY
@given(junk=JUNK)
def test_junk_is_refused_in_a_sentence(name, junk):
    known = [kind(one) for one in FROM_PAGE[name]]  # which hypothesis has read in the code
    if junk in known:
        junk = f"{junk} or other"
    elif isinstance(junk, dict) and junk.get("type") in known:
        junk["type"] = None
    for message in (junk, {"type": junk}):
        with pytest.raises((TypeError, ValueError)) as caught:
            checked(message, MESSAGES[name].FromPage)
        assert len(str(caught.value)) < 1000


LONG = {f"{i}" * 100: {f"{j}" * 100: "x" * 100 for j in range(6)} for i in range(6)}


@pytest.mark.parametrize("junk", [DEEP, 10**5000, "x" * 10**7, [0] * 10**6, {"type": DEEP}, LONG], ids=lambda _: "")
def test_large_junk_is_refused_in_a_short_sentence(junk):
    for message in (junk, {"type": junk}, {"type": "bands", "off": junk}, {"type": "bands", "off": [], "x": junk}):
        with pytest.raises((TypeError, ValueError)) as caught:
            checked(message, MESSAGES["sparsity_lab"].FromPage)
        assert len(str(caught.value)) < 1000


def test_a_type_of_another_version_is_told_with_those_that_are_known():
    with pytest.raises(ValueError, match=r"'zoom'.*'ready', 'pictures', 'library'; reload the page"):
        checked({"type": "zoom"}, MESSAGES["results"].FromPage)


def test_the_types_of_page_code_are_written_anew():
    path = ROOT / "scripts" / "page_types.py"
    spec = importlib.util.spec_from_file_location("page_types", path)
    page_types = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(page_types)
    written = page_types.written()
    assert set(written) == set(WIDGETS.glob("*/page/messages.d.ts"))
    for file, text in written.items():
        assert file.read_text("utf-8") == text, f"{file} is out of date: run `python scripts/page_types.py`"


@pytest.mark.parametrize(("content", "buffers"), [({"a": "x" * 7_000_000}, []), ({"a": 1}, [bytes(7_000_000), b"b"])])
def test_no_message_is_above_five_megabytes_also_in_base64(content, buffers):
    parts = in_parts(Message({"type": "setup", **content}, buffers))
    assert len(parts) > 1
    assert all(4 / 3 * len(part.buffers[0]) + len(json.dumps(part.content)) < 5e6 for part in parts)
    whole = b"".join(part.buffers[0] for part in parts)
    length = int.from_bytes(whole[:4], "little")
    assert json.loads(whole[4 : 4 + length])["content"] == {"type": "setup", **content}
    assert whole[4 + length :] == b"".join(buffers)

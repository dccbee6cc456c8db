import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from importlib.resources import files
from pathlib import Path

import pytest
from paths import TESTS

import cartoonx_widgets as cx

PACKAGE = Path(str(files("cartoonx_widgets")))
BROWSER = ("IPython", "anywidget", "ipykernel", "ipywidgets", "plotly", "traitlets")
EXTRAS = (*BROWSER, "skimage", "pytorch_wavelets", "pywt", "efficientnet_lite_pytorch", "matplotlib", "scipy", "tqdm")


def run(code):
    """What a fresh Python prints for this code."""
    finished = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:cartoonx_widgets", "-c", code],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        cwd=TESTS,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.strip()


def test_numerics_and_the_engine_work_without_jupyter_and_plotly():
    code = f"""
import sys
for name in {BROWSER!r}:
    sys.modules[name] = None  # an import of it raises
import toys
import cartoonx_widgets as cx
from cartoonx_widgets import cli, live

explanation = cx.explain(toys.image(), classifier=toys.classifier(), method=toys.method())
explanation.to_image()

class Listener:
    def on_frames(self, snapshots, serial): pass
    def on_status(self): pass
    def on_result(self, index, explanation): pass
    def on_error(self, index, error): raise error

engine = live.Engine([live.MaskTask(toys.optimization(), 0)], Listener())
engine.play()
assert engine.wait(timeout=60)
engine.close()
print(explanation.steps_done, engine.states[0].steps_done, "skimage" in sys.modules)
"""
    assert run(code) == "6 6 False"


def test_pages_and_studies_are_written_without_jupyter_and_plotly(tmp_path):
    pytest.importorskip("pyarrow", reason="studies need the [study] extra")
    code = f"""
import sys
for name in {BROWSER!r}:
    sys.modules[name] = None  # an import of it raises
from pathlib import Path
import toys
import cartoonx_widgets as cx
from cartoonx_widgets import cli

folder = Path({str(tmp_path)!r})
run = {{"classifier": toys.classifier(), "method": toys.method(), "progress": False}}
cx.explain(toys.image(), **run).save(folder / "cartoon.png")
recording = cx.record(toys.image(), **run)
recording.save(folder / "run.cxr")
read = cx.Recording.load(folder / "run.cxr")
read.to_html(folder / "run.html", progress=False)

photographs = folder / "photographs"
photographs.mkdir()
(folder / "cartoon.png").rename(photographs / "one.png")
results = cx.study(
    photographs, toys.method(), out=folder / "study", classifier=toys.classifier(), num_workers=1, progress=False
)
results.to_html(folder / "study.html", language="de")
command = "--classifier toys:classifier --methods pixel_mask --steps 2 --samples 1 --num-workers 1 --quiet".split()
code = cli.main(["study", str(photographs), "--out", str(folder / "command"), *command])
print(type(read) is cx.Recording, results.errors(), len(cx.Results(folder / "command")), code)
"""
    assert run(code) == "True {} 1 0"
    for page in ("run.html", "study.html", "study/results.html", "command/results.html"):
        assert "</html>" in (tmp_path / page).read_text("utf-8"), page


def test_the_package_alone_is_light():
    code = f"""
import sys
import cartoonx_widgets as cx
dir(cx), cx.__version__, cx.__all__
print([name for name in {EXTRAS!r} if name in sys.modules])
"""
    assert run(code) == "[]"


@pytest.mark.parametrize("name", cx.__all__)
def test_every_public_name_is_there(name):
    assert getattr(cx, name) is not None
    assert name in dir(cx)
    assert cx.__all__ == sorted(cx.__all__)


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match=r"module 'cartoonx_widgets' has no attribute 'explian'"):
        cx.explian  # noqa: B018


def imported(path):
    """Full names of what a file of the package imports, for types alone and inside functions too."""
    package = ["cartoonx_widgets", *path.relative_to(PACKAGE).parent.parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, [base, node.module]))
            yield from (f"{module}.{alias.name}" for alias in node.names)


def sources():
    """Python files of the package but its first, which names everything and loads it when asked."""
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def layer(path):
    """0 numerics, 1 recordings and studies, 2 live, 3 widgets, 4 the command line, what it serves and checks."""
    layers = {"recording": 1, "studies": 1, "live": 2, "widgets": 3}
    layers |= dict.fromkeys(("serving", "checking", "cli.py", "__main__.py"), 4)
    return layers.get(path.relative_to(PACKAGE).parts[0], 0)


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path):
    names = list(imported(path))
    forbidden = []
    if layer(path) < 1:
        forbidden += ["cartoonx_widgets.recording"]
    if layer(path) < 2:
        forbidden += ["cartoonx_widgets.live"]
    if layer(path) < 3:
        # A recording, or a study, asks for its page when it is to write one.
        forbidden += ["cartoonx_widgets.widgets", *BROWSER] if layer(path) != 1 else BROWSER
    if {"figures", "recording", "studies", "explanations", "scores"} & set(path.parts):
        forbidden = [name for name in forbidden if name != "plotly"]  # see `test_libraries_of_figures_load_late`
    if layer(path) < 4:
        forbidden += [f"cartoonx_widgets.{name}" for name in ("__main__", "checking", "cli", "serving")]
    bad = [name for name in names for top in forbidden if name == top or name.startswith(f"{top}.")]
    assert bad == []


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_libraries_of_figures_load_late(path):
    """Plotly, matplotlib and pandas are imported where a figure or a table is made, in a function, or for types."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    first = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in first if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in first if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names if name} & {"plotly", "matplotlib", "pandas"} == set()


def makes_widgets(path):
    """Whether a file of the widgets may import Jupyter's packages: it makes a widget, or what all widgets share."""
    shared = ("base.py", "subshells.py", "traits.py")
    return path.name == "widget.py" or (path.parent.name == "shared" and path.name in shared)


@pytest.mark.parametrize(
    "path",
    [path for path in sources() if layer(path) == 3 and not makes_widgets(path)],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_pages_know_nothing_of_jupyter(path):
    """What writes a page, or says what a message holds, is used where no Jupyter is installed."""
    assert {name.partition(".")[0] for name in imported(path)} & set(BROWSER) == set()


def test_the_arrows_are_looked_for_where_they_are():
    """The test above would pass on an empty folder, or with a parser that sees nothing."""
    seen = {name for path in sources() for name in imported(path)}
    assert {layer(path) for path in sources()} == {0, 1, 2, 3, 4}
    assert "cartoonx_widgets.recording.frame.Frame" in seen
    assert {"anywidget", "torch", "traitlets"} <= seen


def module_of(path):
    """Full name of the module, or of the package, in a file."""
    parts = ("cartoonx_widgets", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def graph():
    """For each module the modules of the package that it imports, lazily and for types too.

    What is imported from a package is its module of that name, if there is one, else what its first file names.
    """
    paths = {module_of(path): path for path in PACKAGE.rglob("*.py")}
    found = {}
    for name, path in paths.items():
        wanted = (full if full in paths else full.rpartition(".")[0] for full in imported(path))
        found[name] = {other for other in wanted if other in paths and other != name}
    return found


def circle(arrows):
    """The modules of a circle, each imported by the next; empty where there is none."""
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_circle_of_imports():
    assert " <- ".join(circle(graph())) == ""


def test_circles_are_found_in_functions_and_for_types(tmp_path, monkeypatch):
    (tmp_path / "__init__.py").write_text("", "utf-8")
    (tmp_path / "a.py").write_text("def later():\n    from cartoonx_widgets.b import thing\n", "utf-8")
    (tmp_path / "b.py").write_text("if TYPE_CHECKING:\n    from cartoonx_widgets import a\n", "utf-8")
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path)
    assert set(circle(graph())) == {"cartoonx_widgets.a", "cartoonx_widgets.b"}

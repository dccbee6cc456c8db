"""pytorch_wavelets is imported where there is no `pkg_resources`, and without a trace of how."""

import subprocess
import sys
import textwrap

import pytest

FORBIDDEN = "sys.modules['pkg_resources'] = None  # an import of it raises"
ABSENT = """
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name == "pkg_resources":
            raise ModuleNotFoundError(name=name)
sys.meta_path.insert(0, Absent())
"""
REAL = """
class Real:
    def find_spec(self, name, path=None, target=None):
        if name == "pkg_resources":
            return importlib.util.spec_from_loader(name, self)
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        warnings.warn("pkg_resources is deprecated", DeprecationWarning)
        module.resource_stream = lambda package, name: importlib.resources.files(package).joinpath(name).open("rb")
sys.meta_path.insert(0, Real())
"""
BROKEN = REAL.replace('warnings.warn("pkg_resources is deprecated", DeprecationWarning)', "raise AttributeError")
# What PyTorch and PyWavelets themselves warn of is not what is asked for.
STRICT = "import cartoonx_widgets.representations.dualtree\nwarnings.simplefilter('error')"
USED = """
import torch
import cartoonx_widgets as cx
image = torch.rand(1, 3, 32, 32)
for settings in (cx.representations.Wavelet("db2", levels=2), cx.representations.DualTree(levels=2)):
    transform = settings.transform((32, 32))
    assert (transform.synthesise(transform.analyse(image)) - image).abs().max() < 1e-4
"""


def run(before):
    """Whether `pkg_resources` is a module at the end of a fresh Python that used both wavelets."""
    code = f"import importlib.util, sys, warnings\n{before}\n{USED}\n"
    code += "print(sys.modules.get('pkg_resources') is not None)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=200, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout.strip() == "True"


@pytest.mark.parametrize("before", [FORBIDDEN, ABSENT, BROKEN], ids=["forbidden", "absent", "broken"])
def test_it_is_imported_without_pkg_resources_and_leaves_no_substitute(before):
    assert not run(f"{STRICT}\n{before}")


def test_where_there_is_one_it_is_used_and_its_warning_is_silent():
    assert run(f"{STRICT}\n{REAL}")


def test_many_threads_may_be_the_first():
    threads = textwrap.dedent("""
        from concurrent.futures import ThreadPoolExecutor
        from threading import Barrier
        from cartoonx_widgets.representations._pytorch_wavelets import import_pytorch_wavelets
        barrier = Barrier(16)
        def first():
            barrier.wait()
            return import_pytorch_wavelets().dtcwt.coeffs.biort("near_sym_a")[0].size
        before = warnings.filters[:]
        with ThreadPoolExecutor(16) as pool:
            assert {taps.result() for taps in [pool.submit(first) for _ in range(16)]} == {5}
        assert warnings.filters == before
    """)
    assert not run(f"{ABSENT}\n{threads}")

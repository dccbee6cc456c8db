"""Mutated pictures, arrays, recordings, records, plans, masks and messages: each is taken, or refused as promised.

    python tests/fuzz/fuzz.py --minutes 5 --seed 1 --keep build/fuzz
    python tests/fuzz/fuzz.py --inputs 10000

The second goes on until so many inputs of each kind have been tried. How many were is printed, by kind.
The work is done in a process of its own with bounded memory. What raises another error than its docstring promises,
takes too long, takes too much memory, ends the process, or is read as something that it is not, is kept as a file with
the seed in its name; `--again FILE` tries it once more.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import toys
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

import cartoonx_widgets as cx
from cartoonx_widgets.images import ImageError

COUNTS = "counts.json"
MOST_SECONDS = 20  # for one input, on a machine that has other things to do
MOST_BYTES = 2**31  # beyond what the process has when it begins
INTERESTING = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 2**63 - 1]
RAW = ("IndexError", "KeyError", "AttributeError", "RecursionError", "AssertionError", "OverflowError")
ODD = [
    None,
    True,
    -1,
    0,
    1,
    7,
    2**53,
    10**40,
    0.5,
    -0.0,
    math.nan,
    math.inf,
    "",
    "coffee",
    "\ud800",
    "x" * 2000,
    [],
    {},
]


class Fault(Exception):  # noqa: N818 - what is looked for
    """What was read is not what it says it is."""


def mutated(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """A few changes of a file, some of them pieces of another one."""
    found = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 4, 16])):
        place, length = rng.randrange(len(found) + 1), rng.choice([1, 2, 4, 8, 40, 1000])
        match rng.randrange(7):
            case 0 if place < len(found):
                found[place] ^= 1 << rng.randrange(8)
            case 1:
                width = rng.choice([1, 2, 4, 8])
                number = rng.choice(INTERESTING) % 256**width
                found[place : place + width] = number.to_bytes(width, rng.choice(["little", "big"]))
            case 2:
                del found[place : place + length]
            case 3:
                found[place:place] = found[place : place + length] * rng.choice([1, 3, 100])
            case 4:
                start = rng.randrange(len(other) + 1)
                found[place : place + length] = other[start : start + length]
            case 5:
                found[place : place + length] = rng.randbytes(length)
            case 6 if rng.random() < 0.2:
                del found[place:]
    return bytes(found)


class Pictures:
    """Small pictures in every format that is read."""

    def __init__(self, folder: Path) -> None:
        del folder
        pixels = np.random.default_rng(0).integers(0, 256, (20, 24, 4), dtype=np.uint8)
        self.valid = []
        for kind in cx.images.formats():
            for mode in ("RGB", "RGBA", "L", "P", "1", "CMYK", "I;16"):
                for options in ({}, {"progressive": True}, {"compression": "tiff_lzw"}, {"lossless": True}):
                    buffer = io.BytesIO()
                    picture = (
                        Image.fromarray(pixels[..., 0].astype("<u2")) if mode == "I;16" else Image.fromarray(pixels)
                    )
                    try:
                        (picture if mode == "I;16" else picture.convert(mode)).save(buffer, kind, **options)
                    except (OSError, ValueError, KeyError):
                        continue
                    self.valid.append(buffer.getvalue())

    def input(self, rng: random.Random) -> bytes:
        return mutated(rng.choice(self.valid), rng.choice(self.valid), rng)

    def attack(self, data: bytes) -> None:
        try:
            image = cx.images.read(data)
        except ImageError:
            return
        if not (image.shape[0] == 3 and 0 <= float(image.min()) <= float(image.max()) <= 1):
            raise Fault(f"{tuple(image.shape)} from {image.min()} to {image.max()}")


class Arrays:
    """Arrays of any kind, by hypothesis."""

    def __init__(self, folder: Path) -> None:
        del folder

    def input(self, rng: random.Random) -> bytes:
        return rng.randbytes(8)

    def attack(self, data: bytes) -> None:
        sides = st.integers(0, 20)
        shapes = st.lists(sides, max_size=5).map(tuple) | st.tuples(st.just(3), st.just(17), st.just(18))

        @seed(int.from_bytes(data[:8], "little"))
        @settings(max_examples=10, database=None, deadline=None, suppress_health_check=list(HealthCheck))
        @given(arrays.arrays(arrays.scalar_dtypes(), shapes))
        def attack(array: np.ndarray) -> None:
            try:
                image = cx.images.read(array)
            except ImageError:
                return
            if not 0 <= float(image.min()) <= float(image.max()) <= 1:
                raise Fault(repr(array))

        attack()


class Recordings:
    """The file of a short recording, mutated as it is, or in a member that is packed again."""

    def __init__(self, folder: Path) -> None:
        self._path, self._folder = folder / "run.cxr", folder
        method = cx.methods.pixel_mask(steps=2, samples=1)
        cx.record(toys.image(), classifier=toys.classifier(), method=method, progress=False).save(self._path)
        self._whole = self._path.read_bytes()
        with zipfile.ZipFile(self._path) as archive:
            self._members = {name: archive.read(name) for name in archive.namelist()}

    def input(self, rng: random.Random) -> bytes:
        if rng.random() < 0.3:
            return mutated(self._whole, self._whole, rng)
        members = dict(self._members)
        name = rng.choice(list(members))
        if name == "recording.json" and rng.random() < 0.7:
            told = json.loads(members[name])
            told[rng.choice(list(told))] = rng.choice(ODD)
            members[name] = json.dumps(told).encode()
        else:
            members[name] = mutated(members[name], members[rng.choice(list(members))], rng)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as archive:
            for one, data in members.items():
                archive.writestr(one, data)
        return buffer.getvalue()

    def attack(self, data: bytes) -> None:
        self._path.write_bytes(data)
        try:
            recording = cx.Recording.load(self._path)
        except cx.RecordingError:
            return
        recording.summary().encode()
        recording.save(self._path)
        recording.to_png(self._folder / "run.png")
        recording.to_html(self._folder / "run.html", progress=False)


class Studies:
    """The files of a small study: records, masks and plan."""

    def __init__(self, folder: Path) -> None:
        from cartoonx_widgets.studies import StudyError, records  # noqa: PLC0415 - pyarrow is an extra

        self._out, self._refused = folder / "out", StudyError
        method = {"m": cx.methods.pixel_mask(steps=1, samples=1)}
        settings = {"classifier": toys.classifier(), "save_masks": True, "progress": False}
        cx.study(["coffee"], method, out=self._out, **settings)
        (batch,) = records.finished(self._out)
        masks, table = f"masks/{batch.name}.npz", f"records/{batch.name}.parquet"
        self._files = {name: (self._out / name).read_bytes() for name in ("study.json", masks, table)}
        self._found = self._rows()

    def _rows(self) -> str:
        return repr(cx.Results(self._out).table(pictures=True).to_pylist())

    def input(self, rng: random.Random) -> bytes:
        name = rng.choice(list(self._files))
        return name.encode() + b"\n" + mutated(self._files[name], self._files[rng.choice(list(self._files))], rng)

    def attack(self, data: bytes) -> None:
        name, _, changed = data.partition(b"\n")
        path = self._out / name.decode()
        try:
            path.write_bytes(changed)
            if self._rows() != self._found:
                raise Fault("other rows")
            cx.Results(self._out).mask("coffee", "m")
        except self._refused:
            return
        except ValueError as error:
            if "is not in this study" not in str(error):
                raise
        finally:
            path.write_bytes(self._files[name.decode()])


class Messages:
    """What a page says, with odd values in its fields."""

    def __init__(self, folder: Path) -> None:
        del folder
        methods = {"a": toys.method(steps=1), "b": toys.method(steps=1)}
        self._widgets = [
            cx.explore(toys.image(), classifier=toys.classifier(), method=toys.method(steps=1)),
            cx.compare(toys.image(), methods, classifier=toys.classifier()),
            cx.sparsity_lab("figures", representation="db2", size=32),
            cx.signal_lab(size=8),
        ]
        self._kinds = [sorted({*widget._handlers(), *widget._shared_handlers()}) for widget in self._widgets]
        self._fields = [
            "index",
            "frame",
            "path",
            "value",
            "name",
            "count",
            "k",
            "answers",
            "band",
            "row",
            "column",
            "sigma",
            "kind",
            "threshold",
            "by_scale",
            "form",
            "first",
            "samples",
            "levels",
        ]
        self._paths = ["samples", "steps", "lambda_l1", "representation", "representation.levels", "acceleration", "x"]

    def input(self, rng: random.Random) -> bytes:
        which = rng.randrange(len(self._widgets))
        message = {name: rng.choice(ODD) for name in rng.sample(self._fields, rng.randrange(4))}
        message["type"] = rng.choice([*self._kinds[which], *self._kinds[which], rng.choice(ODD)])
        if message["type"] == "setting":
            message = {"type": "setting", "path": rng.choice(self._paths), "value": rng.choice(ODD)}
        return json.dumps([which, message if rng.random() < 0.97 else rng.choice(ODD), rng.randrange(3)]).encode()

    def attack(self, data: bytes) -> None:
        which, message, count = json.loads(data)
        widget, said = self._widgets[which], []
        widget.send = lambda content, buffers=None: said.append(content)
        widget._on_message(widget, message, [memoryview(b"part")] * (count if count < 2 else 0))
        if hasattr(widget, "pause"):
            widget.pause()
        if not widget.wait(MOST_SECONDS):
            raise Fault("it does not rest")
        json.dumps(said, allow_nan=False).encode()
        for one in said:
            if one["type"] == "error" and one["message"].startswith(RAW):
                raise Fault(one["message"])


KINDS = {"pictures": Pictures, "arrays": Arrays, "recordings": Recordings, "studies": Studies, "messages": Messages}


def limit_memory() -> None:
    """Let this process have no more than `MOST_BYTES` beyond what it has, where the system knows such limits."""
    try:
        import resource  # noqa: PLC0415

        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MOST_BYTES, resource.RLIM_INFINITY))
    except (ImportError, OSError):
        pass


def work(kinds: list[str], number: int, seconds: float, keep: Path, inputs: int | None = None) -> int:
    """Try inputs until the time is over, or so many of each kind; each is in a file while it is tried.

    Returns how many faults were found. How many inputs of each kind were tried is in `counts.json` then.
    """
    rng, faults, count = random.Random(number), 0, 0
    most = math.inf if inputs is None else inputs * len(kinds)
    with tempfile.TemporaryDirectory() as folder:
        targets = {}
        for kind in kinds:
            home = Path(folder) / kind
            home.mkdir()
            targets[kind] = KINDS[kind](home)
        limit_memory()
        end = time.monotonic() + seconds
        while time.monotonic() < end and count < most:
            kind = kinds[count % len(kinds)]
            data, count = targets[kind].input(rng), count + 1
            current = keep / f"{kind}.current"
            current.write_bytes(data)
            started = time.process_time()
            try:
                targets[kind].attack(data)
                took = time.process_time() - started
                fault = f"took {took:.1f} s" if took > MOST_SECONDS else ""
            except Exception as error:  # noqa: BLE001 - what is looked for
                fault = f"{type(error).__name__}: {error!s:.300}"
            if fault:
                faults += 1
                name = kept(keep, kind, number, data)
                print(f"{name}: {fault}", flush=True)
            current.unlink()
    tried = {kind: (count + len(kinds) - 1 - place) // len(kinds) for place, kind in enumerate(kinds)}
    (keep / COUNTS).write_text(json.dumps(tried), "utf-8")
    print(f"seed {number}: {told(tried)}, {faults} faults", flush=True)
    return faults


def told(tried: dict[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in tried.items())


def kept(keep: Path, kind: str, number: int, data: bytes) -> Path:
    """Keep an input as a file, named by its kind, its seed and what is in it."""
    path = keep / f"{kind}-{number}-{hashlib.sha256(data).hexdigest()[:8]}"
    path.write_bytes(data)
    return path


def watched(kinds: list[str], number: int, seconds: float, keep: Path, inputs: int | None) -> tuple[int, Counter[str]]:
    """Have another process work, and end it where one input takes too long.

    Returns how many faults it found, and how many inputs of each kind it tried; of a process that ended early, none.
    """
    keep.mkdir(parents=True, exist_ok=True)
    for path in (*keep.glob("*.current"), keep / COUNTS):
        path.unlink(missing_ok=True)
    command = [sys.executable, __file__, "--work", "--seed", str(number), "--minutes", str(seconds / 60)]
    command += ["--keep", str(keep), "--kinds", ",".join(kinds)]
    command += [] if inputs is None else ["--inputs", str(inputs)]
    process = subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"})
    while process.poll() is None:
        time.sleep(0.2)
        for path in keep.glob("*.current"):
            try:
                waits = time.time() - path.stat().st_mtime
            except OSError:
                continue
            if waits > 3 * MOST_SECONDS:
                process.kill()
    died = [path for path in keep.glob("*.current") if process.returncode]
    for path in died:
        print(f"{kept(keep, path.stem, number, path.read_bytes())}: ended the process, or took too long", flush=True)
        path.unlink()
    tried = Counter(json.loads((keep / COUNTS).read_text("utf-8"))) if (keep / COUNTS).exists() else Counter()
    (keep / COUNTS).unlink(missing_ok=True)
    return max(len(died), process.returncode if 0 <= process.returncode < 100 else 1), tried


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--inputs", type=int, help="of each kind, however long they take")
    parser.add_argument("--seed", type=int, default=None, help="by default another one each time; it is printed")
    parser.add_argument("--keep", type=Path, default=Path("build/fuzz"), help="folder of the inputs that fail")
    parser.add_argument("--kinds", default=",".join(KINDS), help="of inputs, separated by commas")
    parser.add_argument("--again", type=Path, help="an input that was kept")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    kinds = asked.kinds.split(",")
    number = random.SystemRandom().randrange(2**32) if asked.seed is None else asked.seed
    if asked.again is not None:
        home = Path(tempfile.mkdtemp())
        KINDS[asked.again.name.partition("-")[0]](home).attack(asked.again.read_bytes())
        shutil.rmtree(home)
        return 0
    if asked.work:
        return min(99, work(kinds, number, 60 * asked.minutes, asked.keep, asked.inputs))
    faults, tried = 0, Counter(dict.fromkeys(kinds, 0))
    end = math.inf if asked.inputs else time.monotonic() + 60 * asked.minutes
    while (left := end - time.monotonic()) > 0:
        missing = asked.inputs and asked.inputs - min(tried.values())
        if missing == 0:
            break
        found, more = watched(kinds, number, min(left, 300), asked.keep, missing)
        faults, number = faults + found, number + 1
        tried.update(more)
    print(f"in all: {told(tried)}, {faults} faults", flush=True)
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main())

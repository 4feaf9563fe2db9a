"""The rules that the sources keep, whatever they compute: layers, file sizes, first lines, one version, commands."""

import importlib.metadata
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import steepest

ROOT = Path(__file__).parent.parent
# Each folder of csrc may include itself and what stands before it.
LAYERS = ["core", "kernels", "graph", "ops", "engine", "optim", "bind"]
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^">]+)[">]', re.MULTILINE)

CPP = sorted(p for p in (ROOT / "csrc").rglob("*") if p.suffix in (".h", ".cpp"))
PYTHON_FOLDERS = ("benchmarks", "cmake", "docs", "examples", "python", "tests")
PYTHON = sorted(p for folder in PYTHON_FOLDERS for p in (ROOT / folder).rglob("*.py"))
SOURCES = [*CPP, *sorted((ROOT / "tests").rglob("*.cpp")), *PYTHON, *sorted(ROOT.rglob("cmake/*.cmake"))]
CONFIGURATION = [ROOT / name for name in ("CMakeLists.txt", "Makefile", "pyproject.toml", ".ci/run", ".gitignore")]


def name(path):
    return path.relative_to(ROOT).as_posix()


def includes(path):
    return INCLUDE.findall(path.read_text())


def test_there_are_sources():
    assert len(CPP) > 20 and len(PYTHON) > 20
    assert {p.parts[len(ROOT.parts) + 1] for p in CPP} <= set(LAYERS)


@pytest.mark.parametrize("path", CPP, ids=name)
def test_includes_point_down(path):
    own = LAYERS.index(path.relative_to(ROOT / "csrc").parts[0])
    above = [i for i in includes(path) if i.split("/")[0] in LAYERS[own + 1 :]]
    assert not above, f"{LAYERS[own]} knows nothing of {above}"


@pytest.mark.parametrize("path", CPP, ids=name)
def test_only_bind_knows_python(path):
    if path.relative_to(ROOT / "csrc").parts[0] != "bind":
        assert not [i for i in includes(path) if i == "Python.h" or i.startswith(("pybind11/", "numpy/"))]


@pytest.mark.parametrize("path", [p for p in CPP if p.suffix == ".h"], ids=name)
def test_headers_are_included_once(path):
    assert "#pragma once" in path.read_text()


@pytest.mark.parametrize("path", [*SOURCES, *CONFIGURATION], ids=name)
def test_first_line_says_what_the_file_is_for(path):
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#!")]
    mark = "//" if path in CPP or path.suffix == ".cpp" else ('"""', 'r"""') if path.suffix == ".py" else "#"
    assert lines and lines[0].startswith(mark)
    assert len(lines[0]) > 15, "the comment says too little"


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_files_are_short(path):
    assert len(path.read_text().splitlines()) < 400


def test_nothing_is_left_for_later():
    later = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b")
    assert [name(p) for p in SOURCES if later.search(p.read_text())] == []


def test_versions_agree():
    assert steepest._C.__version__ == importlib.metadata.version("steepest")


def test_documented_commands_exist():
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for document in ("README.md", "CONTRIBUTING.md"):
        commands = set(re.findall(r"(?:^ {4}|`)make ([a-z]+)", (ROOT / document).read_text(), re.MULTILINE))
        assert {"demo", "test"} <= commands
        assert commands <= targets


def test_documents_name_files_that_exist():
    path = re.compile(r"`((?:\.ci|benchmarks|cmake|csrc|docs|examples|python|tests)/[\w./*-]+)`")
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    named = [(name(d), p) for d in documents for p in path.findall(d.read_text()) if "NNNN" not in p]
    assert len(named) > 10
    assert [(d, p) for d, p in named if not any(ROOT.glob(p))] == []


def test_linter_finds_nothing():
    run = subprocess.run([sys.executable, "-m", "ruff", "check", "--no-cache", ROOT], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_generated_files_are_up_to_date():
    run = subprocess.run([sys.executable, ROOT / "docs/generate.py", "--check"], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def build_tree():
    """Where the extension was built: its folder, or that of this interpreter; None for an installed wheel."""
    tag = f"cp{sys.version_info.major}{sys.version_info.minor}"
    trees = [Path(steepest._C.__file__).resolve().parent, *(ROOT / "build").glob(f"{tag}-*")]
    return next((tree for tree in trees if (tree / "compile_commands.json").exists()), None)


def isa_objects(tree):
    """(instruction set, object file) of each unit compiled per instruction set."""
    for unit in json.loads((tree / "compile_commands.json").read_text()):
        isa = re.search(r"-DSTEEPEST_ISA=(\w+)", unit["command"])
        if isa:
            yield isa[1], tree / re.search(r" -o (\S+)", unit["command"])[1]


def test_units_of_an_instruction_set_share_no_symbols():
    # A linker keeps one copy of a weak symbol for all units: if it keeps the AVX-512 one, older CPUs crash.
    tree, shared = build_tree(), []
    units = list(isa_objects(tree)) if tree else []
    assert units or not tree
    for isa, unit in units:
        for line in subprocess.check_output(["nm", "--defined-only", unit], text=True).splitlines():
            _, kind, symbol = line.split()
            if kind in "WVu" and f"{len(isa)}{isa}" not in symbol and not symbol.startswith("DW.ref."):
                shared.append((unit.name, isa, symbol))
    assert shared == []

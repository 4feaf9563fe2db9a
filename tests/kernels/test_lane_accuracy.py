"""The elementary functions of the lanes stay within their bounds, on every instruction set that this machine runs."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMPILER = os.environ.get("CXX") or shutil.which("g++") or shutil.which("c++")
# As cmake/flags.cmake has it: products and sums are joined only where the source says so.
OPTIONS = ["-std=gnu++20", "-O2", "-ffp-contract=off", "-fno-math-errno", f"-I{ROOT / 'csrc/kernels'}"]


@pytest.mark.parametrize("isa", ["v2", "v3", "v4"])
def test_bounds(isa, tmp_path):
    if not COMPILER:
        pytest.skip("no compiler")
    program = tmp_path / "lane_accuracy"
    source = Path(__file__).with_name("lane_accuracy.cpp")
    command = [COMPILER, *OPTIONS, f"-march=x86-64-{isa}", f"-DSTEEPEST_ISA={isa}", source, "-o", program, "-lquadmath"]
    environment = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}  # sanitizers are not for compilers
    built = subprocess.run(command, capture_output=True, text=True, env=environment)
    if built.returncode and ("quadmath" in built.stderr or "march" in built.stderr):
        pytest.skip("the reference is GCC's quadruple precision on x86-64")
    assert built.returncode == 0, built.stderr
    run = subprocess.run([program], capture_output=True, text=True, env=environment)
    if run.returncode == -4:  # SIGILL
        pytest.skip(f"this machine does not run x86-64-{isa}")
    assert run.returncode == 0, "\n".join(line for line in run.stdout.splitlines() if "FAILED" in line)

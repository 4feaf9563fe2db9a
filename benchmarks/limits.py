"""What the machine can do at most: bytes a second of copies, float32 operations a second of a loop of multiply-adds."""

import ctypes
import os
import shutil
import subprocess
import tempfile
import time

import numpy

# Twelve independent chains of the widest multiply-adds that the compiler knows for this machine, each a vector of 16 floats.
LOOP = """
typedef float V __attribute__((vector_size(64)));
float loop(long times) {
  V a[12], b = {0.5f}, c = {1.0f};
  for (int i = 0; i < 12; ++i) a[i] = b * (float)i;
  for (long t = 0; t < times; ++t)
    for (int i = 0; i < 12; ++i) a[i] = a[i] * b + c;
  for (int i = 1; i < 12; ++i) a[0] += a[i];
  return a[0][0];
}
"""
TIMES = 2_000_000


def best(action, times=5):
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


# What a copy reads and writes: a row is held against the smallest that is no smaller than its own traffic.
TRAFFIC = (1 << 16, 1 << 20, 1 << 23, 1 << 27)


def bandwidth(traffic):
    """Bytes read and written in a second by one thread that copies `traffic` / 2 again and again."""
    source = numpy.ones(traffic // 8, numpy.float32)
    target = numpy.empty_like(source)
    times = max(1, TRAFFIC[-1] // traffic)
    return traffic * times / best(lambda: [numpy.copyto(target, source) for _ in range(times)])


def peak():
    """Operations in a second of one thread; without a compiler, those of numpy's matrix product."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        a = numpy.ones((1024, 1024), numpy.float32)
        return 2 * 1024**3 / best(lambda: a @ a)
    with tempfile.TemporaryDirectory() as folder:
        source, library = os.path.join(folder, "loop.c"), os.path.join(folder, "loop.so")
        with open(source, "w") as file:
            file.write(LOOP)
        flags = ["-O3", "-march=native", "-ffp-contract=fast", "-shared", "-fPIC", "-w"]
        subprocess.run([compiler, *flags, source, "-o", library], check=True)
        loop = ctypes.CDLL(library).loop
        loop.restype, loop.argtypes = ctypes.c_float, [ctypes.c_long]
        return TIMES * 12 * 16 * 2 / best(lambda: loop(TIMES))


def measure():
    return {"bandwidth": {str(traffic): bandwidth(traffic) for traffic in TRAFFIC}, "peak": peak()}


def seconds(limits, row, threads):
    """The least time that the limits allow a row, or None where neither bounds it."""
    bound = row.flops / (limits["peak"] * threads)
    if row.bytes >= TRAFFIC[0] / 4:  # less is a matter of overhead
        fits = next((traffic for traffic in TRAFFIC if traffic >= row.bytes), TRAFFIC[-1])
        bound = max(bound, row.bytes / (limits["bandwidth"][str(fits)] * threads))
    return bound or None


def unit(limits):
    """The time of a million operations: what times are stored in where no limit bounds them."""
    return 1e6 / limits["peak"]

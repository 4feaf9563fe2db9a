"""torch.utils.benchmark: what is measured and how it is printed."""

import pytest

import steepest as torch
from steepest.utils.benchmark import Compare, Measurement, TaskSpec, Timer, select_unit, trim_sigfig


def measurement(times, number=10, **task):
    return Measurement(number, [t * number for t in times], TaskSpec(**{"stmt": "x + 1", "setup": "pass", **task}))


def test_units_and_figures():
    assert [select_unit(t)[0] for t in (2e-9, 3e-6, 4e-3, 5.0, 600.0, 0.0)] == ["ns", "us", "ms", "s", "s", "s"]
    assert [trim_sigfig(x, 2) for x in (1.2345, 1234.0, 0.0)] == pytest.approx([1.2, 1200, 0])


def test_a_measurement_tells_its_statistics():
    m = measurement([1e-6, 2e-6, 3e-6, 4e-6, 5e-6], label="Sum", sub_label="small", description="now", num_threads=2)
    assert (m.median, m.mean, m.iqr) == pytest.approx((3e-6, 3e-6, 2e-6)) and m.has_warnings
    assert m.title == "Sum: small" and m.as_row_name == "small" and m.env == "Unspecified env"
    assert str(m).splitlines()[1:] == [
        "Sum: small",
        "now",
        "  Median: 3.00 us",
        "  IQR:    2.00 us (2.00 to 4.00)",
        "  5 measurements, 10 runs per measurement, 2 threads",
        "  WARNING: Interquartile range is 66.7% of the median measurement.",
        "           This suggests significant environmental influence.",
    ]
    (merged,) = Measurement.merge([measurement([1e-6]), measurement([3e-6])])
    assert merged.median == pytest.approx(2e-6)


def test_a_timer_runs_the_statement():
    names = {"n": [0]}
    m = Timer("\n    n[0] += 1\n", setup="n[0] = 0", globals=names, num_threads=1).timeit(5)
    assert m.number_per_run == 5 and len(m.times) == 1 and names["n"][0] >= 5
    many = Timer("torch.ones(1)").blocked_autorange(min_run_time=0.01)
    assert sum(many.raw_times) >= 0.01
    assert len(Timer("pass").adaptive_autorange(max_run_time=0.02).times) >= 1
    before = torch.get_num_threads()
    with pytest.raises(NameError):
        Timer("absent", num_threads=before + 1).timeit(1)
    assert torch.get_num_threads() == before
    with pytest.raises(NotImplementedError, match="statements of Python"):
        Timer("x", language="c++")


def test_a_table():
    times = [
        measurement([t], label="Mul", sub_label=f"[{n}]", description=d, num_threads=threads)
        for n, threads, d, t in [(1, 1, "old", 2e-6), (1, 2, "old", 3e-6), (20, 1, "old", 4e-6), (1, 1, "new", 1e-6)]
    ]
    assert str(Compare(times)) == (
        "[--------- Mul ----------]\n"
        "            |  old  |  new\n"
        "1 threads: ---------------\n"
        "      [1]   |  2.0  |  1.0\n"
        "      [20]  |  4.0  |     \n"
        "2 threads: ---------------\n"
        "      [1]   |  3.0  |     \n"
        "\nTimes are in microseconds (us).\n"
    )
    table = Compare(times)
    table.trim_significant_figures()
    table.colorize(rowwise=True)
    assert "\033[92m\033[1m" in str(table)
    with pytest.raises(ValueError, match="Expected an instance of `Measurement`"):
        Compare([1])

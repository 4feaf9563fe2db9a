"""The examples print what the documents that they follow print: the files of documented/, section by section."""

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent
EXAMPLES = sorted((HERE.parent.parent / "examples").glob("0*.py"))
NUMBER = re.compile(r"[-+]?\d+\.?\d*(?:e[-+]?\d+)?")


def run(path, out, capsys):
    """What a run of the example prints, as {section: lines}."""
    spec = importlib.util.spec_from_file_location("example_" + path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main(["--out", str(out)])
    return sections(capsys.readouterr().out)


def sections(text):
    """{heading: lines} of the parts that `== heading` opens, without blank lines."""
    parts = {}
    for line in text.splitlines():
        if line.startswith("== "):
            part = parts.setdefault(line[3:], [])
        elif parts and line.strip():
            part.append(line.rstrip())
    return parts


def ulps(a, b):
    """Distance of two numbers in units in the last place of float32."""
    a, b = np.float32(a), np.float32(b)
    return abs(float(a) - float(b)) / float(np.spacing(max(abs(a), abs(b))))


def significant_digits(number):
    return len(number.lower().split("e")[0].replace(".", "").lstrip("+-0"))


def same_number(expected, got):
    """Equal as text; a float32 that is printed in full may differ by two units in its last place."""
    return expected == got or (significant_digits(expected) >= 6 and ulps(expected, got) <= 2)


def same_line(expected, got):
    if expected == got:
        return True
    # An array whose numbers need one digit more is set wider throughout.
    texts = [re.sub(r"\s+", "", NUMBER.sub("#", line)) for line in (expected, got)]
    if texts[0] != texts[1]:
        return False
    return all(map(same_number, NUMBER.findall(expected), NUMBER.findall(got)))


def differences(expected, got):
    """Pairs of lines that differ.  A line of dots in `expected` stands for any lines."""
    dots = next((i for i, line in enumerate(expected) if set(line) == {"."}), None)
    if dots is not None:
        tail = len(expected) - dots - 1
        got = got[:dots] + got[len(got) - tail :]
        expected = expected[:dots] + expected[dots + 1 :]
    assert len(expected) == len(got), f"{len(expected)} lines are documented, {len(got)} were printed"
    return [(a, b) for a, b in zip(expected, got) if not same_line(a, b)]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_prints_what_is_documented(path, tmp_path, capsys):
    printed = run(path, tmp_path, capsys)
    documented = sections((HERE / "documented" / f"{path.stem[:2]}.txt").read_text())
    assert documented
    for heading, lines in documented.items():
        assert differences(lines, printed[heading]) == [], heading


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_saves_its_pictures(path, tmp_path, capsys):
    run(path, tmp_path, capsys)
    pictures = list(tmp_path.glob("*.png"))
    assert pictures
    assert all(picture.read_bytes().startswith(b"\x89PNG") for picture in pictures)
    assert all(graph.read_text().startswith("digraph {") for graph in tmp_path.glob("*.gv"))


def test_backward_and_derivative_by_hand_agree(tmp_path, capsys):
    printed = run(next(p for p in EXAMPLES if p.stem.startswith("04")), tmp_path, capsys)
    assert printed["derivative by backward"] == printed["derivative by hand"]
    gradients = [line.split(":")[1].split() for line in printed["exercise 3-1"][:6]]
    assert gradients[::2] == gradients[1::2]


def test_batch_converges_where_the_document_does_and_stochastic_diverges(tmp_path, capsys):
    printed = run(next(p for p in EXAMPLES if p.stem.startswith("05")), tmp_path, capsys)
    _, loss, w, b = (float(field) for field in printed["batch"][-1].split(","))
    assert loss == pytest.approx(0.2254, abs=0.1)
    assert w == pytest.approx(-4.9961, abs=0.1)
    assert b == pytest.approx(-0.2907, abs=0.2)
    assert len(printed["stochastic"]) == 20 * 100
    assert float(printed["stochastic"][-1].split(",")[1]) > 1e12


def test_comparison_tells_a_wrong_digit():
    assert same_line("b =  [[1.3553205]]", "b =  [[1.3553203]]")
    assert not same_line("b =  [[1.3553205]]", "b =  [[1.3553209]]")
    assert not same_line("w_grad =  tensor([[0.0173]])", "w_grad =  tensor([[0.0174]])")
    assert not same_line("tensor(1., grad_fn=<PowBackward0>)", "tensor(1., grad_fn=<MulBackward0>)")
    assert differences(["1", "..", "9"], ["1", "5", "9"]) == []
    assert differences(["1", "..", "9"], ["1", "5", "8"]) == [("9", "8")]

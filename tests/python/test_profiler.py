"""torch.profiler: counts, times, tables, traces and schedules."""

import json

import steepest as torch
from steepest.profiler import ProfilerActivity, profile, record_function, schedule


def test_counts_and_nesting():
    x = torch.ones(3, 3)
    with profile(activities=[ProfilerActivity.CPU], record_shapes=True) as prof, record_function("model"):
        for _ in range(3):
            y = torch.nn.functional.linear(x, x) + x
        y.sum()
    sums = {e.key: e for e in prof.key_averages()}
    assert {key: e.count for key, e in sums.items()} == {"model": 1, "aten::linear": 3, "aten::add": 3, "aten::sum": 1}
    model = sums["model"]
    inside = sum(e.cpu_time_total for key, e in sums.items() if key != "model")
    assert 0 < model.self_cpu_time_total < model.cpu_time_total
    assert abs(model.cpu_time_total - model.self_cpu_time_total - inside) < 1e-6
    assert [e.key for e in prof.key_averages(group_by_input_shape=True)][1:] == ["aten::linear", "aten::add", "aten::sum"]
    assert prof.events()[1].input_shapes == [[3, 3], [3, 3]]
    x + x
    assert len(prof.events()) == 8


def test_table():
    with torch.autograd.profiler.profile() as prof:
        torch.ones(2).exp()
    lines = prof.key_averages().table(sort_by="count", row_limit=1).splitlines()
    assert lines[1].rstrip().endswith("# of Calls")
    assert len(lines) == 6
    assert lines[-1].startswith("Self CPU time total: ")
    assert prof.key_averages().table(header="Title").splitlines()[1] == "Title"


def test_schedule_and_trace(tmp_path):
    seen = []

    def ready(prof):
        prof.export_chrome_trace(str(tmp_path / "trace.json"))
        seen.append((prof.step_num, [e.name for e in prof.events()]))

    with profile(schedule=schedule(wait=1, warmup=1, active=2, repeat=1), on_trace_ready=ready) as prof:
        for _ in range(6):
            torch.ones(1).exp_()
            prof.step()
    step = ["aten::ones", "aten::exp_"]
    assert seen == [(3, ["ProfilerStep#2", *step, "ProfilerStep#3", *step])]
    trace = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    assert [e["name"] for e in trace] == seen[0][1]


def test_names_on_functions_outside_of_a_profile():
    @record_function("twice")
    def twice(x):
        return 2 * x

    assert twice(torch.ones(1)) == 2
    with profile() as prof:
        twice(torch.ones(1))
    assert [e.key for e in prof.key_averages()] == ["aten::ones", "twice", "aten::mul"]

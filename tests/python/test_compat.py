"""Names that do little on a CPU, yet stop programs that do not find them."""

import importlib
import multiprocessing

import pytest

import steepest as torch


def test_there_is_no_other_device():
    assert not torch.cuda.is_available()
    assert torch.cuda.device_count() == torch.accelerator.device_count() == 0
    assert torch.accelerator.current_accelerator() is None
    assert not (torch.accelerator.is_available() or torch.backends.mps.is_available() or torch.xpu.is_available())
    assert not torch.cuda.is_bf16_supported()
    assert torch.cuda.memory_allocated() == 0
    torch.cuda.manual_seed_all(1)
    for call in (torch.cuda.current_device, torch.cuda.synchronize, torch.cuda.get_device_name):
        with pytest.raises(AssertionError, match="Torch not compiled with CUDA enabled"):
            call()
    with pytest.raises(AttributeError, match="module 'torch._C' has no attribute '_cuda_setDevice'"):
        torch.cuda.set_device(0)
    for index, place in ((None, "cuda"), (1, "cuda:1"), (0, torch.device("cuda", 0)), (2, 2)):
        assert torch.cuda.device(place).idx == index
        with pytest.raises(RuntimeError, match="PyTorch was compiled without CUDA support"):
            torch.cuda.device(place).__enter__()
    with pytest.raises(ValueError, match="Expected a cuda device, but got: cpu"):
        torch.cuda.device("cpu")
    with torch.cuda.device(-1), torch.cuda.device_of(torch.ones(1)), torch.cuda.stream(None):
        pass
    for place, text in ((0, "Cannot access accelerator device"), ("cpu", "Invalid device, must be cuda device")):
        with pytest.raises(RuntimeError, match=text):
            torch.ones(1).cuda(place)
    assert repr(torch.cuda.memory_stats()) == "OrderedDict()"
    with pytest.raises(RuntimeError, match="Cannot access accelerator device when none is available"):
        torch.accelerator.synchronize()
    with pytest.raises(TypeError, match=r"torch.cuda.FloatTensor not available"):
        torch.cuda.FloatTensor(3)


def test_switches_keep_what_they_are_set_to():
    torch.backends.cudnn.benchmark = True
    with torch.backends.cudnn.flags(benchmark=False, deterministic=True):
        assert not torch.backends.cudnn.benchmark
        assert torch.backends.cudnn.deterministic
    assert torch.backends.cudnn.benchmark
    torch.backends.cudnn.benchmark = False
    torch.backends.cuda.matmul.allow_tf32 = True
    assert torch.backends.cuda.matmul.allow_tf32
    with torch.backends.cuda.sdp_kernel(enable_flash=False):
        assert not torch.backends.cuda.flash_sdp_enabled()
    assert torch.backends.cuda.flash_sdp_enabled()


def test_settings():
    torch.set_float32_matmul_precision("high")
    assert torch.get_float32_matmul_precision() == "high"
    with pytest.warns(UserWarning, match="is not one of"):
        torch.set_float32_matmul_precision("most")
    torch.set_float32_matmul_precision("highest")
    torch.use_deterministic_algorithms(True, warn_only=True)
    assert torch.get_deterministic_debug_mode() == 1
    torch.set_deterministic_debug_mode("default")
    assert not torch.are_deterministic_algorithms_enabled()


def test_compile_gives_back_what_it_is_given():
    model = torch.nn.Linear(2, 1)
    assert torch.compile(model) is model
    assert torch.compile(mode="max-autotune")(abs) is abs
    with pytest.raises(AssertionError, match="callable"):
        torch.compile(3)


def test_autocast():
    x = torch.ones(2, 2)
    with torch.autocast("cpu", enabled=False):
        assert not torch.is_autocast_enabled("cpu")
        assert (x @ x).dtype == torch.float32
    with pytest.warns(UserWarning, match="Disabling autocast"):
        torch.autocast("cuda")
    with pytest.warns(UserWarning, match="not supported"):
        torch.amp.autocast("cpu", dtype=torch.float32)
    with pytest.raises(RuntimeError, match="Expected one of cpu, cuda"):
        torch.autocast("table")


def test_a_scaler_for_no_gpu_does_nothing():
    with pytest.warns(UserWarning, match="Disabling"):
        scaler = torch.amp.GradScaler()
    loss = torch.tensor(2.0, requires_grad=True)
    assert scaler.scale(loss) is loss
    assert scaler.state_dict() == {}
    assert scaler.get_scale() == 1.0


def test_a_scaler_leaves_out_infinite_steps():
    w = torch.nn.Parameter(torch.tensor(1.0))
    optimizer = torch.optim.SGD([w], lr=0.5)
    scaler = torch.amp.GradScaler("cpu", growth_interval=1)
    for factor, expected, scale in ((1.0, 0.5, 131072.0), (float("inf"), 0.5, 65536.0)):
        optimizer.zero_grad()
        scaler.scale(w * factor).backward()
        scaler.step(optimizer)
        scaler.update()
        assert (w.item(), scaler.get_scale()) == (expected, scale)
    scaler.unscale_(optimizer)
    with pytest.raises(RuntimeError, match="already been called"):
        scaler.unscale_(optimizer)


def test_parallel_on_one_device():
    x = torch.ones(3, 2)
    model = torch.nn.Linear(2, 1)
    parallel = torch.nn.DataParallel(model)
    assert torch.equal(parallel(x), model(x))
    assert list(parallel.state_dict()) == ["module.weight", "module.bias"]
    with pytest.raises(ValueError, match="Default process group has not been initialized"):
        torch.nn.parallel.DistributedDataParallel(model)
    parts = torch.nn.parallel.scatter({"x": x, "n": 1}, [0, 1])
    assert [part["x"].shape[0] for part in parts] == [2, 1]
    assert torch.equal(torch.nn.parallel.gather([part["x"] for part in parts], 0), x)


def test_a_group_of_one_process(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    dist = torch.distributed
    assert dist.is_available()
    assert not dist.is_initialized()
    with pytest.raises(ValueError, match="not been initialized"):
        dist.get_rank()
    with pytest.raises(NotImplementedError, match="2 were asked for"):
        dist.init_process_group("gloo", world_size=2, rank=0)
    dist.init_process_group("gloo")
    try:
        x = torch.ones(2)
        dist.all_reduce(x)
        assert (dist.get_rank(), dist.get_world_size(), x.tolist()) == (0, 1, [1, 1])
        model = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(2, 1))
        with model.no_sync():
            model(x).sum().backward()
    finally:
        dist.destroy_process_group()


def square(i, queue):
    queue.put((i, torch.tensor([float(i)]) ** 2))


def test_spawn():
    queue = multiprocessing.get_context("spawn").Queue()
    torch.multiprocessing.spawn(square, (queue,), nprocs=2)
    assert sorted(queue.get(timeout=10)[1].item() for _ in range(2)) == [0, 1]


def test_futures():
    first, second = torch.futures.Future(), torch.futures.Future()
    both, next_one = torch.futures.collect_all([first, second]), first.then(lambda f: f.value() + 1)
    first.set_result(1)
    second.set_result(2)
    assert next_one.wait() == 2
    assert [f.wait() for f in both.wait()] == torch.futures.wait_all([first, second]) == [1, 2]


@pytest.mark.parametrize(
    "name", ["onnx.export", "jit.export_opnames", "hub.load", "package.PackageExporter", "distributed.rpc.init_rpc"]
)
def test_what_is_not_here_says_so(name):
    module, _, function = name.rpartition(".")
    with pytest.raises(NotImplementedError, match=f"torch.{name} is not part of steepest"):
        getattr(importlib.import_module(f"steepest.{module}"), function)()


def test_jit_gives_back_what_it_is_given():
    @torch.jit.script
    def f(x):
        return x + 1

    assert f(1) == 2
    assert not torch.jit.is_scripting()


def test_a_file_from_the_net(tmp_path):
    source, target = tmp_path / "a.txt", tmp_path / "b.txt"
    source.write_text("tensors")
    torch.hub.download_url_to_file(source.as_uri(), target, progress=False)
    assert target.read_text() == "tensors"
    with pytest.raises(RuntimeError, match="invalid hash value"):
        torch.hub.download_url_to_file(source.as_uri(), tmp_path / "c.txt", hash_prefix="00", progress=False)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.txt", "b.txt"]


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="module 'steepest' has no attribute 'no_such_name'"):
        torch.no_such_name
    assert not hasattr(torch.backends, "no_such_name")


def test_subnormal_numbers_can_be_flushed():
    tiny = torch.tensor(1e-40)
    assert torch.set_flush_denormal(True)
    assert tiny * 1 == 0
    torch.set_flush_denormal(False)
    assert tiny * 1 != 0
    with pytest.raises(TypeError, match="set_flush_denormal expects a bool, but got int"):
        torch.set_flush_denormal(1)


def test_a_compiler_that_is_not_there():
    @torch.compiler.disable(recursive=False)
    def double(x):
        return x + x

    assert double(2) == 4 and torch.compiler.disable(double) is double and not torch.compiler.is_compiling()
    with torch.compiler.set_stance("force_eager"):
        torch.compiler.reset()
    with pytest.raises(NotImplementedError, match="sampled_addmm is not part of steepest; of the sparse layouts, torch.sparse_coo, "):
        torch.sparse.sampled_addmm(torch.ones(1))


def test_old_places_of_names():
    assert torch.functional.einsum is torch.einsum and torch.autograd.variable.Variable is torch.autograd.Variable
    assert torch.GradScaler is torch.amp.GradScaler and torch.func.vmap is torch.vmap
    x = torch.ones(1)
    assert torch.get_device(x) == -1 and not torch.is_inference(x) and torch.version.rocm is None
    assert x.bfloat16().type() == "torch.BFloat16Tensor" and torch.BFloat16Tensor([1]).dtype is torch.bfloat16


def test_volatile_has_no_effect():
    x = torch.ones(2, requires_grad=True)
    with pytest.warns(UserWarning, match=r"volatile was removed \(Variable.volatile is always False\)"):
        assert x.volatile is False
    with pytest.warns(UserWarning, match="volatile was removed and now has no effect"):
        x.volatile = True
    assert x.requires_grad and x[0]._is_view() and not x._is_view()


def test_types_of_results():
    x = torch.ones(2, 3)
    values, indices = largest = x.max(1)
    assert isinstance(largest, torch.return_types.max) and not isinstance(x.min(1), torch.return_types.max)
    assert torch.return_types.max((values, indices)).indices is indices
    assert type(torch.sort(x)) is type(torch.sort(x, stable=True)) is torch.return_types.sort
    assert type(torch.linalg.svd(x)) is torch.return_types.linalg_svd
    out = torch.max(x, 1, out=(torch.empty(0), torch.empty(0, dtype=torch.int64)))
    assert type(out) is torch.return_types.max_out
    for name in ("relu", "nothing", "__path__"):
        assert not hasattr(torch.return_types, name)

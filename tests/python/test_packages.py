"""What packages written for PyTorch import and ask for, beside its ops and modules."""

import subprocess
import sys

import pytest

import steepest as torch
from steepest import alias

IMPORTED = """
torch._assert torch._check torch._custom_ops.impl_abstract torch._dynamo.config.suppress_errors torch._dynamo.utils.is_compile_supported
torch._jit_internal.boolean_dispatch torch._jit_internal.BroadcastingList2 torch._VF.lstm torch.Future torch.SymInt
torch._C._log_api_usage_once torch._C._get_tracing_state torch._C._nn._parse_to torch.__config__.show
torch.ao.quantization.QuantStub torch.ao.nn.quantized.FloatFunctional torch.quantization.DeQuantStub torch.nn.quantized.FloatFunctional
torch.backends.nnpack.is_available torch.backends.quantized.supported_engines
torch.cuda.memory.memory_allocated torch.cuda.nvtx.range_push torch.cuda.random.manual_seed torch.cuda.streams.Stream
torch.distributed.rpc.RRef torch.fx.Tracer torch.fx.node.Target torch.fx.proxy.Proxy torch.fx.graph_module._copy_attr
torch.hub._get_torch_home torch.hub.HASH_REGEX torch.hub.tqdm torch.utils.model_zoo.tqdm torch.jit.Final torch.jit._overload_method
torch.jit.TracerWarning torch.jit._script.RecursiveScriptModule torch.jit.annotations.BroadcastingList2
torch.nn.init._no_grad_trunc_normal_ torch.nn.modules.dropout._DropoutNd torch.nn.modules.module._IncompatibleKeys
torch.nn.modules.module._addindent torch.nn.modules.rnn.apply_permutation torch.onnx.symbolic_helper.parse_args
torch.onnx.symbolic_opset11 torch.optim.optimizer.ParamsT torch.optim.optimizer._use_grad_for_differentiable
torch.PyTorchFileReader torch.ScriptModule torch.torch.nn torch._C._TensorMeta torch._C._disabled_torch_function_impl
torch._tensor_str._tensor_str torch._tensor_str.PRINT_OPTS torch._vmap_internals._vmap torch.Tensor._cdata
torch.autograd.function.FunctionCtx torch.cuda.amp.grad_scaler.OptState torch.cuda.memory_cached
torch.distributed.algorithms.join.Join torch.distributed.constants.default_pg_timeout torch.distributed.nn.functional.all_reduce
torch.distributed.ReduceOp.RedOpType torch.distributions.transforms._InverseTransform torch.jit.annotations.List
torch.profiler.kineto_available torch.serialization.MAP_LOCATION torch.utils.benchmark.Timer torch.utils.checkpoint.get_device_states
torch.utils.data.IterDataPipe torch.utils.data.datapipes.iter.IterableWrapper
torch.utils.data.dataloader._collate_fn_t
torch._dynamo.eval_frame.is_dynamo_supported torch.fx._symbolic_trace.compatibility torch.backends.flags_frozen
torch._segment_reduce torch._standard_gamma torch._sample_dirichlet torch.utils.flop_counter.FlopCounterMode
torch.optim.optimizer._default_to_fused_or_foreach torch.utils.dlpack.to_dlpack torch.utils.deterministic.fill_uninitialized_memory
torch.distributed.fsdp.wrap.transformer_auto_wrap_policy torch.distributed.fsdp.fully_sharded_data_parallel.CPUOffload
torch.distributed.fsdp.sharded_grad_scaler.ShardedGradScaler torch.distributed._composable.fsdp.fully_shard
torch.distributed.checkpoint.FileSystemReader torch.distributed.checkpoint.state_dict.StateDictOptions
torch.distributed.checkpoint.default_planner.DefaultLoadPlanner torch.distributed.checkpoint.hf_storage.HuggingFaceStorageReader
torch.distributed.device_mesh.DeviceMesh torch.distributed._tensor.DTensor torch.distributed.tensor.parallel.ColwiseParallel
torch.distributed._tensor.experimental.implicit_replication torch.distributed.TCPStore
torch.distributed.tensor.placement_types._StridedShard torch.distributed.tensor._utils.compute_local_shape_and_global_offset
torch.distributed._functional_collectives.wait_tensor torch.distributed.optim.ZeroRedundancyOptimizer
torch.distributed.rpc.api._require_initialized torch._dynamo._trace_wrapped_higher_order_op.TransformGetItemToIndex
torch._dynamo.eval_frame.OptimizedModule torch._dynamo.assume_constant_result torch._subclasses.fake_tensor.is_fake
torch._subclasses.functional_tensor.FunctionalTensor torch._subclasses.FakeTensorMode torch.fx.experimental.proxy_tensor.get_proxy_mode
torch.fx.experimental.symbolic_shapes.guard_or_false torch.cuda.CUDAGraph torch.cuda.StreamContext torch.Stream torch.Event torch.TensorType
torch.OutOfMemoryError torch.cuda.OutOfMemoryError torch.AcceleratorError torch.get_autocast_cpu_dtype torch.set_autocast_cpu_enabled
torch.nn.modules.module._EXTRA_STATE_KEY_SUFFIX torch.sparse_bsc torch.jagged torch.float8_e4m3fn torch.chalf
""".split()


@pytest.mark.parametrize("name", IMPORTED)
def test_is_there(name):
    found = torch
    parts = name.split(".")[1:]
    for depth, part in enumerate(parts, 1):
        found = getattr(found, part, None) or alias.own_module(".".join(["torch", *parts[:depth]])) or getattr(found, part)
    assert found is not None


def test_a_wrapper_of_an_optimizer_need_not_initialize_it():
    class Wrapper(torch.optim.Optimizer):
        def __init__(self, optimizer):
            self.optimizer = optimizer

        def step(self, closure=None):
            return self.optimizer.step(closure)

    x = torch.nn.Parameter(torch.ones(1))
    x.sum().backward()
    Wrapper(torch.optim.SGD([x], lr=0.5)).step()
    assert x.item() == 0.5


def test_transforms_at_work():
    assert not torch._C._are_functorch_transforms_active()
    seen = []
    torch.func.vmap(lambda x: seen.append(torch._C._are_functorch_transforms_active()) or x)(torch.ones(2))
    assert seen == [True] and not torch._C._are_functorch_transforms_active()


def test_modules_of_devices():
    assert torch.get_device_module() is torch.get_device_module(torch.device("cpu")) is torch.cpu
    assert torch.get_device_module("cuda") is torch.cuda
    with pytest.raises(RuntimeError, match="Device 'vulkan' does not have a corresponding module registered as 'torch.vulkan'"):
        torch.get_device_module("vulkan")


def test_quantization_marks_change_nothing():
    x = torch.ones(2)
    model = torch.ao.quantization.QuantWrapper(torch.nn.Identity())
    assert model(x) is x and [name for name, _ in model.named_children()] == ["quant", "dequant", "module"]
    functions = torch.nn.quantized.FloatFunctional()
    assert functions.add_relu(x, -2 * x).tolist() == [0, 0] and functions.cat([x, x]).shape == (4,)
    with pytest.raises(NotImplementedError, match="quantized numbers are not here"):
        torch.quantization.convert(model)


def test_gradcheck_stays_a_function_when_its_module_is_imported():
    import steepest.autograd.gradcheck as module  # noqa: F401

    assert callable(torch.autograd.gradcheck) and torch.autograd.gradcheck is sys.modules["steepest.autograd.gradcheck"].gradcheck


def test_checks():
    torch._check(True)
    for function, error in ((torch._check, RuntimeError), (torch._check_index, IndexError), (torch._check_value, ValueError)):
        with pytest.raises(error, match="^told$"):
            function(False, lambda: "told")
    with pytest.raises(TypeError, match="cond must be a bool"):
        torch._check(1)
    with pytest.raises(AssertionError, match="^no$"):
        torch._assert(False, "no")
    assert not isinstance(3, torch.SymInt) and torch.sym_max(2, 3) == 3 and torch.sym_int(2.5) == 2


def test_jit_forks_run_at_once():
    assert torch.jit.wait(torch.jit.fork(lambda x, y: x + y, 2, y=3)) == 5
    assert torch.jit._overload(len) is len and not issubclass(torch.nn.Linear, torch.jit.ScriptModule)


def test_parse_to():
    device, dtype, non_blocking, _ = torch._C._nn._parse_to("cpu", torch.float64, True)
    assert (device, dtype, non_blocking) == (torch.device("cpu"), torch.float64, True)


def test_optimizers_of_packages():
    from steepest.optim import optimizer as names

    class Descent(torch.optim.Optimizer):
        def __init__(self, params):
            super().__init__(params, {"lr": 0.1, "differentiable": False})

        @names._use_grad_for_differentiable
        def step(self):
            for p in self.param_groups[0]["params"]:
                p.add_(p.grad, alpha=-self.param_groups[0]["lr"])

    p = torch.ones(2, requires_grad=True)
    (p * p).sum().backward()
    Descent([p]).step()
    assert torch.allclose(p, torch.tensor([0.8, 0.8]))
    a, b = torch.ones(1), torch.ones(1, dtype=torch.float64)
    groups = torch.optim.Optimizer._group_tensors_by_device_and_dtype([[a, b], [b, a]], with_indices=True)
    (lists, places) = groups[torch.device("cpu"), torch.float64]
    assert lists[0][0] is b and lists[1][0] is a and places == [1]


def test_prefixes_of_states():
    model = torch.nn.DataParallel(torch.nn.Linear(2, 1))
    state = model.state_dict()
    torch.nn.modules.utils.consume_prefix_in_state_dict_if_present(state, "module.")
    assert torch.nn.Linear(2, 1).load_state_dict(state) and set(state._metadata) == {""}


def test_methods_of_modules_say_whose_they_are():
    model = torch.nn.Linear(1, 1)
    assert repr(model.parameters()).startswith("<generator object Module.parameters at ")
    assert torch.nn.Module.to.__qualname__ == "Module.to"
    assert repr(torch.nn.modules._hooks.HookDict({1: 2})) == repr(__import__("collections").OrderedDict({1: 2}))


def test_a_number_before_a_tensor_is_recorded_after_it():
    x = torch.ones(2, requires_grad=True).sin()
    for y in (2 * x, x * 2, 1 + x, x + 1):
        assert [node and node.name() for node, _ in y.grad_fn.next_functions] == ["SinBackward0", None]


def test_modules_that_load_late_have_torch_names(tmp_path):
    (tmp_path / "script.py").write_text("import torch\nprint(torch.nn.utils.prune.L1Unstructured, torch.futures.Future)\n")
    command = [sys.executable, "-m", "steepest", "run", "script.py"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert result.stdout == "<class 'torch.nn.utils.prune.L1Unstructured'> <class 'torch.futures.Future'>\n", result.stderr


def test_the_class_tensor_is_a_type_to_convert_to():
    assert torch.tensor([1, 2]).type(torch.Tensor).dtype is torch.float32


def test_records_of_a_file_by_name(tmp_path):
    torch.save({"a": torch.ones(2)}, tmp_path / "file.pt")
    with open(tmp_path / "file.pt", "rb") as file:
        reader = torch.PyTorchFileReader(file)
        assert reader.has_record("data.pkl") and "data/0" in reader.get_all_records()
        assert reader.get_record("data/0") == b"\x00\x00\x80?" * 2


def test_printing_by_pieces():
    from steepest import _tensor_str

    x = torch.tensor([1.0, 2.0])
    assert _tensor_str._add_suffixes("f(" + _tensor_str._tensor_str(x, 2), ["n=2"], 2) == "f([1., 2.], n=2)"
    assert _tensor_str.PRINT_OPTS.edgeitems == 3 and _tensor_str._str(x) == repr(x)


def test_datapipes_chain():
    from steepest.utils.data import DataLoader, functional_datapipe
    from steepest.utils.data.datapipes.iter import IterableWrapper
    from steepest.utils.data.datapipes.map import SequenceWrapper

    pipe = IterableWrapper(range(7)).map(lambda x: x + 1).filter(lambda x: x % 2).batch(2)
    assert list(pipe) == [[1, 3], [5, 7]] and sorted(IterableWrapper(range(5)).shuffle(buffer_size=2)) == [0, 1, 2, 3, 4]
    assert [x.tolist() for x in DataLoader(IterableWrapper([1, 2, 3]), batch_size=2)] == [[1, 2], [3]]
    assert SequenceWrapper("abc")[1] == "b" and len(IterableWrapper([1, 2]).map(str)) == 2
    assert [len(IterableWrapper(range(7)).batch(3, drop_last)) for drop_last in (False, True)] == [3, 2]
    torch.manual_seed(3)  # as in PyTorch
    shuffled = IterableWrapper(range(10)).shuffle(buffer_size=4)
    assert [list(shuffled), list(shuffled)] == [[1, 4, 3, 2, 6, 0, 5, 9, 7, 8], [3, 1, 0, 4, 2, 6, 5, 8, 7, 9]]
    with pytest.raises(Exception, match="Unable to add DataPipe function name batch as it is already taken"):
        functional_datapipe("batch")(IterableWrapper)


def test_collectives_with_derivatives():
    torch.distributed.init_process_group("gloo", world_size=1, rank=0)
    try:
        x = torch.ones(2, requires_grad=True)
        (torch.distributed.nn.all_reduce(x) * 3 + torch.distributed.nn.all_gather(x)[0]).sum().backward()
        assert x.grad.tolist() == [4, 4]
    finally:
        torch.distributed.destroy_process_group()


def test_sizes_are_nodes_of_trees_and_leaves_have_a_structure():
    from steepest.utils import _pytree

    leaves, spec = _pytree.tree_flatten(torch.Size([2, 3]))
    assert leaves == [2, 3] and _pytree.tree_unflatten("ab", spec) == ("a", "b")
    assert _pytree.LeafSpec() == _pytree.tree_structure(1) and _pytree._get_node_type([1]) is list

"""torch.distributed with one process: collectives beside those of the examples, and descriptions of what more processes would do."""

import pytest

import steepest as torch
from steepest import distributed as dist
from steepest.distributed.checkpoint import state_dict
from steepest.distributed.fsdp import CPUOffload, FullStateDictConfig, FullyShardedDataParallel, MixedPrecision, ShardingStrategy
from steepest.distributed.tensor import DTensor, Partial, Replicate, Shard


@pytest.fixture
def group():
    dist.init_process_group("gloo", world_size=1, rank=0)
    yield
    dist.destroy_process_group()


def test_collectives(group):
    x, y = torch.arange(4.0), torch.zeros(4)
    dist.all_to_all_single(y, x)
    assert torch.equal(x, y)
    y.zero_()
    dist.all_to_all([y], [x])
    assert torch.equal(x, y)
    y.zero_()
    assert dist.reduce_scatter_tensor(y, x, async_op=True).wait() and torch.equal(x, y)
    gathered, scattered = [None], [None]
    dist.gather_object({"a": 1}, gathered)
    dist.scatter_object_list(scattered, ["b"])
    assert gathered == [{"a": 1}] and scattered == ["b"]
    dist.monitored_barrier()
    assert dist.get_process_group_ranks() == [0] and dist.get_global_rank(None, 0) == dist.get_group_rank(None, 0) == 0


def test_names_of_backends():
    assert dist.Backend("NCCL") == dist.Backend.NCCL == "nccl"
    with pytest.raises(ValueError, match="must be string-ish"):
        dist.Backend(3)


def test_nothing_is_spread_over_processes():
    assert not isinstance(torch.ones(1), DTensor) and not isinstance(torch.nn.Linear(1, 1), FullyShardedDataParallel)
    with pytest.raises(NotImplementedError, match="FullyShardedDataParallel is not part of steepest; there is one process"):
        FullyShardedDataParallel(torch.nn.Linear(1, 1))
    with pytest.raises(NotImplementedError, match="init_device_mesh is not part of steepest; there is one process"):
        dist.init_device_mesh("cpu", (1,))
    with pytest.raises(RuntimeError, match="RPC has not been initialized"):
        dist.rpc.api._require_initialized(lambda: 1)()


def test_descriptions():
    assert repr(Shard(0)) == "Shard(dim=0)" and Shard(1).is_shard(1) and not Shard(1).is_shard(0) and Shard(0) == Shard(0)
    assert repr(Replicate()) == "Replicate()" and Replicate().is_replicate() and not Replicate().is_partial()
    assert repr(Partial()) == "Partial(sum)" and Partial("max").is_partial("max")
    assert [str(p) for p in (Shard(0), Replicate(), Partial())] == ["S(0)", "R", "P(sum)"]
    assert ShardingStrategy.FULL_SHARD != ShardingStrategy.NO_SHARD and not CPUOffload().offload_params
    assert FullStateDictConfig(rank0_only=True).offload_to_cpu is False and MixedPrecision(torch.bfloat16).reduce_dtype is None


def test_state_dicts_of_models():
    model, other = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)
    state = state_dict.get_model_state_dict(model)
    state_dict.set_model_state_dict(other, state)
    assert torch.equal(model.weight, other.weight)
    model.bias.requires_grad_(False)
    unfrozen = state_dict.get_model_state_dict(model, options=state_dict.StateDictOptions(ignore_frozen_params=True))
    assert list(unfrozen) == ["weight"]
    with pytest.raises(RuntimeError, match="Missing key"):
        state_dict.set_model_state_dict(other, unfrozen)
    loose = state_dict.StateDictOptions(strict=False)
    assert state_dict.set_model_state_dict(other, unfrozen, options=loose).missing_keys == ["bias"]

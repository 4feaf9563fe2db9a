"""torch.distributed.algorithms: joining processes that have different amounts of data."""

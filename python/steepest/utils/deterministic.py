"""torch.utils.deterministic: a setting of use_deterministic_algorithms."""

fill_uninitialized_memory = True

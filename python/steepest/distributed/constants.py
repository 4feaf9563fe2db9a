"""torch.distributed.constants: how long a collective waits for the other processes, of which there are none."""

from datetime import timedelta

default_pg_timeout = timedelta(minutes=30)
default_pg_nccl_timeout = timedelta(minutes=10)

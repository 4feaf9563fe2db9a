"""nn.attention.flex_attention: attention whose scores and mask are functions of the places in the batch, heads and sequences.

The functions are called once, on tensors of indices that broadcast over (B, H, Q_LEN, KV_LEN).
Blocks that a mask does not list are not seen, as in PyTorch's compiled flex_attention; its uncompiled one asks mask_mod alone.
"""

import math
from typing import Any, NamedTuple

from ... import arange, float32, full, inf, int32, logsumexp, tensor, where, zeros
from ..functional import pad

__all__ = [
    "AuxOutput", "AuxRequest", "BlockMask", "and_masks", "create_block_mask", "create_mask", "flex_attention", "noop_mask", "or_masks",
]

_DEFAULT_SPARSE_BLOCK_SIZE = 128


class AuxRequest(NamedTuple):
    """What to return beside the output: the logarithms of the sums of the softmax, its largest scores."""

    lse: bool = False
    max_scores: bool = False


class AuxOutput(NamedTuple):
    """What was asked for in an AuxRequest, of shape (B, H, Q_LEN)."""

    lse: Any = None
    max_scores: Any = None


def _places(batch, heads, queries, keys):
    """Indices of the batch, heads, queries and keys, each along a dimension of its own."""
    sizes = (batch, heads, queries, keys)
    return [arange(size).reshape([-1 if i == dim else 1 for i in range(4)]) for dim, size in enumerate(sizes)]


def noop_mask(batch, head, token_q, token_kv):
    """A mask that holds everywhere."""
    return batch.new_ones((), dtype=bool)


def and_masks(*mask_mods):
    """A mask that holds where all of these do."""
    if not all(callable(mask) for mask in mask_mods):
        raise RuntimeError(f"All inputs should be callable mask_mods: {mask_mods}")

    def and_mask(b, h, q_idx, kv_idx):
        result = b.new_ones((), dtype=bool)
        for mask in mask_mods:
            result = result & mask(b, h, q_idx, kv_idx)
        return result

    return and_mask


def or_masks(*mask_mods):
    """A mask that holds where one of these does."""
    if not all(callable(mask) for mask in mask_mods):
        raise RuntimeError(f"All inputs should be callable mask_mods: {mask_mods}")

    def or_mask(b, h, q_idx, kv_idx):
        result = b.new_zeros((), dtype=bool)
        for mask in mask_mods:
            result = result | mask(b, h, q_idx, kv_idx)
        return result

    return or_mask


def create_mask(mod_fn, B, H, Q_LEN, KV_LEN, device=None):  # noqa: N803
    """The values of a function of (batch, head, query, key), as a bool tensor of shape (B or 1, H or 1, Q_LEN, KV_LEN).

    >>> from steepest.nn.attention.flex_attention import create_mask
    >>> create_mask(lambda b, h, q, k: q >= k, None, None, 2, 3)
    tensor([[[[ True, False, False],
              [ True,  True, False]]]])
    """
    shape = (B or 1, H or 1, Q_LEN, KV_LEN)
    return tensor(True).logical_and(mod_fn(*_places(*shape))).expand(shape).clone()


def _sliced_mask_mod_error(batch, head, token_q, token_kv):
    raise RuntimeError("Cannot use mask_mod from a sliced BlockMask: assign the one that the whole mask has, for the places of this part")


def _ordered(dense):
    """Of 0 and 1 for each block: how many are 1 in each row, and the columns, those of the ones first."""
    return dense.sum(-1).to(int32), dense.to(int32).argsort(dim=-1, descending=True, stable=True).to(int32)


def _dense(num_blocks, indices):
    """The 0 and 1 that _ordered was given."""
    columns = indices.shape[-1]
    chosen = (arange(columns) < num_blocks.unsqueeze(-1)).to(int32)
    return zeros(indices.shape, dtype=int32).scatter(-1, indices.long(), chosen)


class BlockMask:
    """A mask cut into blocks: which blocks hold a True, which are all True, and the function that tells the rest.

    kv_num_blocks, kv_indices: for each row of blocks, how many columns of partly masked blocks there are, and the columns, those first;
    full_kv_num_blocks, full_kv_indices: the same of blocks without a False; q_...: the same by columns. BLOCK_SIZE, shape, mask_mod.
    """

    def __init__(self, seq_lengths, kv_num_blocks, kv_indices, full_kv_num_blocks, full_kv_indices, q_num_blocks=None, q_indices=None,
                 full_q_num_blocks=None, full_q_indices=None, BLOCK_SIZE=(128, 128), mask_mod=noop_mask):  # noqa: N803
        if kv_indices.dim() < 2:
            raise RuntimeError("BlockMask must have at least 2 dimensions")
        self.seq_lengths, self.BLOCK_SIZE, self.mask_mod = seq_lengths, BLOCK_SIZE, mask_mod
        self.kv_num_blocks, self.kv_indices = kv_num_blocks, kv_indices
        self.full_kv_num_blocks, self.full_kv_indices = full_kv_num_blocks, full_kv_indices
        self.q_num_blocks, self.q_indices = q_num_blocks, q_indices
        self.full_q_num_blocks, self.full_q_indices = full_q_num_blocks, full_q_indices

    @classmethod
    def from_kv_blocks(cls, kv_num_blocks, kv_indices, full_kv_num_blocks=None, full_kv_indices=None, BLOCK_SIZE=128,  # noqa: N803
                       mask_mod=None, seq_lengths=None, compute_q_blocks=True):
        """A mask from its blocks by rows."""
        size = (BLOCK_SIZE, BLOCK_SIZE) if isinstance(BLOCK_SIZE, int) else BLOCK_SIZE
        lengths = seq_lengths or (kv_indices.shape[-2] * size[0], kv_indices.shape[-1] * size[1])
        columns = [None] * 4
        if compute_q_blocks:
            columns[:2] = _ordered(_dense(kv_num_blocks, kv_indices).transpose(-2, -1))
            if full_kv_num_blocks is not None:
                columns[2:] = _ordered(_dense(full_kv_num_blocks, full_kv_indices).transpose(-2, -1))
        return cls(lengths, kv_num_blocks, kv_indices, full_kv_num_blocks, full_kv_indices, *columns, size, mask_mod or noop_mask)

    def __getitem__(self, index):
        """The mask of some batches, heads and rows of blocks; its mask_mod, which would not know which, is to be set anew before use."""
        index = (*(index if isinstance(index, tuple) else (index,)), slice(None), slice(None), slice(None))[:3]
        index = tuple(slice(i, i + 1 or None) if isinstance(i, int) else i for i in index)
        blocks = (self.kv_num_blocks, self.kv_indices, self.full_kv_num_blocks, self.full_kv_indices)
        parts = (x if x is None else x[index] for x in blocks)
        return BlockMask.from_kv_blocks(
            *parts, self.BLOCK_SIZE, _sliced_mask_mod_error, self.seq_lengths, compute_q_blocks=self.q_indices is not None
        )

    def _seen(self, places):
        """True where a query sees a key: in all of the full blocks, and where mask_mod says so in the others that are listed."""
        queries, keys = places[2].shape[2], places[3].shape[3]
        self._check_lengths(queries, keys)

        def spread(num_blocks, indices):
            blocks = _dense(num_blocks, indices).bool()
            for size, dim in zip(self.BLOCK_SIZE, (-2, -1), strict=True):
                blocks = blocks.repeat_interleave(size, dim)
            return blocks[..., :queries, :keys]

        seen = spread(self.kv_num_blocks, self.kv_indices) & self.mask_mod(*places)
        return seen if self.full_kv_num_blocks is None else seen | spread(self.full_kv_num_blocks, self.full_kv_indices)

    def _check_lengths(self, queries, keys):
        """ValueError where the mask is not for so many queries and keys."""
        rows, columns = self.seq_lengths
        text = f"block_mask was created for block_mask.shape={self.shape} but got q_len={queries} and kv_len={keys}. As the block mask was "
        if queries > rows or keys > columns:
            raise ValueError(f"{text}created for a smaller length than you're using it for, you likely need to create a new block mask.")
        if queries < rows or keys < columns:
            raise ValueError(f"{text}created for a larger length than you're using it for, create a new one with the correct length.")

    @property
    def shape(self):
        """(B, H, Q_LEN, KV_LEN)"""
        return (*self.kv_indices.shape[:-2], *self.seq_lengths)

    def numel(self):
        """The number of elements of the shape."""
        return math.prod(self.shape)

    def to_dense(self):
        """For each block, 1 where it holds a True."""
        partial = _dense(self.kv_num_blocks, self.kv_indices)
        return partial if self.full_kv_num_blocks is None else partial | _dense(self.full_kv_num_blocks, self.full_kv_indices)

    def sparsity(self):
        """The percentage of scores that need not be computed."""
        return 100 * (1 - self.to_dense().sum().item() * math.prod(self.BLOCK_SIZE) / self.numel())

    def to(self, device):
        """The mask itself: there is one device."""
        return self

    def __repr__(self):
        def text(name):
            value = getattr(self, name)
            return f"    {name}={value if value is None else value.shape},\n"

        names = [f"{full}{side}_{what}" for side in ("kv", "q") for full in ("", "full_") for what in ("num_blocks", "indices")]
        mask = getattr(self.mask_mod, "__name__", self.mask_mod)
        return (f"BlockMask(\n{''.join(map(text, names))}    BLOCK_SIZE={self.BLOCK_SIZE},\n    shape={self.shape},\n"
                f"    sparsity={self.sparsity():.2f}%,\n    mask_mod={mask}\n)")


def create_block_mask(mask_mod, B, H, Q_LEN, KV_LEN, device=None, BLOCK_SIZE=128, _compile=False, separate_full_blocks=True,  # noqa: N803
                      compute_dq_write_order=False, dq_kv_order=True):
    """A BlockMask of a function of (batch, head, query, key) that is True where a query may see a key.

    >>> from steepest.nn.attention.flex_attention import create_block_mask
    >>> create_block_mask(lambda b, h, q, k: q >= k, None, None, 256, 256).to_dense()
    tensor([[[[1, 0],
              [1, 1]]]], dtype=torch.int32)
    """
    rows, columns = size = (BLOCK_SIZE, BLOCK_SIZE) if isinstance(BLOCK_SIZE, int) else tuple(BLOCK_SIZE)
    mask = pad(create_mask(mask_mod, B, H, Q_LEN, KV_LEN).to(int32), (0, -KV_LEN % columns, 0, -Q_LEN % rows))
    blocks = mask.unflatten(-1, (-1, columns)).unflatten(-3, (-1, rows)).sum((-3, -1))
    complete = (blocks == rows * columns).to(int32) if separate_full_blocks else None
    partial = (blocks > 0).to(int32) if complete is None else (blocks > 0).to(int32) - complete
    full_blocks = (None, None) if complete is None else _ordered(complete)
    return BlockMask.from_kv_blocks(*_ordered(partial), *full_blocks, BLOCK_SIZE=size, mask_mod=mask_mod, seq_lengths=(Q_LEN, KV_LEN))


def flex_attention(query, key, value, score_mod=None, block_mask=None, scale=None, enable_gqa=False, return_lse=False,
                   kernel_options=None, *, return_aux=None):
    """softmax(score_mod(query @ key.T * scale)) @ value, where block_mask says that a query may see a key.

    query: (B, Hq, L, E); key: (B, Hkv, S, E); value: (B, Hkv, S, Ev). score_mod(score, batch, head, query, key) gives new scores.
    enable_gqa: Hq may be a multiple of Hkv. scale: 1 / sqrt(E) where it is None. return_lse: also the logarithm of the softmax's sums, as
    return_aux=AuxRequest(lse=True) does. ValueError for numbers of dimensions or heads that do not agree.

    >>> import steepest as torch
    >>> from steepest.nn.attention.flex_attention import flex_attention
    >>> x = torch.ones(1, 1, 2, 4)
    >>> flex_attention(x, x, x, score_mod=lambda score, b, h, q, k: score + (q - k)).shape
    torch.Size([1, 1, 2, 4])
    """
    if query.dim() != 4 or key.dim() != 4 or value.dim() != 4:
        raise ValueError("Expect query, key, value to be 4D tensors")
    heads = query.shape[-3]
    if not enable_gqa and heads != key.shape[-3]:
        raise ValueError(f"Expect query and key/value to have the same number of heads but got Hq={heads} and Hkv={key.shape[-3]}. "
                         "Try setting enable_gqa=True for GQA.")
    if heads % key.shape[-3]:
        raise ValueError("Expect number of query heads to be a multiple of kv heads for GQA but got "
                         f"Hq={heads} and Hkv={key.shape[-3]}.")
    key, value = (x.repeat_interleave(heads // x.shape[-3], dim=-3) if x.shape[-3] != heads else x for x in (key, value))
    scores = (query @ key.transpose(-2, -1)).to(float32 if query.dtype.itemsize < 4 else query.dtype)
    scores = scores * (1.0 / math.sqrt(query.shape[-1]) if scale is None else scale)
    places = _places(*scores.shape)
    if score_mod is not None:
        scores = score_mod(scores, *places)
    if block_mask is not None:
        scores = where(block_mask._seen(places), scores, full((), -inf, dtype=scores.dtype))
    sums, largest = logsumexp(scores, -1), scores.amax(-1)
    hidden = (largest == -inf).unsqueeze(-1)
    weights = where(hidden, 0.0, (scores - where(hidden.squeeze(-1), 0.0, sums).unsqueeze(-1)).exp())
    output = weights.to(query.dtype) @ value
    if return_aux is not None:
        return output, AuxOutput(sums if return_aux.lse else None, largest if return_aux.max_scores else None)
    return (output, sums) if return_lse else output

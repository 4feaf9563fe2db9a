// Sequences of unequal lengths: packed into rows step by step (Note [Rows of a sequence]), padded from them, padded from a list.
#include <algorithm>
#include <cstring>

#include "ops/call.h"
#include "ops/functions.h"
#include "ops/index_plan.h"

namespace st {
namespace {

int64_t row_bytes(const Tensor& x, int dims) {
  int64_t n = item_size(x.dtype());
  for (int d = dims; d < x.dim(); ++d) n *= x.size(d);
  return n;
}
int64_t total(const Dims& batch) {
  int64_t n = 0;
  for (const int64_t b : batch) n += b;
  return n;
}
Dims with_leading(const Dims& leading, const Tensor& x, int skip) {
  Dims sizes = leading;
  for (int d = skip; d < x.dim(); ++d) sizes.push_back(x.size(d));
  return sizes;
}

Tensor pad_rows(const Tensor& data, const Dims& batch, int64_t steps, const Scalar& value);

struct PackRows {
  static constexpr OpInfo info{.sig = "_pack_rows(Tensor input, int[] batch_sizes) -> Tensor",
                               .doc = "Of input (T, B, ...), the first batch_sizes[t] rows of each step t, one after the other.",
                               .where = 0,
                               .grad_name = "PackPaddedSequenceBackward0"};
  static Tensor fwd(const Tensor& input, const Dims& batch) {
    const Tensor x = contiguous_copy(input), y = empty(with_leading(Dims{total(batch)}, x, 2), x.dtype());
    const int64_t bytes = row_bytes(x, 2);
    char* to = y->data;
    for (int t = 0; t < batch.size(); ++t) {
      const auto n = static_cast<size_t>(batch[t] * bytes);
      if (n > 0) std::memcpy(to, x->data + t * x.size(1) * bytes, n);
      to += n;
    }
    return y;
  }
  static void vjp(Grads& d, const Tensor& x, const Dims& batch) {
    const Tensor g = pad_rows(d.g(), batch, x.size(0), Scalar(0));
    // Sequences that no step has are not there.
    d.set(0, g.size(1) == x.size(1) ? g : cat({g, zeros(with_leading(Dims{x.size(0), x.size(1) - g.size(1)}, x, 2), g.dtype())}, 1));
  }
};

struct PadRows {
  static constexpr OpInfo info{.sig = "_pad_rows(Tensor data, int[] batch_sizes, int steps, Scalar value) -> Tensor",
                               .doc = "The reverse of _pack_rows: (steps, batch_sizes[0], ...), with value where there are no rows.",
                               .where = 0,
                               .grad_name = "CopySlices"};
  static Tensor fwd(const Tensor& input, const Dims& batch, int64_t steps, const Scalar& value) {
    const Tensor x = contiguous_copy(input), y = full(with_leading(Dims{steps, batch[0]}, x, 1), value, x.dtype());
    const int64_t bytes = row_bytes(x, 1);
    const char* from = x->data;
    for (int t = 0; t < batch.size(); ++t) {
      const auto n = static_cast<size_t>(batch[t] * bytes);
      if (n > 0) std::memcpy(y->data + t * batch[0] * bytes, from, n);
      from += n;
    }
    return y;
  }
  static void vjp(Grads& d, const Tensor&, const Dims& batch, int64_t, const Scalar&) {
    d.set(0, call_op<PackRows>(d.g(), batch));
  }
};

Tensor pad_rows(const Tensor& data, const Dims& batch, int64_t steps, const Scalar& value) { return call_op<PadRows>(data, batch, steps, value); }

using Two = std::tuple<Tensor, Tensor>;

struct PackPadded : Composite {
  static constexpr OpInfo info{.sig = "_pack_padded_sequence(Tensor input, Tensor lengths, bool batch_first) -> (Tensor, Tensor)",
                               .doc = "Packs input (T, B, ...), or (B, T, ...) where batch_first, given lengths that do not grow: data, batch_sizes.",
                               .where = 0};
  static Two fwd(const Tensor& input, const Tensor& lengths, bool batch_first) {
    if (lengths.dim() != 1 || lengths.dtype() != Dtype::Int64) {
      runtime_error("'lengths' argument should be a 1D CPU int64 tensor, but got ", lengths.dim(), "D cpu ", st::info(lengths.dtype()).scalar_type, " tensor");
    }
    const Tensor x = batch_first ? transpose(input, 0, 1) : input;
    if (x.dim() < 2) index_error("Dimension out of range (expected to be in range of [-1, 0], but got 1)");
    const Tensor dense = contiguous_copy(detach(lengths));
    const int64_t n = dense.numel(), *const length = dense.data<int64_t>();
    if (x.numel() == 0 || n == 0) runtime_error("Cannot pack empty tensors.");
    if (n != x.size(1)) runtime_error("Expected `len(lengths)` to be equal to batch_size, but got ", n, " (batch_size=", x.size(1), ")");
    for (int64_t i = 0; i + 1 < n; ++i) {
      if (length[i] < length[i + 1]) {
        runtime_error("`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass `enforce_sorted=False` to "
                      "pack_padded_sequence and/or pack_sequence to sidestep this requirement if you do not need ONNX exportability.");
      }
    }
    if (length[n - 1] <= 0) runtime_error("Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0");
    if (length[0] > x.size(0)) runtime_error("Expected lengths of at most ", x.size(0), ", the number of steps, but got ", length[0]);
    Dims batch;
    batch.resize(static_cast<int>(length[0]));
    for (int64_t t = 0, rows = n; t < length[0]; ++t) {
      while (length[rows - 1] <= t) --rows;
      batch[t] = rows;
    }
    return {call_op<PackRows>(x, batch), index64(batch)};
  }
};

struct PadPacked : Composite {
  static constexpr OpInfo info{.sig = "_pad_packed_sequence(Tensor data, Tensor batch_sizes, bool batch_first, Scalar padding_value, int total_length) -> "
                                      "(Tensor, Tensor)",
                               .doc = "The padded batch (T, B, ...), or (B, T, ...) where batch_first, and the lengths of its sequences.",
                               .where = 0};
  static Two fwd(const Tensor& data, const Tensor& batch_sizes, bool batch_first, const Scalar& value, int64_t steps) {
    if (batch_sizes.dim() != 1 || batch_sizes.dtype() != Dtype::Int64 || batch_sizes.numel() == 0) {
      runtime_error("batch_sizes: expected a tensor of int64 of one dimension that is not empty");
    }
    const Tensor dense = contiguous_copy(detach(batch_sizes));
    const Dims batch(dense.data<int64_t>(), static_cast<int>(dense.numel()));
    for (int t = 0; t < batch.size(); ++t) {
      if (batch[t] <= 0 || (t > 0 && batch[t] > batch[t - 1])) runtime_error("batch_sizes: expected positive numbers that do not grow, but got ", DimSpan(batch));
    }
    if (data.dim() < 1 || data.size(0) != total(batch)) runtime_error("batch_sizes: expected a sum that is the number of rows, but got ", total(batch), " for ", data.sizes());
    if (steps < batch.size()) {
      runtime_error("Expected total_length to be at least the length of the longest sequence in input, but got total_length=", steps,
                    " and max sequence length being ", batch.size());
    }
    const Tensor y = pad_rows(data, batch, steps, value);
    Dims lengths = Dims::filled(static_cast<int>(batch[0]), 0);
    for (const int64_t rows : batch)
      for (int64_t i = 0; i < rows; ++i) ++lengths[i];
    return {batch_first ? transpose(y, 0, 1) : y, index64(lengths)};
  }
};

struct PadSequence : Composite {
  static constexpr OpInfo info{.sig = "pad_sequence(Tensor[] sequences, bool batch_first=False, float padding_value=0.0, str padding_side='right') -> Tensor",
                               .doc = "Sequences (length, ...) side by side, filled up to the longest with padding_value: (T, B, ...), or (B, T, ...) where "
                                      "batch_first, of the first one's type.",
                               .where = kNN};
  static Tensor fwd(const Tensors& sequences, bool batch_first, double value, const std::string& side) {
    if (sequences.empty()) runtime_error("received an empty list of sequences");
    if (side != "left" && side != "right") runtime_error("Expected padding_side to be one of left or right, but got ", side, ".");
    int64_t longest = 0;
    const Tensor& first = sequences[0];
    for (const Tensor& s : sequences) {
      if (s.dim() == 0) runtime_error("pad_sequence: expected sequences of one dimension or more, got a 0-d tensor");
      if (s.dim() != first.dim()) runtime_error("The expanded size of the tensor must match the existing size: got sequences ", first.sizes(), " and ", s.sizes());
      for (int d = 1; d < s.dim(); ++d) {
        if (s.size(d) != first.size(d)) {
          runtime_error("The size of tensor a (", first.size(d), ") must match the size of tensor b (", s.size(d), ") at non-singleton dimension ", d);
        }
      }
      longest = std::max(longest, s.size(0));
    }
    Tensors padded;
    for (const Tensor& given : sequences) {
      const Tensor s = to_dtype(given, first.dtype());
      const int64_t missing = longest - s.size(0);
      if (missing == 0) {
        padded.push_back(s);
        continue;
      }
      const Tensor fill = full(with_leading(Dims{missing}, s, 1), Scalar(value), s.dtype());
      padded.push_back(side == "left" ? cat({fill, s}, 0) : cat({s, fill}, 0));
    }
    return stack(padded, batch_first ? 0 : 1);
  }
};

const Register<PackRows, PadRows, PackPadded, PadPacked, PadSequence> registered;

}  // namespace
}  // namespace st

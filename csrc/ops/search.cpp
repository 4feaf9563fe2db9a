// Finding values in sorted or unsorted ones: searchsorted, bucketize, isin.
#include <algorithm>

#include "kernels/parallel.h"
#include "kernels/sort.h"
#include "ops/call.h"
#include "ops/functions.h"

namespace st {
namespace {

void check_searchable(Dtype dtype) {
  if (is_complex(dtype) || dtype == Dtype::Bool) not_implemented("\"searchsorted_out_cpu\" not implemented for '", info(dtype).scalar_type, "'");
}

// How many of n places there are for which before(i) holds: they come first. In rows that are not sorted PyTorch's answer, by its steps.
template <class F>
int64_t count_before(int64_t n, F before) {
  int64_t low = 0;
  for (int64_t length = n; length > 0;) {
    const int64_t half = length / 2;
    const bool above = before(low + half);  // no branch: the processor would guess it wrong every second time
    low = above ? low + half + 1 : low;
    length = above ? length - half - 1 : half;
  }
  return low;
}
// The same where rows are known to be sorted. Every search of n takes as many steps, so that several are under way at a time.
template <class F>
int64_t count_before_sorted(int64_t n, F before) {
  if (n == 0) return 0;
  int64_t low = 0;
  for (int64_t length = n; length > 1; length -= length / 2) low = before(low + length / 2 - 1) ? low + length / 2 : low;
  return low + before(low);
}
// The first place in a sorted row of n whose element is not below v (with `right`: is above v). NaN stands last and is above all.
template <class T>
int64_t place(const T* row, const int64_t* sorter, int64_t n, T v, bool right) {
  if (sorter) return count_before(n, [=](int64_t i) { return right ? !(row[sorter[i]] > v) : !(row[sorter[i]] >= v); });
  if (right) return count_before(n, [=](int64_t i) { return !(row[i] > v); });
  return count_before(n, [=](int64_t i) { return !(row[i] >= v); });
}

Tensor search(const Tensor& sorted, const Tensor& values, const Tensor& sorter, bool right, bool int32) {
  const Dtype type = promote(sorted.dtype(), values.dtype());
  const Tensor rows = cast_copy(sorted, type), wanted = cast_copy(values, type);
  const Tensor y = empty(values.sizes(), Dtype::Int64);
  const int64_t n = sorted.size(-1), per_row = sorted.dim() == 1 ? values.numel() : values.dim() ? values.size(-1) : 1;
  const int64_t* order = sorter.defined() ? sorter.data<int64_t>() : nullptr;
  visit_real(type, [&]<class T>() {
    parallel_for(values.numel(), 4096, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t row = sorted.dim() == 1 ? 0 : i / per_row * n;
        y.data<int64_t>()[i] = place(rows.data<T>() + row, order ? order + row : nullptr, n, wanted.data<T>()[i], right);
      }
    });
  });
  return int32 ? cast_copy(y, Dtype::Int32) : y;
}

void check_shapes(const Tensor& sorted, const Tensor& values) {
  check_searchable(promote(sorted.dtype(), values.dtype()));
  if (values.dim() == 0 && sorted.dim() != 1) {
    runtime_error("torch.searchsorted(): input value can be a scalar only when boundaries tensor dimension is 1, but we got boundaries tensor dim(",
                  sorted.dim(), ") and input value's dim(", values.dim(), ") numel(", values.numel(), ")");
  }
  if (sorted.dim() == 0) runtime_error("torch.searchsorted(): boundaries tensor should have positive dimension, but got 0 dimension");
  bool fits = sorted.dim() == 1 || sorted.dim() == values.dim();
  for (int d = 0; fits && sorted.dim() > 1 && d + 1 < sorted.dim(); ++d) fits = sorted.size(d) == values.size(d);
  if (!fits) {
    runtime_error("torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and input value "
                  "tensor must match, but we got boundaries tensor ",
                  sorted.sizes(), " and input value tensor ", values.sizes());
  }
}

Tensor checked_sorter(const Tensor& sorted, const Tensor& sorter) {
  if (!sorter.defined()) return {};
  if (!same_shape(sorted, sorter)) {
    runtime_error("torch.searchsorted(): boundary and sorter must have the same size, but got boundary tensor ", sorted.sizes(), "and got sorter tensor ",
                  sorter.sizes());
  }
  if (sorter.dtype() != Dtype::Int64) {
    runtime_error("torch.searchsorted(): sorter must be a tensor of long dtype but got dtype ", info(sorter.dtype()).scalar_type);
  }
  const Tensor own = contiguous_copy(sorter);
  const auto* p = own.data<int64_t>();
  const int64_t n = sorted.size(-1);
  if (!std::all_of(p, p + own.numel(), [n](int64_t v) { return v >= 0 && v < n; })) runtime_error("torch.searchsorted(): sorter index out of range");
  return own;
}

bool is_right(bool right, const std::optional<std::string>& side) {
  if (!side) return right;
  if (*side != "left" && *side != "right") runtime_error("torch.searchsorted(): side can only be 'left' or 'right' but got ", *side);
  if (right && *side == "left") {
    runtime_error("torch.searchsorted(): side and right can't be set to opposites, got side of left while right was True");
  }
  return *side == "right";
}

// A number among values of some dtype: it does not widen a type of its own kind.
Tensor number_beside(const Scalar& value, Dtype dtype) {
  const bool stays = static_cast<int>(value.category()) <= static_cast<int>(category(dtype));
  return wrap_number(value, stays ? dtype : value.dtype());
}

struct Searchsorted {
  static constexpr OpInfo info{.sig = "searchsorted(Tensor sorted_sequence, Tensor input, *, bool out_int32=False, bool right=False, str? side=None, "
                                      "Tensor? sorter=None) -> Tensor",
                               .doc = "For each value of input the index at which it would be inserted into the sorted innermost rows, before equal "
                                      "elements, or behind them with right.", .where = kFunction};
  static Tensor fwd(const Tensor& sorted, const Tensor& values, bool int32, bool right, const std::optional<std::string>& side, const Tensor& sorter) {
    check_shapes(sorted, values);
    return search(sorted, values, checked_sorter(sorted, sorter), is_right(right, side), int32);
  }
};

struct SearchsortedNumber {
  static constexpr OpInfo info{.sig = "searchsorted(Tensor sorted_sequence, Scalar input, *, bool out_int32=False, bool right=False, str? side=None, "
                                      "Tensor? sorter=None) -> Tensor",
                               .doc = "The same for one number.", .where = kFunction};
  static Tensor fwd(const Tensor& sorted, const Scalar& value, bool int32, bool right, const std::optional<std::string>& side, const Tensor& sorter) {
    return Searchsorted::fwd(sorted, number_beside(value, sorted.dtype()), int32, right, side, sorter);
  }
};

struct Bucketize {
  static constexpr OpInfo info{.sig = "bucketize(Tensor input, Tensor boundaries, *, bool out_int32=False, bool right=False) -> Tensor",
                               .doc = "For each value of input the number of the bucket it falls into, buckets being closed on the right, or with right on the left.",
                               .where = kFunction};
  static Tensor fwd(const Tensor& values, const Tensor& boundaries, bool int32, bool right) {
    if (boundaries.dim() != 1) runtime_error("boundaries tensor must be 1 dimension, but got dim(", boundaries.dim(), ")");
    return Searchsorted::fwd(boundaries, values, int32, right, {}, {});
  }
};

struct BucketizeNumber {
  static constexpr OpInfo info{.sig = "bucketize(Scalar self, Tensor boundaries, *, bool out_int32=False, bool right=False) -> Tensor",
                               .doc = "The same for one number.",
                               .where = kFunction};
  static Tensor fwd(const Scalar& value, const Tensor& boundaries, bool int32, bool right) {
    return Bucketize::fwd(number_beside(value, boundaries.dtype()), boundaries, int32, right);
  }
};

// Each element is looked up in the other values once they are sorted.
Tensor is_in(const Tensor& elements, const Tensor& test, bool invert) {
  for (const Tensor* t : {&elements, &test}) {
    if (t->dtype() == Dtype::Bool || is_complex(t->dtype())) {
      runtime_error("Unsupported input type encountered for isin(): ", info(t->dtype()).scalar_type);
    }
  }
  const Dtype type = promote(elements.dtype(), test.dtype());
  const Tensor from = cast_copy(elements, type), given = cast_copy(test, type);
  const int64_t n = given.numel();
  const Tensor sorted = empty(Dims{n}, type), order = empty(Dims{n}, Dtype::Int64), y = empty(elements.sizes(), Dtype::Bool);
  if (n > 0) sort_lines(alias(given, Dims{n}, Dims{1}, given.offset()), n, false, sorted, order);
  visit_real(type, [&]<class T>() {
    const T *p = from.data<T>(), *s = sorted.data<T>();
    for (int64_t i = 0; i < from.numel(); ++i) {
      const int64_t at = count_before_sorted(n, [=, v = p[i]](int64_t k) { return !(s[k] >= v); });
      y.data<bool>()[i] = (at < n && s[at] == p[i]) != invert;
    }
  });
  return y;
}

struct Isin {
  static constexpr OpInfo info{.sig = "isin(Tensor elements, Tensor test_elements, *, bool assume_unique=False, bool invert=False) -> Tensor",
                               .doc = "Whether each element is one of test_elements (with invert, none of them).",
                               .where = kFunction};
  static Tensor fwd(const Tensor& elements, const Tensor& test, bool, bool invert) { return is_in(elements, test, invert); }
};
struct IsinTestNumber {
  static constexpr OpInfo info{.sig = "isin(Tensor elements, Scalar test_element, *, bool assume_unique=False, bool invert=False) -> Tensor",
                               .doc = "Whether each element equals a number.",
                               .where = kFunction};
  static Tensor fwd(const Tensor& elements, const Scalar& test, bool, bool invert) { return is_in(elements, number_beside(test, elements.dtype()), invert); }
};
struct IsinNumber {
  static constexpr OpInfo info{.sig = "isin(Scalar element, Tensor test_elements, *, bool assume_unique=False, bool invert=False) -> Tensor",
                               .doc = "Whether a number is one of test_elements.",
                               .where = kFunction};
  static Tensor fwd(const Scalar& element, const Tensor& test, bool, bool invert) { return is_in(number_beside(element, test.dtype()), test, invert); }
};

const Register<Searchsorted, SearchsortedNumber, Bucketize, BucketizeNumber, Isin, IsinTestNumber, IsinNumber> registered;

}  // namespace
}  // namespace st

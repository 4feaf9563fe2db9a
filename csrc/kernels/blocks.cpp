// One walk over blocks, for copying out, copying in and adding.
#include "kernels/blocks.h"

#include <algorithm>

#include "kernels/bytes.h"
#include "kernels/combine.h"
#include "kernels/parallel.h"
#include "kernels/rows.h"

namespace st {
namespace {

int64_t product(DimSpan sizes) {
  int64_t n = 1;
  for (int64_t s : sizes) n *= s;
  return n;
}

// f(element of x, element of values) for the places [begin, end) of the before * count ones.
template <class T, class V, class F>
void each_pair(T* x, V* values, int64_t value_step, const Blocks& b, int64_t begin, int64_t end, F f) {
  const Rows<1> before(b.before_sizes, {b.before_strides}), after(b.after_sizes, {b.after_strides});
  const int64_t block = product(b.after_sizes), length = after.length(), step = after.step(0);
  const bool single = block == 1, run = after.count() == 1 && step == 1 && value_step == 1;
  auto places = [&](T* base, V* v, int64_t first, int64_t last) {
    if (single) {
      for (int64_t j = first; j < last; ++j, v += value_step) f(base[b.offsets[j]], *v);
      return;
    }
    for (int64_t j = first; j < last; ++j) {
      T* at = base + b.offsets[j];
      if (run) {
        for (int64_t k = 0; k < length; ++k) f(at[k], v[k]);
        v += length;
        continue;
      }
      after.run([&](const std::array<int64_t, 1>& offset) {
        T* p = at + offset[0];
        for (int64_t k = 0; k < length; ++k, v += value_step) f(p[k * step], *v);
      });
    }
  };
  const int64_t per_row = before.length() * b.count;
  if (begin >= end || per_row == 0) return;
  int64_t at = begin;
  before.run(begin / per_row, (end - 1) / per_row + 1, [&](const std::array<int64_t, 1>& offset) {
    const int64_t row = at / per_row * per_row;
    for (; at < std::min(end, row + per_row);) {
      const int64_t i = (at - row) / b.count, first = (at - row) % b.count, last = std::min(b.count, first + end - at);
      places(x + offset[0] + i * before.step(0), values + at * block * value_step, first, last);
      at += last - first;
    }
  });
}

int64_t places_of(const Blocks& b) { return product(b.before_sizes) * b.count; }

}  // namespace

void gather_blocks(char* values, const char* x, Dtype dtype, const Blocks& b) {
  const int64_t block = product(b.after_sizes);
  if (block == 0) return;
  visit_bytes(dtype, [&]<class T>() {
    auto* from = reinterpret_cast<const T*>(x);
    auto* to = reinterpret_cast<T*>(values);
    parallel_for(places_of(b), std::max<int64_t>(1, 32768 / block), [&](int64_t begin, int64_t end) {
      each_pair(from, to, 1, b, begin, end, [](const T& e, T& v) { v = e; });
    });
  });
}

void scatter_blocks(char* x, const char* values, bool one_value, Dtype dtype, const Blocks& b) {
  if (product(b.after_sizes) == 0) return;
  visit_bytes(dtype, [&]<class T>() {
    each_pair(reinterpret_cast<T*>(x), reinterpret_cast<const T*>(values), one_value ? 0 : 1, b, 0, places_of(b), [](T& e, const T& v) { e = v; });
  });
}

void add_blocks(char* x, const char* values, bool one_value, Dtype dtype, const Scalar& alpha, const Blocks& b) {
  if (product(b.after_sizes) == 0) return;
  visit(dtype, [&]<class T>() {
    auto* to = reinterpret_cast<T*>(x);
    auto* from = reinterpret_cast<const T*>(values);
    const T a = alpha.to<T>();
    if (a == T(1)) each_pair(to, from, one_value ? 0 : 1, b, 0, places_of(b), [](T& e, const T& v) { e = sum(e, v); });
    else each_pair(to, from, one_value ? 0 : 1, b, 0, places_of(b), [a](T& e, const T& v) { e = sum(e, product(a, v)); });
  });
}

}  // namespace st

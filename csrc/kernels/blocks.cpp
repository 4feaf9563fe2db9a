// One walk over blocks, for copying out, copying in and adding.
#include "kernels/blocks.h"

#include <algorithm>
#include <cstring>

#include "kernels/bytes.h"
#include "kernels/combine.h"
#include "kernels/parallel.h"
#include "kernels/rows.h"

namespace st {
namespace {

constexpr int64_t kGrain = 8192;  // elements

int64_t product(DimSpan sizes) {
  int64_t n = 1;
  for (int64_t s : sizes) n *= s;
  return n;
}

// f(element of x, element of values) for the places [begin, end) of the before * count ones.
// Runs, which lie contiguously on both sides, are f.row's.
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
        f.row(at, v, length);
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

template <class T>
struct Take {
  void operator()(const T& e, T& v) const { v = e; }
  void row(const T* x, T* v, int64_t n) const { std::memcpy(v, x, static_cast<size_t>(n) * sizeof(T)); }
};
template <class T>
struct Put {
  void operator()(T& e, const T& v) const { e = v; }
  void row(T* x, const T* v, int64_t n) const { std::memcpy(x, v, static_cast<size_t>(n) * sizeof(T)); }
};
template <class T, class F>
struct Combined {
  F combine;
  void operator()(T& e, const T& v) const { e = combine(e, v); }
  void row(T* __restrict x, const T* __restrict v, int64_t n) const {
    constexpr int kBlock = 8;  // a length that the compiler knows, and makes registers of
    int64_t k = 0;
    for (; k + kBlock <= n; k += kBlock) for (int j = 0; j < kBlock; ++j) x[k + j] = combine(x[k + j], v[k + j]);
    for (; k < n; ++k) x[k] = combine(x[k], v[k]);
  }
};
template <class T, class F>
Combined<T, F> combined(F f) { return {f}; }

int64_t places_of(const Blocks& b) { return product(b.before_sizes) * b.count; }

}  // namespace

void gather_blocks(char* values, const char* x, Dtype dtype, const Blocks& b) {
  const int64_t block = product(b.after_sizes);
  if (block == 0) return;
  visit_bytes(dtype, [&]<class T>() {
    auto* from = reinterpret_cast<const T*>(x);
    auto* to = reinterpret_cast<T*>(values);
    parallel_items(places_of(b), block, kGrain, [&](int64_t begin, int64_t end) {
      each_pair(from, to, 1, b, begin, end, Take<T>());
    });
  });
}

void scatter_blocks(char* x, const char* values, bool one_value, Dtype dtype, const Blocks& b) {
  if (product(b.after_sizes) == 0) return;
  visit_bytes(dtype, [&]<class T>() {
    each_pair(reinterpret_cast<T*>(x), reinterpret_cast<const T*>(values), one_value ? 0 : 1, b, 0, places_of(b), Put<T>());
  });
}

void add_blocks(char* x, const char* values, bool one_value, Dtype dtype, const Scalar& alpha, const Blocks& b) {
  if (product(b.after_sizes) == 0) return;
  visit(dtype, [&]<class T>() {
    auto* to = reinterpret_cast<T*>(x);
    auto* from = reinterpret_cast<const T*>(values);
    const T a = alpha.to<T>();
    if (a == T(1)) each_pair(to, from, one_value ? 0 : 1, b, 0, places_of(b), combined<T>([](const T& p, const T& q) { return sum(p, q); }));
    else each_pair(to, from, one_value ? 0 : 1, b, 0, places_of(b), combined<T>([a](const T& p, const T& q) { return sum(p, product(a, q)); }));
  });
}

}  // namespace st

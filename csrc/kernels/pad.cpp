// Rearranging planes by index lists: rows are moved as a whole where the list counts up.
#include "kernels/pad.h"

#include <algorithm>
#include <cstring>

#include "kernels/bytes.h"
#include "kernels/layout.h"
#include "kernels/parallel.h"

namespace st {
namespace {

constexpr int64_t kGrain = 8192;  // elements

// The longest stretch of a list that counts up by one: [begin, end).
struct Run {
  int64_t begin = 0, end = 0;
};
Run longest_run(const std::vector<int64_t>& at) {
  Run best;
  const auto n = static_cast<int64_t>(at.size());
  for (int64_t begin = 0; begin < n;) {
    int64_t end = begin + 1;
    while (end < n && at[static_cast<size_t>(end)] == at[static_cast<size_t>(end) - 1] + 1) ++end;
    if (end - begin > best.end - best.begin) best = {begin, end};
    begin = end;
  }
  return best;
}

// f(output row, input row) with the offsets of their first elements, for the planes [begin, end).
template <class F>
void for_rows(const PlaneMap& map, int64_t begin, int64_t end, F f) {
  const auto width = static_cast<int64_t>(map.at[2].size());
  const int64_t plane = map.sizes[0] * map.sizes[1] * map.sizes[2];
  int64_t out = begin * static_cast<int64_t>(map.at[0].size() * map.at[1].size()) * width;
  for (int64_t p = begin; p < end; ++p) {
    for (int64_t i : map.at[0]) {
      for (int64_t j : map.at[1]) {
        f(out, p * plane + (i * map.sizes[1] + j) * map.sizes[2]);
        out += width;
      }
    }
  }
}

int64_t plane_of(const PlaneMap& map) { return static_cast<int64_t>(map.at[0].size() * map.at[1].size() * map.at[2].size()); }

}  // namespace

void take_mapped(const Tensor& y, const Tensor& x, const PlaneMap& map) {
  if (y.numel() == 0) return;
  const Run run = longest_run(map.at[2]);
  const int64_t* at = map.at[2].data();
  const auto width = static_cast<int64_t>(map.at[2].size());
  visit_bytes(y.dtype(), [&]<class T>() {
    parallel_items(map.planes, plane_of(map), kGrain, [&](int64_t begin, int64_t end) {
      for_rows(map, begin, end, [&](int64_t out, int64_t in) {
        T* to = y.data<T>() + out;
        const T* from = x.data<T>() + in;
        for (int64_t k = 0; k < run.begin; ++k) to[k] = from[at[k]];
        std::memcpy(to + run.begin, from + at[run.begin], static_cast<size_t>(run.end - run.begin) * sizeof(T));
        for (int64_t k = run.end; k < width; ++k) to[k] = from[at[k]];
      });
    });
  });
}

void add_mapped(const Tensor& x, const Tensor& y, const PlaneMap& map) {
  if (x.numel() == 0) return;
  fill_zero(x);
  if (y.numel() == 0) return;
  const Run run = longest_run(map.at[2]);
  const int64_t* at = map.at[2].data();
  const auto width = static_cast<int64_t>(map.at[2].size());
  visit_float(y.dtype(), [&]<class T>() {
    parallel_items(map.planes, plane_of(map), kGrain, [&](int64_t begin, int64_t end) {
      for_rows(map, begin, end, [&](int64_t out, int64_t in) {
        T* to = x.data<T>() + in;
        const T* from = y.data<T>() + out;
        for (int64_t k = 0; k < run.begin; ++k) to[at[k]] += from[k];
        T* middle = to + at[run.begin] - run.begin;
        for (int64_t k = run.begin; k < run.end; ++k) middle[k] += from[k];
        for (int64_t k = run.end; k < width; ++k) to[at[k]] += from[k];
      });
    });
  });
}

}  // namespace st

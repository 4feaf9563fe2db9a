// How pooling reaches its kernels: rows of equal windows, shared among threads.
#include "kernels/pool.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "kernels/bytes.h"
#include "kernels/choice.h"
#include "kernels/layout.h"
#include "kernels/parallel.h"
#include "kernels/pool_table.h"

namespace st {

#define X(isa)                           \
  namespace isa {                        \
  extern const PoolTable kPoolTable;     \
  }
STEEPEST_ISAS
#undef X

namespace {

constexpr int64_t kGrain = 4096;  // elements read

template <class T>
const PoolKernels<T>& kernels() {
  static constexpr const PoolTable* kTables[] = {
#define X(isa) &isa::kPoolTable,
      STEEPEST_ISAS
#undef X
  };
  static const PoolTable& chosen = *kTables[chosen_isa()];
  if constexpr (std::is_same_v<T, float>) return chosen.f32;
  else return chosen.f64;
}

// Windows [first, first + n) of one size and one distance.
struct Segment {
  int64_t first, n, stride;
};
std::vector<Segment> segments_of(const Windows& w, bool singly) {
  std::vector<Segment> out;
  auto same = [&](int64_t a, int64_t b) { return w[a].end - w[a].begin == w[b].end - w[b].begin && w[a].length == w[b].length; };
  for (int64_t i = 0; i < w.count();) {
    int64_t j = i + 1, stride = 1;
    if (!singly && j < w.count() && same(i, j)) {
      stride = w[j].begin - w[i].begin;
      while (j < w.count() && same(i, j) && w[j].begin - w[j - 1].begin == stride) ++j;
      if (stride < 1) j = i + 1;
    }
    out.push_back({i, j - i, stride});
    i = j;
  }
  return out;
}

// f(row, offset of its first element in x, of its first result in y) for all windows, output row by output row; planes are never
// shared by threads unless `split`.
template <class F>
void for_windows(const PoolPlan& plan, bool singly, bool split, F f) {
  const Windows &deep = plan.dims[0], &high = plan.dims[1], &wide = plan.dims[2];
  const int64_t rows_of_plane = deep.count() * high.count(), rows = plan.planes * rows_of_plane;
  if (rows == 0 || wide.count() == 0) return;
  const std::vector<Segment> segments = segments_of(wide, singly);
  auto elements = [](const Windows& w, int64_t o) { return std::max<int64_t>(0, (w[o].end - w[o].begin + w.step - 1) / w.step); };
  int64_t cost = 0;
  for (int64_t o = 0; o < wide.count(); ++o) cost += elements(wide, o);
  cost = std::max<int64_t>(1, cost * elements(high, high.count() / 2) * elements(deep, deep.count() / 2));
  const int64_t unit = split ? 1 : rows_of_plane;
  const int64_t grain = unit * std::max<int64_t>(1, kGrain / (cost * unit));
  parallel_for(rows, grain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const int64_t p = row / rows_of_plane, d = row % rows_of_plane / high.count(), h = row % high.count();
      WindowRow r{};
      r.step[0] = deep.step * high.size * wide.size;
      r.step[1] = high.step * wide.size;
      r.step[2] = wide.step;
      r.count[0] = elements(deep, d);
      r.count[1] = elements(high, h);
      const int64_t corner = (deep[d].begin * high.size + high[h].begin) * wide.size;
      for (const Segment& s : segments) {
        r.n = s.n;
        r.stride = s.stride;
        r.count[2] = elements(wide, s.first);
        r.first = corner + wide[s.first].begin;
        r.divisor = static_cast<double>(plan.divisor ? plan.divisor : deep[d].length * high[h].length * wide[s.first].length);
        f(r, p * plan.plane_size() + r.first, row * wide.count() + s.first);
      }
    }
  });
}

template <class T, class F>
void each_element(const WindowRow& r, const T* x, F f) {
  for (int64_t d = 0; d < r.count[0]; ++d)
    for (int64_t h = 0; h < r.count[1]; ++h)
      for (int64_t w = 0; w < r.count[2]; ++w) {
        const int64_t k = d * r.step[0] + h * r.step[1] + w * r.step[2];
        f(x[k], k);
      }
}

bool is_empty(const WindowRow& r) { return r.count[0] * r.count[1] * r.count[2] == 0; }

}  // namespace

void pool_largest(const Tensor& y, const Tensor& places, const Tensor& x, const PoolPlan& plan) {
  int64_t* to = places.defined() ? places.data<int64_t>() : nullptr;
  if (is_floating(x.dtype())) {
    const bool singly = to && plan.plane_size() > std::numeric_limits<int32_t>::max();
    visit_float(x.dtype(), [&]<class T>() {
      for_windows(plan, singly, true, [&](const WindowRow& r, int64_t from, int64_t o) {
        if (to) kernels<T>().largest_at(r, x.data<T>() + from, y.data<T>() + o, to + o);
        else kernels<T>().largest(r, x.data<T>() + from, y.data<T>() + o);
      });
    });
    return;
  }
  visit_real(x.dtype(), [&]<class T>() {
    for_windows(plan, true, true, [&](const WindowRow& r, int64_t from, int64_t o) {
      T best = std::numeric_limits<T>::lowest();
      int64_t place = r.first;
      each_element(r, x.data<T>() + from, [&](T v, int64_t k) {
        if (v > best) {
          best = v;
          place = r.first + k;
        }
      });
      y.data<T>()[o] = best;
      if (to) to[o] = place;
    });
  });
}

void pool_average(const Tensor& y, const Tensor& x, const PoolPlan& plan) {
  if (x.dtype() == Dtype::Int64) {
    for_windows(plan, true, true, [&](const WindowRow& r, int64_t from, int64_t o) {
      int64_t sum = 0;
      each_element(r, x.data<int64_t>() + from, [&](int64_t v, int64_t) { sum += v; });
      y.data<int64_t>()[o] = is_empty(r) ? 0 : sum / static_cast<int64_t>(r.divisor);
    });
    return;
  }
  visit_float(x.dtype(), [&]<class T>() {
    for_windows(plan, false, true, [&](const WindowRow& r, int64_t from, int64_t o) {
      if (is_empty(r)) std::fill_n(y.data<T>() + o, r.n, T(0));
      else kernels<T>().average(r, x.data<T>() + from, y.data<T>() + o);
    });
  });
}

void pool_average_backward(const Tensor& dx, const Tensor& g, const PoolPlan& plan) {
  fill_zero(dx);
  visit_float(g.dtype(), [&]<class T>() {
    for_windows(plan, false, false, [&](const WindowRow& r, int64_t from, int64_t o) {
      if (!is_empty(r)) kernels<T>().spread(r, g.data<T>() + o, dx.data<T>() + from);
    });
  });
}

namespace {

template <class F>
void for_planes(int64_t planes, int64_t elements, F f) {
  if (elements) parallel_items(planes, elements, kGrain, f);
}

}  // namespace

void take_places(const Tensor& y, const Tensor& x, const Tensor& places, int64_t planes) {
  if (y.numel() == 0) return;
  const int64_t m = x.numel() / planes, n = y.numel() / planes;
  visit_bytes(y.dtype(), [&]<class T>() {
    for_planes(planes, n, [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p) {
        const T* from = x.data<T>() + p * m;
        for (int64_t i = p * n; i < (p + 1) * n; ++i) y.data<T>()[i] = from[places.data<int64_t>()[i]];
      }
    });
  });
}

void put_places(const Tensor& x, const Tensor& y, const Tensor& places, int64_t planes) {
  if (x.numel() == 0) return;
  const int64_t m = x.numel() / planes, n = y.numel() / planes;
  visit_bytes(y.dtype(), [&]<class T>() {
    for_planes(planes, m, [&](int64_t begin, int64_t end) {
      std::memset(x.data<T>() + begin * m, 0, static_cast<size_t>((end - begin) * m) * sizeof(T));
      for (int64_t p = begin; p < end; ++p) {
        T* to = x.data<T>() + p * m;
        for (int64_t i = p * n; i < (p + 1) * n; ++i) to[places.data<int64_t>()[i]] = y.data<T>()[i];
      }
    });
  });
}

void add_places(const Tensor& x, const Tensor& y, const Tensor& places, int64_t planes) {
  if (x.numel() == 0) return;
  const int64_t m = x.numel() / planes, n = y.numel() / planes;
  visit_float(y.dtype(), [&]<class T>() {
    for_planes(planes, m, [&](int64_t begin, int64_t end) {
      std::memset(x.data<T>() + begin * m, 0, static_cast<size_t>((end - begin) * m) * sizeof(T));
      for (int64_t p = begin; p < end; ++p) {
        T* to = x.data<T>() + p * m;
        for (int64_t i = p * n; i < (p + 1) * n; ++i) to[places.data<int64_t>()[i]] += y.data<T>()[i];
      }
    });
  });
}

}  // namespace st

// How resampling goes through the dimensions of each plane; threads share planes.
#include "kernels/resample.h"

#include <algorithm>

#include "kernels/choice.h"
#include "kernels/parallel.h"
#include "kernels/resample_table.h"

namespace st {

#define X(isa)                              \
  namespace isa {                           \
  extern const ResampleTable kResampleTable; \
  }
STEEPEST_ISAS
#undef X

namespace {

constexpr int64_t kGrain = 4096;  // elements

template <class T>
const ResampleKernels<T>& kernels() {
  static constexpr const ResampleTable* kTables[] = {
#define X(isa) &isa::kResampleTable,
      STEEPEST_ISAS
#undef X
  };
  static const ResampleTable& chosen = *kTables[chosen_isa()];
  if constexpr (std::is_same_v<T, float>) return chosen.f32;
  else return chosen.f64;
}

// Taps as the kernels read them: where all results have equally many, tap by tap.
template <class T>
struct Prepared {
  const Taps* taps;
  int64_t uniform = 0;  // the number of taps, 0 where it differs
  std::vector<T> weight;
  std::vector<int32_t> by_tap;
  std::vector<T> weight_by_tap;

  explicit Prepared(const Taps& t) : taps(&t), weight(t.weight.begin(), t.weight.end()) {
    const int64_t m = t.count();
    if (m == 0) return;
    uniform = t.begin[1];
    for (int64_t o = 0; o < m; ++o) if (t.begin[static_cast<size_t>(o + 1)] - t.begin[static_cast<size_t>(o)] != uniform) uniform = 0;
    by_tap.resize(static_cast<size_t>(uniform * m));
    weight_by_tap.resize(by_tap.size());
    for (int64_t o = 0; o < m; ++o) {
      for (int64_t k = 0; k < uniform; ++k) {
        by_tap[static_cast<size_t>(k * m + o)] = t.at[static_cast<size_t>(o * uniform + k)];
        weight_by_tap[static_cast<size_t>(k * m + o)] = weight[static_cast<size_t>(o * uniform + k)];
      }
    }
  }

  // x (outer, size, inner) to y (outer, count, inner)
  void run(const T* x, T* y, int64_t outer, int64_t inner) const {
    const Taps& t = *taps;
    const int64_t m = t.count();
    std::vector<const T*> rows;
    for (int64_t r = 0; r < outer; ++r, x += t.size * inner, y += m * inner) {
      if (inner == 1 && uniform) {
        kernels<T>().gather(uniform, by_tap.data(), weight_by_tap.data(), m, x, y);
        continue;
      }
      for (int64_t o = 0; o < m; ++o) {
        const auto first = static_cast<size_t>(t.begin[static_cast<size_t>(o)]), end = static_cast<size_t>(t.begin[static_cast<size_t>(o + 1)]);
        if (inner == 1) {
          T sum = 0;
          for (size_t k = first; k < end; ++k) sum += weight[k] * x[t.at[k]];
          y[o] = sum;
          continue;
        }
        rows.clear();
        for (size_t k = first; k < end; ++k) rows.push_back(x + t.at[k] * inner);
        kernels<T>().combine(static_cast<int64_t>(rows.size()), rows.data(), weight.data() + first, inner, y + o * inner);
      }
    }
  }
};

}  // namespace

Taps transposed(const Taps& taps) {
  Taps out;
  out.size = taps.count();
  std::vector<std::vector<std::pair<int64_t, double>>> of(static_cast<size_t>(taps.size));
  for (int64_t o = 0; o < taps.count(); ++o) {
    for (auto k = static_cast<size_t>(taps.begin[static_cast<size_t>(o)]); k < static_cast<size_t>(taps.begin[static_cast<size_t>(o + 1)]); ++k) {
      of[static_cast<size_t>(taps.at[k])].emplace_back(o, taps.weight[k]);
    }
  }
  for (const auto& list : of) {
    for (const auto& [place, weight] : list) out.add(place, weight);
    out.close();
  }
  return out;
}

void resample(const Tensor& y, const Tensor& x, const std::vector<Taps>& dims, bool any_order) {
  if (y.numel() == 0) return;
  const int k = static_cast<int>(dims.size());
  int64_t in = 1, out = 1;
  for (const Taps& t : dims) {
    in *= t.size;
    out *= t.count();
  }
  // The last dimension's pass is the slow one: it is for fewer rows before the others have grown, or after they have shrunk.
  const bool back = any_order && in / dims.back().size >= out / dims.back().count();
  const int64_t planes = y.numel() / out;
  visit_float(x.dtype(), [&]<class T>() {
    std::vector<Prepared<T>> prepared(dims.begin(), dims.end());
    parallel_items(planes, std::max(in, out), kGrain, [&](int64_t begin, int64_t end) {
      std::vector<T> scratch[2];
      for (int64_t p = begin; p < end; ++p) {
        const T* from = x.data<T>() + p * in;
        for (int step = 0; step < k; ++step) {
          const int d = back ? step : k - 1 - step;
          // Dimensions already resampled have their new size.
          auto size = [&](int i) { return (back ? i < d : i > d) ? dims[static_cast<size_t>(i)].count() : dims[static_cast<size_t>(i)].size; };
          int64_t outer = 1, inner = 1;
          for (int i = 0; i < d; ++i) outer *= size(i);
          for (int i = d + 1; i < k; ++i) inner *= size(i);
          T* to = y.data<T>() + p * out;
          if (step < k - 1) {
            std::vector<T>& room = scratch[step % 2];
            room.resize(static_cast<size_t>(outer * dims[static_cast<size_t>(d)].count() * inner));
            to = room.data();
          }
          prepared[static_cast<size_t>(d)].run(from, to, outer, inner);
          from = to;
        }
      }
    });
  });
}

}  // namespace st

// How sampling reaches its kernels, and what threads share.
#include "kernels/grid_sample.h"

#include <algorithm>

#include "kernels/choice.h"
#include "kernels/layout.h"
#include "kernels/parallel.h"

namespace st {

#define X(isa)                            \
  namespace isa {                         \
  extern const SampleTable kSampleTable;  \
  }
STEEPEST_ISAS
#undef X

namespace {

constexpr int64_t kGrain = 32768;  // elements of x that are read, about

template <class T>
const SampleKernels<T>& kernels() {
  static constexpr const SampleTable* kTables[] = {
#define X(isa) &isa::kSampleTable,
      STEEPEST_ISAS
#undef X
  };
  static const SampleTable& chosen = *kTables[chosen_isa()];
  if constexpr (std::is_same_v<T, float>) return chosen.f32;
  else return chosen.f64;
}

// The walk over the places of x (N, C, sizes...).
struct Walk {
  SampleCall call;
  int64_t batch, plane, blocks, work;  // work: of a block

  Walk(const Tensor& x, int64_t places, const Sampling& how)
      : call{how, {1, x.size(-2), x.size(-1)}, 0, x.size(1), places}, batch(x.size(0)), blocks((places + kSamplePlaces - 1) / kSamplePlaces) {
    if (how.dims == 3) call.sizes[0] = x.size(2);
    plane = call.sizes[0] * call.sizes[1] * call.sizes[2];
    const int64_t near = how.mode == SampleMode::Cubic ? 16 : 4;
    work = kSamplePlaces * call.channels * near;
  }
  SampleCall block(int64_t b) const {
    SampleCall c = call;
    c.m = std::min(kSamplePlaces, call.places - b * kSamplePlaces);
    return c;
  }
  // The first element of batch entry n, of x, of the grid at block b, and of y there.
  int64_t of_x(int64_t n) const { return n * call.channels * plane; }
  int64_t of_grid(int64_t n, int64_t b) const { return (n * call.places + b * kSamplePlaces) * call.how.dims; }
  int64_t of_y(int64_t n, int64_t b) const { return n * call.channels * call.places + b * kSamplePlaces; }
};

}  // namespace

void grid_sample(const Tensor& y, const Tensor& x, const Tensor& grid, const Sampling& how) {
  if (y.numel() == 0) return;
  const Walk w(x, y.size(2), how);
  visit_float(x.dtype(), [&]<class T>() {
    parallel_items(w.batch * w.blocks, w.work, kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t n = i / w.blocks, b = i % w.blocks;
        kernels<T>().forward(w.block(b), x.data<T>() + w.of_x(n), grid.data<T>() + w.of_grid(n, b), y.data<T>() + w.of_y(n, b));
      }
    });
  });
}

// A batch entry is one thread's, as all its places add to the same planes.
void grid_sample_backward(const Tensor& dx, const Tensor& dgrid, const Tensor& g, const Tensor& x, const Tensor& grid, const Sampling& how) {
  if (dx.defined()) fill_zero(dx);
  if (g.numel() == 0) return;
  const Walk w(x, g.size(2), how);
  visit_float(x.dtype(), [&]<class T>() {
    parallel_items(w.batch, w.blocks * w.work, kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t n = begin; n < end; ++n) {
        for (int64_t b = 0; b < w.blocks; ++b) {
          kernels<T>().backward(w.block(b), x.data<T>() + w.of_x(n), grid.data<T>() + w.of_grid(n, b), g.data<T>() + w.of_y(n, b),
                                dx.defined() ? dx.data<T>() + w.of_x(n) : nullptr, dgrid.defined() ? dgrid.data<T>() + w.of_grid(n, b) : nullptr);
        }
      }
    });
  });
}

}  // namespace st

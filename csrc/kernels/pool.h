// Pooling over windows in the last three dimensions of contiguous tensors, and moving elements by their places in a plane; threaded.
#pragma once
#include <vector>

#include "core/tensor.h"

namespace st {

// A window's places are begin, begin + step, ... below end; `length` of them count in an average.
struct Window {
  int64_t begin, end, length;
};
struct Windows {
  std::vector<Window> list{{0, 1, 1}};
  int64_t step = 1;
  int64_t size = 1;  // of the input
  const Window& operator[](int64_t i) const { return list[static_cast<size_t>(i)]; }
  int64_t count() const { return static_cast<int64_t>(list.size()); }
};
struct PoolPlan {
  int64_t planes = 1;
  Windows dims[3];     // deep, high, wide
  int64_t divisor = 0;  // of averages: in place of the product of the lengths where it is not 0
  int64_t plane_size() const { return dims[0].size * dims[1].size * dims[2].size; }
};

// Any type but bool, half and complex. `places`, where it is defined, is of int64 and of y's shape.
void pool_largest(const Tensor& y, const Tensor& places, const Tensor& x, const PoolPlan& plan);
void pool_average(const Tensor& y, const Tensor& x, const PoolPlan& plan);          // floats and int64
void pool_average_backward(const Tensor& dx, const Tensor& g, const PoolPlan& plan);  // floats; dx is written

// Elements of planes by their places in them. x is (planes, m), y and places are (planes, n). The places are within the planes.
void take_places(const Tensor& y, const Tensor& x, const Tensor& places, int64_t planes);  // y = x[places]
void put_places(const Tensor& x, const Tensor& y, const Tensor& places, int64_t planes);   // x[places] = y, elsewhere 0
void add_places(const Tensor& x, const Tensor& y, const Tensor& places, int64_t planes);   // floats; x = sums of y by place

}  // namespace st

// Normalisations of contiguous float32 and float64 tensors: sums, statistics and gradients in one or two passes; threaded.
#pragma once
#include "core/tensor.h"

namespace st {

// A tensor of rows of n elements. `weight` and `bias`, of n elements, may be undefined.
struct RowNormed {
  Tensor y, mean, rstd;  // mean and rstd: one number a row; mean is undefined unless centred
};
RowNormed norm_rows(const Tensor& x, int64_t n, const Tensor& weight, const Tensor& bias, double eps, bool centred);

struct NormGradients {
  Tensor dx, dweight, dbias;  // undefined where not wanted
};
struct Wanted {
  bool dx, dweight, dbias;
};
NormGradients norm_rows_backward(const Tensor& x, const Tensor& g, int64_t n, const Tensor& weight, const Tensor& mean, const Tensor& rstd, bool centred, Wanted wanted);

// A tensor (n, c, s). Statistics are over n and s; weight and bias, of c elements, may be undefined.
struct Channels {
  int64_t n, c, s;
  int64_t count() const { return n * s; }
};
struct ChannelNormed {
  Tensor y, mean, rstd;  // mean and rstd (c)
  Tensor squares;        // float64 (c): sums of squared distances from the mean
};
ChannelNormed norm_channels(const Tensor& x, const Channels& k, const Tensor& weight, const Tensor& bias, double eps);
// (x - mean) * rstd * weight + bias for given statistics; without a mean where it is undefined. x is read for dweight alone.
Tensor affine_channels(const Tensor& x, const Channels& k, const Tensor& mean, const Tensor& rstd, const Tensor& weight, const Tensor& bias);
NormGradients affine_channels_backward(const Tensor& x, const Tensor& g, const Channels& k, const Tensor& weight, const Tensor& mean, const Tensor& rstd, Wanted wanted);
NormGradients norm_channels_backward(const Tensor& x, const Tensor& g, const Channels& k, const Tensor& weight, const Tensor& mean, const Tensor& rstd, Wanted wanted);

// A tensor (n, c, s) whose statistics are over s and groups of c / groups channels; mean and rstd (n, groups).
RowNormed norm_groups(const Tensor& x, const Channels& k, int64_t groups, const Tensor& weight, const Tensor& bias, double eps);
NormGradients norm_groups_backward(const Tensor& x, const Tensor& g, const Channels& k, int64_t groups, const Tensor& weight, const Tensor& mean, const Tensor& rstd,
                                   Wanted wanted);

}  // namespace st

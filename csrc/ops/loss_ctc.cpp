// ctc_loss: connectionist temporal classification (Graves et al. 2006), the likelihood of labels over all their alignments.
#include <algorithm>
#include <limits>
#include <vector>

#include "kernels/ctc.h"
#include "ops/call.h"
#include "ops/functions.h"
#include "ops/index_plan.h"
#include "ops/loss_reduction.h"

namespace st {
namespace {

constexpr const char* kWhile = " (while checking arguments for ctc_loss_allocate_outputs)";

// A batch as the kernels see it. Labels are concatenated (1-D) or one row a sample (2-D).
struct Batch {
  Batch(const Tensor& x, const Tensor& targets, const Tensor& input_lengths, const Tensor& target_lengths, int64_t blank)
      : labels(index64(targets)), offsets(static_cast<size_t>(x.size(1))) {
    const auto* counts = target_lengths.data<int64_t>();
    int64_t longest = 0, position = 0;
    for (size_t n = 0; n < offsets.size(); ++n) {
      offsets[n] = targets.dim() == 1 ? position : static_cast<int64_t>(n) * targets.size(1);
      position += counts[n];
      longest = std::max(longest, counts[n]);
    }
    k = {x.size(0), x.size(1), x.size(2), blank, 2 * longest + 1, labels.data<int64_t>(), offsets.data(), counts, input_lengths.data<int64_t>()};
  }
  Tensor labels;
  std::vector<int64_t> offsets;
  CtcBatch k;
};

void check_size(const Tensor& targets, int64_t size) {
  if (targets.size(0) != size) {
    runtime_error("Expected tensor to have size ", size, " at dimension 0, but got size ", targets.size(0), " for argument #2 'targets'", kWhile);
  }
}

void check_ctc(const Tensor& x, const Tensor& targets, const Tensor& input_lengths, const Tensor& target_lengths, int64_t blank) {
  if (x.numel() == 0) runtime_error("log_probs tensor must not be empty");
  if (x.dtype() != Dtype::Float32 && x.dtype() != Dtype::Float64) not_implemented("\"ctc_loss_cpu\" not implemented for '", info(x.dtype()).scalar_type, "'");
  if (x.dim() != 3) runtime_error("Expected 3-dimensional tensor, but got ", x.dim(), "-dimensional tensor for argument #1 'log_probs'", kWhile);
  if (targets.dim() < 1 || targets.dim() > 2) {
    runtime_error("Expected 1 to 2 dimensions, but got ", targets.dim(), "-dimensional tensor for argument #2 'targets'", kWhile);
  }
  const int64_t batch = x.size(1);
  if (blank < 0 || blank >= x.size(2)) runtime_error("blank must be in label range");
  if (input_lengths.numel() != batch) runtime_error("input_lengths must be of size batch_size");
  if (target_lengths.numel() != batch) runtime_error("target_lengths must be of size batch_size");
  int64_t longest = 0, total = 0;
  for (int64_t n = 0; n < batch; ++n) {
    const int64_t count = target_lengths.data<int64_t>()[n];
    if (count < 0) runtime_error("Expected target_lengths to have value at least 0, but got value ", count, kWhile);
    longest = std::max(longest, count);
    total += count;
  }
  check_size(targets, targets.dim() == 1 ? total : batch);
  if (targets.dim() == 2 && targets.size(1) < longest) {
    runtime_error("Expected tensor to have size at least ", longest, " at dimension 1, but got size ", targets.size(1), " for argument #2 'targets'", kWhile);
  }
  for (int64_t n = 0; n < batch; ++n) {
    const int64_t count = input_lengths.data<int64_t>()[n];
    if (count < 0) runtime_error("Expected input_lengths to have value at least 0, but got value ", count, kWhile);
    if (count > x.size(0)) runtime_error("Expected input_lengths to have value at most ", x.size(0), ", but got value ", count, kWhile);
  }
}

// PyTorch reads whatever stands beside the row of a label that is no class.
void check_labels(const CtcBatch& k) {
  for (int64_t n = 0; n < k.batch; ++n) {
    for (int64_t i = 0; i < k.label_counts[n]; ++i) {
      const int64_t label = k.labels[k.offsets[n] + i];
      if (label < 0 || label >= k.classes) index_error("Target ", label, " is out of bounds.");
    }
  }
}

struct CtcGradient {
  static constexpr OpInfo info{.sig = "_ctc_loss_backward(Tensor grad, Tensor log_probs, Tensor targets, Tensor input_lengths, Tensor target_lengths, "
                                      "Tensor neg_log_likelihood, Tensor log_alpha, int blank, bool zero_infinity=False) -> Tensor",
                               .doc = "The gradient of ctc_loss().", .where = 0, .grad_name = "torch::autograd::NotImplemented", .undifferentiable = true};
  static Tensor fwd(const Tensor& g, const Tensor& x, const Tensor& targets, const Tensor& input_lengths, const Tensor& target_lengths, const Tensor& loss,
                    const Tensor& alpha, int64_t blank, bool zero_infinity) {
    const Batch batch(x, targets, input_lengths, target_lengths, blank);
    const Tensor from = contiguous_copy(x), dx = exp(from);
    ctc_backward(batch.k, dx, contiguous_copy(g), from, loss, alpha, zero_infinity);
    return dx;
  }
  static void vjp(Grads&, const Tensor&, const Tensor&, const Tensor&, const Tensor&, const Tensor&, const Tensor&, const Tensor&, int64_t, bool) {
    runtime_error("derivative for aten::_ctc_loss_backward is not implemented");
  }
};

struct CtcLosses {
  static constexpr OpInfo info{.sig = "_ctc_loss(Tensor log_probs, Tensor targets, Tensor input_lengths, Tensor target_lengths, int blank=0, "
                                      "bool zero_infinity=False) -> (Tensor, Tensor)",
                               .doc = "The losses of a batch, and what their gradient reads.", .saves = {X0 | X1 | X2 | X3 | Y | Y1}, .where = 0,
                               .grad_name = "CtcLossBackward0"};
  static std::tuple<Tensor, Tensor> fwd(const Tensor& x, const Tensor& targets, const Tensor& input_lengths, const Tensor& target_lengths, int64_t blank, bool) {
    check_ctc(x, targets, input_lengths, target_lengths, blank);
    const Batch batch(x, targets, input_lengths, target_lengths, blank);
    check_labels(batch.k);
    const Tensor loss = empty(Dims{batch.k.batch}, x.dtype()), alpha = empty(Dims{batch.k.batch, batch.k.steps, batch.k.states}, x.dtype());
    ctc_forward(batch.k, contiguous_copy(x), loss, alpha);
    return {loss, alpha};
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& targets, const Tensor& input_lengths, const Tensor& target_lengths, int64_t blank, bool zero_infinity) {
    if (d.needs(0)) d.set(0, call_op<CtcGradient>(d.g(), x, targets, input_lengths, target_lengths, d.y(0), d.y(1), blank, zero_infinity));
  }
};

Tensor ctc_loss(const Tensor& x, const Tensor& targets, const Tensor& input_lengths, const Tensor& target_lengths, int64_t blank, int64_t reduction,
                bool zero_infinity) {
  constexpr int64_t kMean = 1, kSum = 2;
  const bool batched = x.dim() == 3;
  const Tensor batch = batched ? x : unsqueeze(x, 1);
  Tensor losses = std::get<0>(call_op<CtcLosses>(batch, index64(targets), input_lengths, target_lengths, blank, zero_infinity));
  if (zero_infinity) losses = where(losses == std::numeric_limits<double>::infinity(), zeros(losses.sizes(), losses.dtype()), losses);
  if (reduction == kSum) return sum(losses, std::nullopt, false);
  if (reduction != kMean) return batched ? losses : squeeze(losses, 0);
  const Tensor counts = cast_copy(Fn<ClampMin>{}(target_lengths, 1.0), losses.dtype());
  return mean(losses / counts, std::nullopt, false);
}

// Lengths of the caller's as int64 of our own, which stay as they are until the gradient is asked for.
Tensor lengths_of(const char* name, const Tensor& lengths) {
  if (is_floating(lengths.dtype()) || lengths.dtype() == Dtype::Bool) runtime_error(name, " must be integral");
  const Tensor from = index64(lengths);
  return index64(DimSpan(from.data<int64_t>(), static_cast<size_t>(from.numel())));
}

constexpr const char* kDoc =
    "The negative log likelihood of label sequences over all their alignments with log_probs (T, N, C) or (T, C), log-probabilities as log_softmax() gives them. "
    "targets (N, S), or the labels of all samples behind one another; input_lengths and target_lengths (N). reduction: 0 none, 1 mean of loss / target length, 2 sum. "
    "zero_infinity: 0 where labels do not fit into the steps. The gradient has no derivative (Graves et al. 2006).";

// PyTorch's signature shows a mean as the default, but takes 0 where no reduction is given; so does this.
struct CtcLossOfInts : Composite {
  static constexpr OpInfo info{.sig = "ctc_loss(Tensor log_probs, Tensor targets, int[] input_lengths, int[] target_lengths, int blank=0, int reduction=0, "
                                      "bool zero_infinity=False) -> Tensor",
                               .doc = kDoc, .where = kFunction};
  static Tensor fwd(const Tensor& x, const Tensor& targets, const Dims& input_lengths, const Dims& target_lengths, int64_t blank, int64_t reduction,
                    bool zero_infinity) {
    return ctc_loss(x, targets, index64(input_lengths), index64(target_lengths), blank, reduction, zero_infinity);
  }
};

struct CtcLossOfTensors : Composite {
  static constexpr OpInfo info{.sig = "ctc_loss(Tensor log_probs, Tensor targets, Tensor input_lengths, Tensor target_lengths, int blank=0, int reduction=0, "
                                      "bool zero_infinity=False) -> Tensor",
                               .doc = kDoc, .where = kFunction};
  static Tensor fwd(const Tensor& x, const Tensor& targets, const Tensor& input_lengths, const Tensor& target_lengths, int64_t blank, int64_t reduction,
                    bool zero_infinity) {
    const Tensor steps = lengths_of("input_lengths", input_lengths), counts = lengths_of("target_lengths", target_lengths);
    return ctc_loss(x, targets, steps, counts, blank, reduction, zero_infinity);
  }
};

const Register<CtcGradient, CtcLosses, CtcLossOfInts, CtcLossOfTensors> registered;

}  // namespace
}  // namespace st

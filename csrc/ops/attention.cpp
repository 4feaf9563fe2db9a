// Scaled dot-product attention (Vaswani et al. 2017, arXiv:1706.03762), and the softmax that gives weights to nothing where all is masked.
#include "kernels/attention.h"

#include <cmath>

#include "kernels/softmax.h"
#include "ops/call.h"
#include "ops/check.h"
#include "ops/random.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

struct SafeSoftmax {
  static constexpr OpInfo info{.sig = "_safe_softmax_kept(Tensor input, int dim) -> Tensor",
                               .doc = "softmax, but 0 along lines that are -inf throughout.",
                               .saves = {Y},
                               .where = 0,
                               .grad_name = "SafeSoftmaxBackward0"};
  static Tensor fwd(const Tensor& x, int64_t dim) { return masked_fill(softmax(x, dim), amax(x, Dims{dim}, true) == -INFINITY, Scalar(0)); }
  static void vjp(Grads& d, const Tensor&, int64_t dim) {
    d.set(0, softmax_gradient(d.y(), d.g(), dim));
  }
};
struct SafeSoftmaxTyped : Composite {
  static constexpr OpInfo info{.sig = "_safe_softmax(Tensor input, int dim, dtype? dtype=None) -> Tensor", .doc = SafeSoftmax::info.doc, .where = 0};
  static Tensor fwd(const Tensor& x, int64_t dim, const std::optional<Dtype>& dtype) {
    const Tensor typed = dtype ? to_dtype(x, *dtype) : x;
    return typed.numel() == 0 ? softmax(typed, dim) : call_op<SafeSoftmax>(typed, dim);
  }
};

// (B, K, S, D) with each head repeated, and the gradient of that.
Tensor repeat_heads(const Tensor& x, int64_t times) {
  if (times == 1) return x;
  const Tensor spread = expand(unsqueeze(x, 2), Dims{x.size(0), x.size(1), times, x.size(2), x.size(3)});
  return reshape(spread, Dims{x.size(0), x.size(1) * times, x.size(2), x.size(3)});
}
Tensor join_heads(const Tensor& g, int64_t times) {
  if (times == 1) return g;
  return sum(reshape(g, Dims{g.size(0), g.size(1) / times, times, g.size(2), g.size(3)}), Dims{2}, false);
}

// What the keys after position i get, for all i.
Tensor causal_mask(int64_t queries, int64_t keys, Dtype dtype) { return triu(full(Dims{queries, keys}, Scalar(-INFINITY), dtype), 1); }

Tensor weights_of(const Tensor& q, const Tensor& k, const Tensor& mask, double scale, bool causal) {
  Tensor scores = matmul(q * scale, transpose(k, -2, -1));
  if (mask.defined()) scores = scores + mask;
  if (causal) scores = scores + causal_mask(scores.size(-2), scores.size(-1), scores.dtype());
  return scores.numel() == 0 ? softmax(scores, -1) : call_op<SafeSoftmax>(scores, int64_t{-1});
}

// Last stride 1 and rows that do not overlap, as the kernels want.
Tensor in_rows(const Tensor& given) {
  const Tensor x = widened(given);
  const bool fits = (x.stride(3) == 1 || x.size(3) <= 1) && (x.stride(2) >= x.size(3) || x.size(2) <= 1);
  return fits ? x : contiguous_copy(x, true);
}
Tensor spread_over(const Tensor& given, DimSpan sizes) {
  if (!given.defined()) return given;
  Tensor x = widened(given);
  if (x.dim() > 0 && x.size(-1) > 1 && x.stride(-1) != 1) x = contiguous_copy(x, true);
  return expand(x, sizes);
}

struct Attention {
  static constexpr OpInfo info{.sig = "_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask, Tensor? noise, float scale, bool causal) -> "
                                      "(Tensor, Tensor)",
                               .doc = "softmax(scale * query @ key^T + attn_mask) * noise @ value for four dimensions, and what the softmax was divided by.",
                               .saves = {X0 | X1 | X2 | X3 | Y1, X0 | X1 | X2 | X3 | Y1, X0 | X1 | X2 | X3 | Y1},
                               .where = 0,
                               .grad_name = "ScaledDotProductFlashAttentionForCpuBackward0"};
  static AttentionInputs inputs(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask, const Tensor& noise, double scale, bool causal) {
    const Dims sizes{q.size(0), q.size(1), q.size(2), k.size(2)};
    return {in_rows(q), in_rows(k), in_rows(v), spread_over(mask, sizes), spread_over(noise, sizes), scale, causal};
  }
  static std::tuple<Tensor, Tensor> fwd(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask, const Tensor& noise, double scale,
                                        bool causal) {
    AttentionOut r = attention_forward(inputs(q, k, v, mask, noise, scale, causal));
    return {r.out.dtype() == q.dtype() ? r.out : copy_keeping_strides(r.out, q.dtype()), r.stats};
  }
  static void vjp(Grads& d, const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask, const Tensor& noise, double scale, bool causal) {
    const int64_t groups = k.size(1) == 0 ? 1 : q.size(1) / k.size(1);
    if (!d.create_graph()) {
      const AttentionGradient r = attention_backward(in_rows(d.g()), inputs(q, k, v, mask, noise, scale, causal), d.y(1));
      if (d.needs(0)) d.set(0, r.query);
      if (d.needs(1)) d.set(1, r.key);
      if (d.needs(2)) d.set(2, r.value);
      return;
    }
    const Tensor keys = repeat_heads(k, groups), values = repeat_heads(v, groups), &g = d.g();
    const Tensor weights = weights_of(q, keys, mask, scale, causal), noisy = noise.defined() ? weights * noise : weights;
    if (d.needs(2)) d.set(2, join_heads(matmul(transpose(noisy, -2, -1), g), groups));
    Tensor dweights = matmul(g, transpose(values, -2, -1));
    if (noise.defined()) dweights = dweights * noise;
    const Tensor dscores = softmax_gradient(weights, dweights, -1) * scale;
    if (d.needs(0)) d.set(0, matmul(dscores, keys));
    if (d.needs(1)) d.set(1, join_heads(matmul(transpose(dscores, -2, -1), q), groups));
  }
};

void check(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask, bool grouped) {
  if (q.dtype() != k.dtype() || q.dtype() != v.dtype()) {
    runtime_error("Expected query, key, and value to have the same dtype, but got query.dtype: ", cpp_name(q.dtype()), " key.dtype: ", cpp_name(k.dtype()),
                  " and value.dtype: ", cpp_name(v.dtype()), " instead.");
  }
  if (q.dim() < 2 || k.dim() < 2 || v.dim() < 2) {
    runtime_error("Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: ", q.dim(), " key.dim: ", k.dim(),
                  " and value.dim: ", v.dim(), " instead.");
  }
  if (!is_floating(q.dtype())) runtime_error("expected scalar type Float but found ", info(q.dtype()).scalar_type);
  if (mask.defined() && mask.dtype() != Dtype::Bool && mask.dtype() != q.dtype() && mask.dtype() != Dtype::Float32) {
    runtime_error("Expected attn_mask dtype to be bool or float or to match query dtype, but got attn_mask.dtype: ", cpp_name(mask.dtype()),
                  " and  query.dtype: ", cpp_name(q.dtype()), " instead.");
  }
  if (q.size(-1) != k.size(-1) || k.size(-2) != v.size(-2)) {
    runtime_error("scaled_dot_product_attention: expected query (..., L, D), key (..., S, D) and value (..., S, E), but got ", q.sizes(), ", ", k.sizes(),
                  " and ", v.sizes());
  }
  if (!grouped) return;
  if (q.dim() < 3 || k.dim() < 3 || v.dim() < 3 || k.size(-3) == 0 || q.size(-3) % k.size(-3) != 0 || v.size(-3) == 0 || q.size(-3) % v.size(-3) != 0) {
    runtime_error("Number of heads in key and value must divide the number of heads in query");
  }
}

// x (..., rows, columns) with the leading dimensions `batch`, four in all.
Tensor to_four(const Tensor& x, const Dims& batch, int64_t heads) {
  Dims sizes = batch;
  if (!sizes.empty()) sizes.back() = heads;
  sizes.push_back(x.size(-2));
  sizes.push_back(x.size(-1));
  Tensor y = equal(x.sizes(), sizes) ? x : expand(x, sizes);
  if (y.dim() == 4) return y;
  if (y.dim() == 3) return unsqueeze(y, 0);
  if (y.dim() == 2) return unsqueeze(unsqueeze(y, 0), 0);
  int64_t outer = 1;
  for (int i = 0; i + 3 < y.dim(); ++i) outer *= y.size(i);
  return reshape(y, Dims{outer, y.size(-3), y.size(-2), y.size(-1)});
}

Dims leading(const Tensor& x, int drop) { return Dims(x->sizes, std::max(0, x.dim() - drop)); }

struct ScaledDotProductAttention : Composite {
  static constexpr OpInfo info{.sig = "scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, float dropout_p=0.0, "
                                      "bool is_causal=False, *, float? scale=None, bool enable_gqa=False) -> Tensor",
                               .autocast = Autocast::Lower, .doc = "softmax(query @ key^T * scale + attn_mask) @ value for query (..., H, L, D), key (..., H, S, D), value (..., H, S, E): "
                                      "(..., H, L, E). scale is 1 / sqrt(D) unless given. attn_mask is added, or, where it is bool, keeps what it is True for; "
                                      "is_causal hides the keys after each position; weights are dropped with probability dropout_p; with enable_gqa, key "
                                      "and value may have a divisor of the query's heads.",
                               .where = kNN | kRandom};
  static Tensor fwd(const Tensor& q0, const Tensor& k0, const Tensor& v0, const Tensor& mask0, double p, bool causal, const std::optional<double>& given,
                    bool grouped) {
    check(q0, k0, v0, mask0, grouped);
    if (!(p >= 0 && p <= 1)) runtime_error("dropout probability has to be between 0 and 1, but got ", p);
    const double scale = given ? *given : 1 / std::sqrt(static_cast<double>(q0.size(-1)));
    const int64_t width = v0.size(-1);
    // Heads are the last of the leading dimensions; with groups, those of key and value stay as they are.
    Dims batch = leading(q0, grouped ? 3 : 2);
    for (const Tensor* t : {&k0, &v0}) batch = broadcast(batch, leading(*t, grouped ? 3 : 2));
    if (grouped) batch.push_back(q0.size(-3));
    const auto heads = [&](const Tensor& t) { return grouped ? t.size(-3) : batch.empty() ? 1 : batch.back(); };
    Tensor q = to_four(q0, batch, heads(q0)), k = to_four(k0, batch, heads(k0)), v = to_four(v0, batch, heads(v0));
    if (k.size(1) != v.size(1)) k = repeat_heads(k, q.size(1) / k.size(1)), v = repeat_heads(v, q.size(1) / v.size(1));

    Tensor mask = mask0;
    if (mask.defined()) {
      if (mask.dtype() == Dtype::Bool) mask = masked_fill(zeros(mask.sizes(), q.dtype()), ~mask, Scalar(-INFINITY));
      else mask = to_dtype(mask, q.dtype());
      Dims full_sizes = batch;
      full_sizes.push_back(q.size(2));
      full_sizes.push_back(k.size(2));
      if (!equal(broadcast(full_sizes, mask.sizes()), full_sizes)) {
        runtime_error("The expanded size of the tensor must match the existing size: attn_mask ", mask.sizes(), " for scores ", DimSpan(full_sizes));
      }
      if (batch.size() > 2 && mask.dim() > 2) mask = to_four(expand(mask, full_sizes), batch, q.size(1));
    }
    const Dims scores{q.size(0), q.size(1), q.size(2), k.size(2)};
    const Tensor noise = p > 0 ? dropout_noise(scores, q.dtype(), p) : Tensor();
    Tensor y;
    if (mask.defined() && mask.requires_grad() && grad_enabled()) {
      const int64_t groups = q.size(1) / std::max<int64_t>(1, k.size(1));
      const Tensor weights = weights_of(q, repeat_heads(k, groups), mask, scale, causal);
      y = matmul(noise.defined() ? weights * noise : weights, repeat_heads(v, groups));
    } else {
      y = std::get<0>(call_op<Attention>(q, k, v, mask, noise, scale, causal));
    }
    if (batch.size() == 2) return y;
    Dims sizes = batch;
    sizes.push_back(q.size(2));
    sizes.push_back(width);
    return reshape(y, sizes);
  }
};

const Register<SafeSoftmax, SafeSoftmaxTyped, Attention, ScaledDotProductAttention> registered;

}  // namespace
}  // namespace st

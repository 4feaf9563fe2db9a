// Attention block by block: the scores of a block of queries are made, used and forgotten (after Dao et al. 2022,
// arXiv:2205.14135; a row of scores fits the cache here, so that its softmax needs no second pass).
#include "kernels/attention.h"

#include <algorithm>

#include "kernels/attention_table.h"
#include "kernels/choice.h"
#include "kernels/gemm.h"
#include "kernels/layout.h"
#include "kernels/parallel.h"
#include "kernels/shared_right.h"

namespace st {

#define X(isa)                                  \
  namespace isa {                               \
  extern const AttentionTable kAttentionTable;  \
  }
STEEPEST_ISAS
#undef X

namespace {

template <class T>
const AttentionKernels<T>& kernels() {
  static constexpr const AttentionTable* kTables[] = {
#define X(isa) &isa::kAttentionTable,
      STEEPEST_ISAS
#undef X
  };
  static const AttentionTable& chosen = *kTables[chosen_isa()];
  if constexpr (std::is_same_v<T, float>) return chosen.f32;
  else return chosen.f64;
}

constexpr int64_t kScores = 1 << 16;    // elements of a block of scores
// Queries in a block. Where `causal`, all of a block's rows are computed as far as its last one sees.
constexpr int64_t kLeast = 16, kMost = 64, kMostCausal = 32;
constexpr double kGrain = 1 << 20;      // multiplications that a thread should get

// One (batch, head) of a tensor: rows of features, `ld` apart.
template <class T>
struct Head {
  T* data;
  int64_t ld;
  Head(const Tensor& t, int64_t b, int64_t h) : data(t.data<T>() + b * t->strides()[0] + h * t->strides()[1]), ld(t->strides()[2]) {}
  T* row(int64_t i) const { return data + i * ld; }
};

struct Shape {
  int64_t batch, heads, groups, queries, keys, depth, width, block, blocks;
  explicit Shape(const AttentionInputs& x)
      : batch(x.query.size(0)), heads(x.query.size(1)), groups(x.key.size(1) == 0 ? 1 : heads / x.key.size(1)), queries(x.query.size(2)),
        keys(x.key.size(2)), depth(x.query.size(3)), width(x.value.size(3)),
        block(std::clamp(kScores / std::max<int64_t>(1, keys), kLeast, x.causal ? kMostCausal : kMost)), blocks((queries + block - 1) / block) {}
  // of `rows` queries
  double work(int64_t rows) const { return static_cast<double>(rows) * static_cast<double>(keys) * static_cast<double>(depth + width) + 1; }
};

// The rows of a block of queries; `keys` of them are not hidden from all.
template <class T>
struct Block {
  int64_t first, rows, keys;
  AttentionRows<T> scores;
  Block(const AttentionInputs& x, const Shape& s, int64_t b, int64_t h, int64_t number, T* memory) {
    first = number * s.block;
    rows = std::min(s.block, s.queries - first);
    keys = x.causal ? std::min(s.keys, first + rows) : s.keys;
    const int64_t ld = std::max<int64_t>(1, s.keys);
    scores = {rows, keys, ld, x.causal ? first + 1 : keys, memory, nullptr, 0, 0, nullptr, 0};
    const auto place = [&](const Tensor& t) { return t.data<T>() + b * t->strides()[0] + h * t->strides()[1] + first * t->strides()[2]; };
    if (x.mask.defined()) {
      scores.mask = place(x.mask);
      scores.mask_row = x.mask->strides()[2];
      scores.mask_column = x.mask.size(3) == 1 ? 0 : x.mask->strides()[3];
    }
    if (x.noise.defined()) {
      scores.noise = place(x.noise);
      scores.noise_row = x.noise->strides()[2];
    }
  }
};

// c (m, n) = alpha * a (m, k) @ b, where b is (k, n) or, transposed, (n, k); + beta * c
template <class T>
void multiply(bool ta, bool tb, int64_t m, int64_t n, int64_t k, double alpha, const T* a, int64_t lda, const T* b, int64_t ldb, T beta, T* c, int64_t ldc) {
  gemm<T>(ta, tb, m, n, k, static_cast<T>(alpha), a, std::max<int64_t>(1, lda), b, std::max<int64_t>(1, ldb), beta, c, std::max<int64_t>(1, ldc));
}

// Rows times the transpose of keys or values, packed for one head at a time.
template <class T>
class Transposed {
 public:
  Transposed(const Head<T>& head, int64_t depth, const Shape& s) : right_(head.data, head.ld, true, depth, s.keys, std::min(s.queries * s.groups, s.block)), now_(head.data) {}
  void set(const Head<T>& head) {
    if (head.data != now_) right_.set(now_ = head.data, head.ld);
  }
  // to (rows of the block, its keys) = alpha * rows @ head^T
  void multiply(const Block<T>& block, double alpha, const Head<T>& rows, T* to) const {
    right_.multiply(block.rows, block.keys, static_cast<T>(alpha), rows.row(block.first), rows.ld, T(0), to, block.scores.ld);
  }

 private:
  SharedRight<T> right_;
  const T* now_;
};

// With `last` features, whose heads lie in memory as the model's where those are rows.
Tensor rows_like(const Tensor& model, int64_t last) {
  const Dims sizes{model.size(0), model.size(1), model.size(2), last}, order = memory_order(model);
  if (order[3] != 3) return empty(sizes, model.dtype());
  Dims strides = Dims::filled(4, 1);
  int64_t step = 1;
  for (int i = 3; i >= 0; --i) {
    strides[order[i]] = step;
    step *= std::max<int64_t>(1, sizes[order[i]]);
  }
  return empty_like_strided(sizes, strides, model.dtype());
}

}  // namespace

AttentionOut attention_forward(const AttentionInputs& x) {
  const Shape s(x);
  const Dtype dtype = x.query.dtype();
  AttentionOut r{rows_like(x.query, s.width), empty(Dims{s.batch, s.heads, s.queries, 2}, dtype)};
  visit_float(dtype, [&]<class T>() {
    const auto range = [&](int64_t begin, int64_t end) {
      const Tensor memory = empty(Dims{s.block * std::max<int64_t>(1, s.keys)}, dtype);
      const auto kv_head = [&](const Tensor& t, int64_t i) { return Head<T>(t, i / s.blocks / s.heads, i / s.blocks % s.heads / s.groups); };
      Transposed<T> keys(kv_head(x.key, begin), s.depth, s);
      for (int64_t i = begin; i < end; ++i) {
        const int64_t b = i / s.blocks / s.heads, h = i / s.blocks % s.heads;
        const Block<T> block(x, s, b, h, i % s.blocks, memory.data<T>());
        const Head<T> q(x.query, b, h), v = kv_head(x.value, i), out(r.out, b, h);
        keys.set(kv_head(x.key, i));
        keys.multiply(block, x.scale, q, block.scores.scores);
        kernels<T>().weights(block.scores, r.stats.data<T>() + 2 * ((b * s.heads + h) * s.queries + block.first));
        multiply<T>(false, false, block.rows, s.width, block.keys, 1, block.scores.scores, block.scores.ld, v.data, v.ld, T(0), out.row(block.first), out.ld);
      }
    };
    parallel_items(s.batch * s.heads * s.blocks, s.work(s.block), kGrain, range);
  });
  return r;
}

AttentionGradient attention_backward(const Tensor& g, const AttentionInputs& x, const Tensor& stats) {
  const Shape s(x);
  const Dtype dtype = x.query.dtype();
  AttentionGradient r{rows_like(x.query, s.depth), rows_like(x.key, s.depth), rows_like(x.value, s.width)};
  if (s.queries == 0) {
    fill_elements(r.key, Scalar(0));
    fill_elements(r.value, Scalar(0));
  }
  visit_float(dtype, [&]<class T>() {
    const auto range = [&](int64_t begin, int64_t end) {
      const int64_t size = s.block * std::max<int64_t>(1, s.keys);
      const Tensor memory = empty(Dims{size * (x.noise.defined() ? 3 : 2)}, dtype);
      T *const weights = memory.data<T>(), *const d = weights + size, *const noisy = x.noise.defined() ? d + size : nullptr;
      const int64_t kv_heads = s.heads / s.groups;
      Transposed<T> keys(Head<T>(x.key, begin / kv_heads, begin % kv_heads), s.depth, s);
      Transposed<T> values(Head<T>(x.value, begin / kv_heads, begin % kv_heads), s.width, s);
      for (int64_t i = begin; i < end; ++i) {
        const int64_t b = i / kv_heads, kv = i % kv_heads;
        const Head<T> k(x.key, b, kv), v(x.value, b, kv), dk(r.key, b, kv), dv(r.value, b, kv);
        keys.set(k);
        values.set(v);
        for (int64_t h = kv * s.groups; h < (kv + 1) * s.groups; ++h) {
          const Head<T> q(x.query, b, h), dq(r.query, b, h), dout(g, b, h);
          // With `causal`, the last block alone reaches all keys: it comes first, and writes where the others add.
          for (int64_t n = s.blocks - 1; n >= 0; --n) {
            const Block<T> block(x, s, b, h, n, weights);
            const T more = h == kv * s.groups && n == s.blocks - 1 ? T(0) : T(1);
            const int64_t ld = block.scores.ld;
            if (more == 0 && block.keys < s.keys) {
              for (int64_t j = block.keys; j < s.keys; ++j) {
                std::fill_n(dk.row(j), s.depth, T(0));
                std::fill_n(dv.row(j), s.width, T(0));
              }
            }
            keys.multiply(block, x.scale, q, weights);
            kernels<T>().weights_again(block.scores, stats.data<T>() + 2 * ((b * s.heads + h) * s.queries + block.first), noisy);
            multiply<T>(true, false, block.keys, s.width, block.rows, 1, noisy ? noisy : weights, ld, dout.row(block.first), dout.ld, more, dv.data, dv.ld);
            values.multiply(block, 1, dout, d);
            kernels<T>().gradient(block.scores, d);
            multiply<T>(false, false, block.rows, s.depth, block.keys, x.scale, d, ld, k.data, k.ld, T(0), dq.row(block.first), dq.ld);
            multiply<T>(true, false, block.keys, s.depth, block.rows, x.scale, d, ld, q.row(block.first), q.ld, more, dk.data, dk.ld);
          }
        }
      }
    };
    parallel_items(s.batch * (s.heads / s.groups), 2 * s.work(s.queries * s.groups), kGrain, range);
  });
  return r;
}

}  // namespace st

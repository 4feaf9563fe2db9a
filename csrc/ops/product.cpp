// Computing products: how tensors of any strides and batch dimensions become calls of the matrix kernels.
#include "ops/product.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "kernels/choice.h"
#include "kernels/gemm.h"
#include "ops/call.h"
#include "ops/complex.h"
#include "ops/functions.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

const bool selected = (gemm_select(isa_name(chosen_isa())), true);

// One matrix: sizes and steps in elements.
struct Matrix {
  int64_t rows, columns, row_step, column_step;
};

inline int matrix_dims(Form f) { return is_vector(f) ? 1 : 2; }

Matrix read_matrix(const Tensor& t, Form f) {
  const int n = t.dim();
  Matrix m;
  if (n == 0) return {1, 1, 1, 1};
  if (is_vector(f)) m = {t->sizes[n - 1], 1, t->strides()[n - 1], 1};
  else m = {t->sizes[n - 2], t->sizes[n - 1], t->strides()[n - 2], t->strides()[n - 1]};
  if (static_cast<int64_t>(f) & 1) {
    std::swap(m.rows, m.columns);
    std::swap(m.row_step, m.column_step);
  }
  return m;
}

// What the kernels take: a matrix whose rows or columns are contiguous.
struct Layout {
  bool transposed;
  int64_t ld;
};
bool find_layout(const Matrix& m, Layout& l) {
  if ((m.column_step == 1 || m.columns <= 1) && (m.row_step >= m.columns || m.rows <= 1)) {
    l = {false, m.rows <= 1 ? std::max<int64_t>(m.columns, 1) : m.row_step};
    return true;
  }
  if ((m.row_step == 1 || m.rows <= 1) && (m.column_step >= m.rows || m.columns <= 1)) {
    l = {true, m.columns <= 1 ? std::max<int64_t>(m.rows, 1) : m.column_step};
    return true;
  }
  return false;
}

// op(C) = alpha * op(A) op(B) + beta * op(C), `batch` times. Or, once, beta times a row in place of every row that C had.
template <class T>
inline constexpr bool kHalf = std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>;
template <class T>
inline constexpr bool kFloating = !std::is_integral_v<T>;

template <class T>
struct Call {
  Layout a, b;
  int64_t m, n, k, ldc;
  Scale<T> alpha;
  void run(int64_t batch, const T* x, int64_t step_x, const T* y, int64_t step_y, Scale<T> beta, T* z, int64_t step_z, const T* row = nullptr) const {
    if constexpr (kFloating<T>) {
      if (row) return gemm(a.transposed, b.transposed, m, n, k, alpha, x, a.ld, y, b.ld, beta, row, 0, z, ldc);
      if (batch == 1) return gemm(a.transposed, b.transposed, m, n, k, alpha, x, a.ld, y, b.ld, beta, z, ldc);
      return gemm_batched(batch, a.transposed, b.transposed, m, n, k, alpha, x, a.ld, step_x, y, b.ld, step_y, beta, z, ldc, step_z);
    } else {
      std::vector<T> sum;
      for (int64_t i = 0; i < batch; ++i, x += step_x, y += step_y, z += step_z) {
        if (alpha == 1 && beta == 0) {
          matmul_int(a.transposed, b.transposed, m, n, k, x, a.ld, y, b.ld, z, ldc);
          continue;
        }
        sum.resize(static_cast<size_t>(m * n));
        matmul_int(a.transposed, b.transposed, m, n, k, x, a.ld, y, b.ld, sum.data(), n);
        using U = uint64_t;  // wraps
        for (int64_t r = 0; r < m; ++r)
          for (int64_t c = 0; c < n; ++c) {
            const U old = beta == 0 ? 0 : static_cast<U>(beta) * static_cast<U>(z[r * ldc + c]);
            z[r * ldc + c] = static_cast<T>(old + static_cast<U>(alpha) * static_cast<U>(sum[r * n + c]));
          }
      }
    }
  }
};

// The batch dimensions, widest first, and how far each of A, B and C moves along them; C stands still where it is summed.
struct Batch {
  struct Dim {
    int64_t size, a, b, c;
  };
  std::vector<Dim> dims;

  Batch(const Tensor& a, int na, const Tensor& b, int nb, const Tensor& c, int nc) {
    const int n = std::max(na, nb);
    for (int i = 0; i < n; ++i) {
      Dim d{1, 0, 0, 0};
      add(d.size, d.a, a, i - (n - na));
      add(d.size, d.b, b, i - (n - nb));
      int64_t own = 1;
      add(own, d.c, c, i - (n - nc));
      if (d.size == 1) continue;
      if (!dims.empty()) {
        Dim& outer = dims.back();
        if (outer.a == d.a * d.size && outer.b == d.b * d.size && outer.c == d.c * d.size) {
          outer = {outer.size * d.size, d.a, d.b, d.c};
          continue;
        }
      }
      dims.push_back(d);
    }
  }
  static void add(int64_t& size, int64_t& step, const Tensor& t, int dim) {
    if (dim < 0 || t->sizes[dim] == 1) return;
    size = t->sizes[dim];
    step = t->strides()[dim];
  }

  // Whole batches that are one larger matrix, and one that kernels take: rows of A and C one after the other, columns of B and C, or a
  // sum over k.
  void fold(Matrix& x, Matrix& y, Matrix& z) {
    while (!dims.empty()) {
      const Dim d = dims.back();
      Matrix a = x, b = y, c = z;
      if (d.size == 0) return;
      const auto follows = [](int64_t count, int64_t step, int64_t batch_step) { return count == 1 || count * step == batch_step; };
      if (d.b == 0 && d.a != 0 && d.c != 0 && follows(a.rows, a.row_step, d.a) && follows(c.rows, c.row_step, d.c)) {
        if (a.rows == 1) a.row_step = d.a, c.row_step = d.c;
        a.rows = c.rows *= d.size;
      } else if (d.a == 0 && d.b != 0 && d.c != 0 && follows(b.columns, b.column_step, d.b) && follows(c.columns, c.column_step, d.c)) {
        if (b.columns == 1) b.column_step = d.b, c.column_step = d.c;
        b.columns = c.columns *= d.size;
      } else if (d.c == 0 && d.a != 0 && d.b != 0 && follows(a.columns, a.column_step, d.a) && follows(b.rows, b.row_step, d.b)) {
        if (a.columns == 1) a.column_step = d.a, b.row_step = d.b;
        a.columns = b.rows *= d.size;
      } else {
        return;
      }
      if (Layout l; !find_layout(a, l) || !find_layout(b, l) || !find_layout(c, l)) return;
      x = a, y = b, z = c;
      dims.pop_back();
    }
  }

  // The longest dimension along which C moves goes to the end, where the kernels run it as one call.
  void choose_inner() {
    size_t best = dims.size();
    for (size_t i = 0; i < dims.size(); ++i) if (dims[i].c != 0 && (best == dims.size() || dims[i].size >= dims[best].size)) best = i;
    if (best < dims.size()) std::rotate(dims.begin() + static_cast<std::ptrdiff_t>(best), dims.begin() + static_cast<std::ptrdiff_t>(best) + 1, dims.end());
  }
};

template <class T>
void run_batches(const Batch& batch, const Call<T>& call, size_t at, bool first, const T* x, const T* y, Scale<T> beta, T* z) {
  if (at == batch.dims.size()) return call.run(1, x, 0, y, 0, first ? beta : Scale<T>(1), z, 0);
  const Batch::Dim& d = batch.dims[at];
  if (at + 1 == batch.dims.size() && d.c != 0) return call.run(d.size, x, d.a, y, d.b, first ? beta : Scale<T>(1), z, d.c);
  for (int64_t i = 0; i < d.size; ++i) {
    run_batches(batch, call, at + 1, first && (i == 0 || d.c != 0), x + i * d.a, y + i * d.b, beta, z + i * d.c);
  }
}

// Whether the addend is one row for every row of c, the usual case of a bias.
bool is_row(const Tensor& addend, const Tensor& c) {
  return addend.dim() == 1 && c.dim() >= 1 && addend.dtype() == c.dtype() && addend.is_contiguous() && addend->sizes[0] == c.size(-1) && addend.numel() > 0;
}

// The addend in c's sizes and type, a row without the general copy.
void spread_addend(const Tensor& c, const Tensor& addend) {
  if (is_row(addend, c)) {
    const auto bytes = static_cast<size_t>(addend.numel() * item_size(c.dtype()));
    char *at = c->data, *const end = at + c.numel() * item_size(c.dtype());
    for (; at != end; at += bytes) std::memcpy(at, addend->data, bytes);
    return;
  }
  copy_elements(c, addend);
}

// c, fresh and contiguous, = alpha * op(A) op(B) + beta * addend.
template <class T>
void compute(const Tensor& a, Form fa, const Tensor& b, Form fb, const Tensor& c, Form fc, Scale<T> alpha, Scale<T> beta, const Tensor& addend) {
  const auto spread = [&] { if (beta != Scale<T>(0)) spread_addend(c, addend); };
  if (c.numel() == 0) return spread();
  // A row may be added where the product is written; everything else is spread out first.
  const bool row = kFloating<T> && beta != Scale<T>(0) && (fc == Form::Matrix || fc == Form::Row) && is_row(addend, c);
  Matrix x = read_matrix(a, fa), y = read_matrix(b, fb), z = read_matrix(c, fc);
  const int na = a.dim() - matrix_dims(fa), nb = b.dim() - matrix_dims(fb), nc = c.dim() - matrix_dims(fc);
  if (a.numel() == 0 || b.numel() == 0) {  // nothing is summed
    T* p = c.data<T>();
    spread();
    for (int64_t i = 0; i < c.numel(); ++i) p[i] = beta == Scale<T>(0) ? T(0) : static_cast<T>(beta * p[i]);
    return;
  }
  Layout lx, ly, lz;
  if (na + nb == 0 && find_layout(x, lx) && find_layout(y, ly) && find_layout(z, lz)) [[likely]] {
    const bool adds_row = row && !lz.transposed;
    if (!adds_row) spread();
    if (!lz.transposed) {
      const Call<T> call{lx, ly, z.rows, z.columns, x.columns, lz.ld, alpha};
      return call.run(1, a.data<T>(), 0, b.data<T>(), 0, beta, c.data<T>(), 0, adds_row ? addend.data<T>() : nullptr);
    }
    // C^T = B^T A^T
    const Call<T> call{{!ly.transposed, ly.ld}, {!lx.transposed, lx.ld}, z.columns, z.rows, x.columns, lz.ld, alpha};
    return call.run(1, b.data<T>(), 0, a.data<T>(), 0, beta, c.data<T>(), 0);
  }
  if (!find_layout(x, lx)) return compute<T>(contiguous_copy(a, true), fa, b, fb, c, fc, alpha, beta, addend);
  if (!find_layout(y, ly)) return compute<T>(a, fa, contiguous_copy(b, true), fb, c, fc, alpha, beta, addend);
  Batch batch(a, na, b, nb, c, nc);
  batch.fold(x, y, z);
  if constexpr (kHalf<T>) {
    if (std::any_of(batch.dims.begin(), batch.dims.end(), [](const Batch::Dim& d) { return d.c == 0; })) {
      // What is added up product by product would be rounded each time.
      const Tensor sums = empty(c.sizes(), Dtype::Float32);
      compute<float>(cast_copy(a, Dtype::Float32), fa, cast_copy(b, Dtype::Float32), fb, sums, fc, alpha, beta, addend);
      return copy_elements(c, sums);
    }
  }
  batch.choose_inner();
  find_layout(x, lx);
  find_layout(y, ly);
  find_layout(z, lz);
  if (row && batch.dims.empty() && !lz.transposed && z.columns == addend.numel()) {
    const Call<T> call{lx, ly, z.rows, z.columns, x.columns, lz.ld, alpha};
    return call.run(1, a.data<T>(), 0, b.data<T>(), 0, beta, c.data<T>(), 0, addend.data<T>());
  }
  spread();
  if (!lz.transposed) {
    run_batches(batch, Call<T>{lx, ly, z.rows, z.columns, x.columns, lz.ld, alpha}, 0, true, a.data<T>(), b.data<T>(), beta, c.data<T>());
  } else {
    for (Batch::Dim& d : batch.dims) std::swap(d.a, d.b);
    const Call<T> call{{!ly.transposed, ly.ld}, {!lx.transposed, lx.ld}, z.columns, z.rows, x.columns, lz.ld, alpha};
    run_batches(batch, call, 0, true, b.data<T>(), a.data<T>(), beta, c.data<T>());
  }
}

Tensor compute_into(const Tensor& c, const Tensor& a, Form fa, const Tensor& b, Form fb, Form fc, const Scalar& alpha, const Scalar& beta,
                    const Tensor& addend) {
  if (c.dtype() == Dtype::Float32) [[likely]] {
    compute<float>(a, fa, b, fb, c, fc, alpha.to<float>(), beta.to<float>(), addend);
    return c;
  }
  visit(c.dtype(), [&]<class T>() {
    if constexpr (!std::is_same_v<T, bool> && !std::is_same_v<T, float>) {
      compute<T>(a, fa, b, fb, c, fc, alpha.to<Scale<T>>(), beta.to<Scale<T>>(), addend);
    }
  });
  return c;
}

}  // namespace

Tensor multiply(const Tensor& a, Form fa, const Tensor& b, Form fb, Form fc, DimSpan sizes) {
  return compute_into(empty(sizes, a.dtype()), a, fa, b, fb, fc, Scalar(1), Scalar(0), {});
}

Tensor multiply_add(const Tensor& addend, const Scalar& beta, const Scalar& alpha, const Tensor& a, Form fa, const Tensor& b, Form fb, Form fc,
                    DimSpan sizes) {
  return compute_into(empty(sizes, a.dtype()), a, fa, b, fb, fc, alpha, beta, addend);
}

void check_multiplies(Dtype d, const char* kernel) {
  if (d == Dtype::Bool) not_implemented("\"", kernel, "\" not implemented for 'Bool'");
}

void inner_sizes_differ(int64_t m, int64_t k, int64_t rows, int64_t n) {
  runtime_error("mat1 and mat2 shapes cannot be multiplied (", m, "x", k, " and ", rows, "x", n, ")");
}

namespace {

struct Product {
  static constexpr OpInfo info{.sig = "_product(Tensor input, Tensor other, int input_form, int other_form, int form, int[] size) -> Tensor",
                               .doc = "The matrix product that derivatives of matrix products are made of. A form tells how sizes are read: 0 as "
                                      "(..., rows, columns), 1 as their transposes, 2 as columns (..., n), 3 as rows; what size lacks is summed.",
                               .saves = {X1, X0},
                               .where = 0,
                               .grad_name = "MmBackward0"};
  static Tensor fwd(const Tensor& a, const Tensor& b, int64_t fa, int64_t fb, int64_t fc, const Dims& size) {
    return multiply(a, Form(fa), b, Form(fb), Form(fc), size);
  }
  static void vjp(Grads& d, const Tensor& a, const Tensor& b, int64_t fa, int64_t fb, int64_t fc, const Dims&) {
    product_vjp(d, 0, a, Form(fa), b, Form(fb), Form(fc));
  }
};

const Register<Product> registered;

}  // namespace

Tensor product(const Tensor& a, Form fa, const Tensor& b, Form fb, Form fc, DimSpan sizes) {
  if (!grad_enabled() || !(a.requires_grad() || b.requires_grad())) return multiply(a, fa, b, fb, fc, sizes);
  return call_op<Product>(a, b, static_cast<int64_t>(fa), static_cast<int64_t>(fb), static_cast<int64_t>(fc), Dims(sizes));
}

void product_vjp(Grads& d, int at, const Tensor& a, Form fa, const Tensor& b, Form fb, Form fc, const Scalar& alpha) {
  const auto scaled = [&](Tensor t) { return alpha.kind != Scalar::Complex && alpha.to_double() == 1 ? t : t * alpha; };
  if (d.needs(at)) d.set(at, scaled(product(d.g(), fc, conj(b), turned(fb), fa, a.sizes())));
  if (d.needs(at + 1)) d.set(at + 1, scaled(product(conj(a), turned(fa), d.g(), fc, fb, b.sizes())));
}

}  // namespace st

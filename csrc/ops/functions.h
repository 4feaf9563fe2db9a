// Ops as C++ functions over tensors, for the derivatives and the ops that are made of others. Declarations only: each op lives with
// its record, and the elementwise ones are Fn objects in their family's header.
#pragma once
#include "ops/elementwise/arithmetic.h"
#include "ops/elementwise/choice.h"
#include "ops/elementwise/compare.h"
#include "ops/elementwise/division.h"
#include "ops/elementwise/exp_log.h"
#include "ops/elementwise/logic.h"
#include "ops/elementwise/power.h"
#include "ops/elementwise/rounding.h"
#include "ops/elementwise/special.h"
#include "ops/elementwise/trig.h"
#include "ops/elementwise_call.h"
#include "ops/inplace.h"

namespace st {

template <class A, class B>
concept TensorPair = (std::is_same_v<A, Tensor> && (std::is_same_v<B, Tensor> || is_number<B>)) || (is_number<A> && std::is_same_v<B, Tensor>);

template <class A, class B> requires TensorPair<A, B> Tensor operator+(const A& a, const B& b) { return tensor_call<Add>(a, b); }
template <class A, class B> requires TensorPair<A, B> Tensor operator-(const A& a, const B& b) { return tensor_call<Sub>(a, b); }
template <class A, class B> requires TensorPair<A, B> Tensor operator*(const A& a, const B& b) { return tensor_call<Mul>(a, b); }
template <class A, class B> requires TensorPair<A, B> Tensor operator/(const A& a, const B& b) { return tensor_call<Div>(a, b); }
template <class A, class B> requires TensorPair<A, B> Tensor operator<(const A& a, const B& b) { return tensor_call<Lt>(a, b); }
template <class A, class B> requires TensorPair<A, B> Tensor operator<=(const A& a, const B& b) { return tensor_call<Le>(a, b); }
template <class A, class B> requires TensorPair<A, B> Tensor operator>(const A& a, const B& b) { return tensor_call<Gt>(a, b); }
template <class A, class B> requires TensorPair<A, B> Tensor operator>=(const A& a, const B& b) { return tensor_call<Ge>(a, b); }
template <class A, class B> requires TensorPair<A, B> Tensor operator==(const A& a, const B& b) { return tensor_call<Eq>(a, b); }
template <class A, class B> requires TensorPair<A, B> Tensor operator!=(const A& a, const B& b) { return tensor_call<Ne>(a, b); }
inline Tensor operator-(const Tensor& a) { return tensor_call<Neg>(a); }
inline Tensor operator&(const Tensor& a, const Tensor& b) { return tensor_call<BitwiseAnd>(a, b); }
inline Tensor operator|(const Tensor& a, const Tensor& b) { return tensor_call<BitwiseOr>(a, b); }
inline Tensor operator~(const Tensor& a) { return tensor_call<BitwiseNot>(a); }

// Elementwise, as a composite (ops/elementwise_more.cpp)
Tensor isclose(const Tensor& x, const Tensor& y, double rtol, double atol, bool equal_nan);

// Shape (ops/view*.cpp, ops/shape*.cpp, ops/join.cpp, ops/copy.cpp)
Tensor reshape(const Tensor& x, const Dims& sizes);
Tensor view(const Tensor& x, const Dims& sizes);
Tensor view(const Tensor& x, Dtype dtype);
Tensor view_all(const Tensor& x);  // another tensor for the same elements
Tensor permute(const Tensor& x, const Dims& order);
Tensor transpose(const Tensor& x, int64_t a, int64_t b);
Tensor t(const Tensor& x);
Tensor attribute_T(const Tensor& x);   // x.T: the dimensions reversed
Tensor attribute_mT(const Tensor& x);  // x.mT and x.mH: the last two exchanged
Tensor attribute_mH(const Tensor& x);
Tensor attribute_H(const Tensor& x);   // x.H: of matrices alone
Tensor flatten(const Tensor& x, int64_t start, int64_t end);
Tensor squeeze(const Tensor& x);
Tensor squeeze(const Tensor& x, int64_t dim);
Tensor squeeze(const Tensor& x, const Dims& dims);
Tensor unsqueeze(const Tensor& x, int64_t dim);
Tensor expand(const Tensor& x, const Dims& sizes);
Tensor as_strided(const Tensor& x, const Dims& sizes, const Dims& strides, int64_t offset);
// Zeros of the base's geometry with x added in a region of it (sizes, strides, offset from the base's first element), and the reverse.
Tensor put_region(const Tensor& x, DimSpan base_sizes, DimSpan base_strides, DimSpan sizes, DimSpan strides, int64_t offset);
Tensor take_region(const Tensor& x, DimSpan base_sizes, DimSpan base_strides, DimSpan sizes, DimSpan strides, int64_t offset);
Tensor select(const Tensor& x, int64_t dim, int64_t index);
Tensor slice(const Tensor& x, int64_t dim, int64_t start, int64_t end, int64_t step);
Tensor narrow(const Tensor& x, int64_t dim, int64_t start, int64_t length);
Tensor diagonal(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2);
Tensor diagonal_copy(const Tensor& x, int64_t offset);
Tensors unbind(const Tensor& x, int64_t dim);
Tensors split(const Tensor& x, const Dims& sizes, int64_t dim);
Tensors split(const Tensor& x, int64_t size, int64_t dim);
Tensors chunk(const Tensor& x, int64_t chunks, int64_t dim);
Tensor unfold(const Tensor& x, int64_t dim, int64_t size, int64_t step);
Tensor contiguous(const Tensor& x);
Tensor clone(const Tensor& x);
Tensor to_dtype(const Tensor& x, Dtype dtype);  // x itself when it has it
Tensor cat(const Tensors& list, int64_t dim);
Tensor stack(const Tensors& list, int64_t dim);
Tensors meshgrid(const Tensors& list);  // indexing "ij"
Tensor flip(const Tensor& x, const Dims& dims);
Tensor at_least(const Tensor& x, int dims);  // atleast_1d to 3d
Tensor diag_embed(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2);
Tensor tril(const Tensor& x, int64_t diagonal);
Tensor triu(const Tensor& x, int64_t diagonal);

// Reductions (ops/reduce.cpp)
Tensor sum(const Tensor& x, const OptDims& dims, bool keepdim);
Tensor mean(const Tensor& x, const OptDims& dims, bool keepdim);
Tensor sum_to_size(const Tensor& x, DimSpan sizes);  // the reverse of broadcasting; x itself when nothing is to do

// Matrices (ops/matmul.cpp)
Tensor matmul(const Tensor& a, const Tensor& b);

// Index (ops/index*.cpp, ops/gather*.cpp, ops/mask.cpp)
Tensor gather(const Tensor& x, int64_t dim, const Tensor& index);
Tensor index_select(const Tensor& x, int64_t dim, const Tensor& index);
Tensor index_fill(const Tensor& x, int64_t dim, const Tensor& index, const Scalar& value);
Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src);
Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Scalar& value);
Tensor scatter_reduce(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src, const std::string& reduce, bool include_self);
Tensor take(const Tensor& x, const Tensor& index);
Tensor put(const Tensor& x, const Tensor& index, const Tensor& source, bool accumulate);
Tensor masked_fill(const Tensor& x, const Tensor& mask, const Scalar& value);
Tensor masked_select(const Tensor& x, const Tensor& mask);
Tensor scatter_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src);
Tensor scatter_add_zeros(DimSpan sizes, int64_t dim, const Tensor& index, const Tensor& src);  // scatter_add() on zeros
Tensor index(const Tensor& x, const Tensors& indices);
Tensor index_put(const Tensor& x, const Tensors& indices, const Tensor& values, bool accumulate);

// Creation, and the way back (ops/create.cpp)
Tensor full(DimSpan sizes, const Scalar& value, Dtype dtype);
Tensor zeros_like(const Tensor& x);
Scalar number_of(const Tensor& x);  // its one element

}  // namespace st

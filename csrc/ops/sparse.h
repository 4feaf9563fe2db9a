// Sparse tensors are Python's (python/steepest/sparse): what the core asks about them where one can come its way, as a gradient.
#pragma once
#include "core/tensor.h"

namespace st {

// Filled in by the binding when the first sparse tensor is about to be made.
struct SparseSupport {
  bool (*is_sparse)(const TensorImpl*) = nullptr;  // of a tensor that has an object
  // a + b, one of which is sparse; in a itself with `in_place`, unless that would make it dense.
  Tensor (*sum)(const Tensor& a, const Tensor& b, bool in_place) = nullptr;
  Tensor (*copy)(const Tensor& x) = nullptr;  // another tensor with the same entries
};
extern SparseSupport sparse_support;

inline bool is_sparse(const TensorImpl* t) { return t->py && sparse_support.is_sparse && sparse_support.is_sparse(t); }

// For what is about to read elements, without asking Python.
inline void refuse_sparse(const char* where, const Tensor& t) {
  if (is_sparse(t.impl())) not_implemented(where, ": a sparse tensor cannot be used here; Tensor.to_dense() gives one that can");
}

// Rows of a table that is a leaf, whose gradient will be sparse; installed with the binding.
extern Tensor (*sparse_embedding)(const Tensor& weight, const Tensor& index, int64_t padding, bool by_frequency);

}  // namespace st

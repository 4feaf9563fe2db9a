// Operators of Tensor, straight from Python's type slots to the ops' rows.
#include "bind/slots.h"

#include "bind/arguments.h"
#include "bind/batched.h"
#include "bind/indexing.h"
#include "bind/item.h"
#include "bind/methods.h"
#include "bind/data.h"
#include "bind/table.h"
#include "bind/types.h"
#include "bind/watch.h"
#include "ops/elementwise_call.h"

namespace st {
namespace {

// The groups that operators use, looked up once.
struct Operators {
  const Group *rsub, *rdiv;  // for a number on the left
  const Group *add, *sub, *mul, *div, *floor_divide, *remainder, *pow, *matmul, *neg, *positive, *abs, *bitwise_not, *bitwise_and, *bitwise_or,
      *bitwise_xor, *lshift, *rshift, *lt, *le, *gt, *ge, *eq, *ne;
  const Group *add_, *sub_, *mul_, *div_, *floor_divide_, *remainder_, *pow_, *bitwise_and_, *bitwise_or_, *bitwise_xor_, *lshift_, *rshift_;
} ops;

// A number fits an operator, and so does a tensor; else it is the other side's turn.
bool is_operand(PyObject* o) {
  return is_tensor(o) || PyFloat_Check(o) || PyLong_Check(o) || PyComplex_Check(o) || is_numpy_scalar(o) || overrides_functions(Py_TYPE(o));
}

// What needs no parsing: plain tensors whose kernel is too short to release the interpreter lock for, and Python's own numbers.
inline bool quick_operand(PyObject* o, Operand& v) {
  PyTypeObject* t = Py_TYPE(o);
  if (t == tensor_type || t == parameter_type) {
    v.t = &tensor_of(o);
    return v.t->numel() < kLongKernel;
  }
  if (t == &PyFloat_Type) {
    v.s = Scalar(PyFloat_AS_DOUBLE(o));
    return true;
  }
  if (t != &PyLong_Type) return false;
  int overflow;
  v.s = Scalar(int64_t{PyLong_AsLongLongAndOverflow(o, &overflow)});
  return !overflow;
}

// PyTorch computes `number - x` and `number / x` as ops of x, and `number + x` and `number * x` with x first.
template <const Group* Operators::*Op, const Group* Operators::*Reflected = Op, bool kCommutes = false>
PyObject* binary(PyObject* a, PyObject* b) {
  const Group* group = ops.*Op;
  if constexpr (kCommutes) {
    if (!is_tensor(a)) std::swap(a, b);
  } else if constexpr (Reflected != Op) {
    if (!is_tensor(a)) {
      group = ops.*Reflected;
      std::swap(a, b);
    }
  }
  const Row* row = group->plain;
  Operand x[2];
  if (row && !watched() && quick_operand(a, x[0]) && quick_operand(b, x[1])) [[likely]] {
    try {
      return wrap(call_elementwise(*row, x, nullptr));
    } catch (...) {
      return raise_error();
    }
  }
  if (!is_operand(a) || !is_operand(b)) Py_RETURN_NOTIMPLEMENTED;
  PyObject* args[] = {a, b};
  return call_group(*group, nullptr, args, 2, nullptr);
}

template <const Group* Operators::*Op>
PyObject* inplace(PyObject* a, PyObject* b) {
  const Row* row = (ops.*Op)->plain;
  Operand x[2];
  if (row && !watched() && quick_operand(a, x[0]) && quick_operand(b, x[1])) [[likely]] {
    try {
      call_elementwise_inplace(*row, x, nullptr);
      Py_INCREF(a);
      return a;
    } catch (...) {
      return raise_error();
    }
  }
  if (!is_operand(b)) Py_RETURN_NOTIMPLEMENTED;
  PyObject* args[] = {a, b};
  return call_group(*(ops.*Op), nullptr, args, 2, nullptr);
}

template <const Group* Operators::*Op>
PyObject* unary(PyObject* a) {
  return call_group(*(ops.*Op), nullptr, &a, 1, nullptr);
}

PyObject* power(PyObject* a, PyObject* b, PyObject*) { return binary<&Operators::pow>(a, b); }
PyObject* inplace_power(PyObject* a, PyObject* b, PyObject*) { return inplace<&Operators::pow_>(a, b); }

PyObject* matrix_product(PyObject* a, PyObject* b) {
  if (!is_tensor(a) || !(is_tensor(b) || overrides_functions(Py_TYPE(b)))) Py_RETURN_NOTIMPLEMENTED;
  PyObject* args[] = {a, b};
  return call_group(*ops.matmul, nullptr, args, 2, nullptr);
}

// numpy leaves == and != to the tensor, since its __array_priority__ is higher.
PyObject* compare_array(PyObject* a, PyObject* array, int op) {
  try {
    PyObject* args[] = {a, nullptr};
    Ref other(wrap(tensor_from_numpy(array)));
    args[1] = other.get();
    return call_group(op == Py_EQ ? *ops.eq : *ops.ne, nullptr, args, 2, nullptr);
  } catch (...) {
    return raise_error();
  }
}

PyObject* invert(PyObject* a) {
  if (const Dtype type = tensor_of(a).dtype(); differentiable(type)) {
    PyErr_SetString(PyExc_TypeError, "~ (operator.invert) is only implemented on integer and Boolean-type tensors");
    return nullptr;
  }
  return unary<&Operators::bitwise_not>(a);
}

PyObject* compare(PyObject* a, PyObject* b, int op) {
  if ((op == Py_EQ || op == Py_NE) && !is_tensor(b) && is_numpy_array(b)) return compare_array(a, b, op);
  switch (op) {
    case Py_LT: return binary<&Operators::lt>(a, b);
    case Py_LE: return binary<&Operators::le>(a, b);
    case Py_GT: return binary<&Operators::gt>(a, b);
    case Py_GE: return binary<&Operators::ge>(a, b);
    case Py_EQ: return binary<&Operators::eq>(a, b);
    default: return binary<&Operators::ne>(a, b);
  }
}

PyObject* subscript(PyObject* o, PyObject* index) {
  PyTypeObject* type = kept_subclass(o);
  if (has_batched(index)) return ask_for_item("__getitem__", batched_type, o, index, nullptr);
  if (!type) return get_item(o, index);
  if (answers_for_items(type)) return ask_for_item("__getitem__", type, o, index, nullptr);
  PyObject* part = get_item(o, index);
  return part ? as_subclass(type, part) : nullptr;
}

int assign(PyObject* o, PyObject* index, PyObject* value) {
  PyTypeObject* type = has_batched(index) ? batched_type : kept_subclass(o);
  if (value && is_tensor(value) && !(type && answers_for_items(type))) type = kept_subclass(value);
  if (!value || !type || !answers_for_items(type)) return set_item(o, index, value);
  return Ref(ask_for_item("__setitem__", type, o, index, value)) ? 0 : -1;
}

// id(o), as in PyTorch.
Py_hash_t hash(PyObject* o) { return reinterpret_cast<Py_hash_t>(o); }

Py_ssize_t length(PyObject* o) {
  const Tensor& t = tensor_of(o);
  if (t.dim() == 0) {
    PyErr_SetString(PyExc_TypeError, "len() of a 0-d tensor");
    return -1;
  }
  return t.size(0);
}

template <class F>
void add(std::vector<PyType_Slot>& slots, int id, F f) { slots.push_back({id, reinterpret_cast<void*>(f)}); }

}  // namespace

void add_tensor_slots(std::vector<PyType_Slot>& s) {
  using O = Operators;
  add(s, Py_nb_add, binary<&O::add, &O::add, true>);
  add(s, Py_nb_subtract, binary<&O::sub, &O::rsub>);
  add(s, Py_nb_multiply, binary<&O::mul, &O::mul, true>);
  add(s, Py_nb_true_divide, binary<&O::div, &O::rdiv>);
  add(s, Py_nb_floor_divide, binary<&O::floor_divide>);
  add(s, Py_nb_remainder, binary<&O::remainder>);
  add(s, Py_nb_power, power);
  add(s, Py_nb_matrix_multiply, matrix_product);
  add(s, Py_nb_and, binary<&O::bitwise_and>);
  add(s, Py_nb_or, binary<&O::bitwise_or>);
  add(s, Py_nb_xor, binary<&O::bitwise_xor>);
  add(s, Py_nb_lshift, binary<&O::lshift>);
  add(s, Py_nb_rshift, binary<&O::rshift>);
  add(s, Py_nb_negative, unary<&O::neg>);
  add(s, Py_nb_positive, unary<&O::positive>);
  add(s, Py_nb_absolute, unary<&O::abs>);
  add(s, Py_nb_invert, invert);
  add(s, Py_nb_inplace_add, inplace<&O::add_>);
  add(s, Py_nb_inplace_subtract, inplace<&O::sub_>);
  add(s, Py_nb_inplace_multiply, inplace<&O::mul_>);
  add(s, Py_nb_inplace_true_divide, inplace<&O::div_>);
  add(s, Py_nb_inplace_floor_divide, inplace<&O::floor_divide_>);
  add(s, Py_nb_inplace_remainder, inplace<&O::remainder_>);
  add(s, Py_nb_inplace_power, inplace_power);
  add(s, Py_nb_inplace_and, inplace<&O::bitwise_and_>);
  add(s, Py_nb_inplace_or, inplace<&O::bitwise_or_>);
  add(s, Py_nb_inplace_xor, inplace<&O::bitwise_xor_>);
  add(s, Py_nb_inplace_lshift, inplace<&O::lshift_>);
  add(s, Py_nb_inplace_rshift, inplace<&O::rshift_>);
  add(s, Py_nb_bool, tensor_bool);
  add(s, Py_nb_int, tensor_int);
  add(s, Py_nb_float, tensor_float);
  add(s, Py_nb_index, tensor_index);
  add(s, Py_tp_richcompare, compare);
  add(s, Py_tp_hash, hash);
  add(s, Py_mp_length, length);
  add(s, Py_mp_subscript, subscript);
  add(s, Py_mp_ass_subscript, assign);
  add(s, Py_tp_iter, iterate);
  add(s, Py_tp_new, new_tensor_object);
}

void init_slots() {
  const struct { const char* name; const Group* Operators::*op; } kNames[] = {
      {"rsub", &Operators::rsub}, {"_rdiv", &Operators::rdiv}, {"add", &Operators::add}, {"sub", &Operators::sub}, {"mul", &Operators::mul}, {"div", &Operators::div},
      {"floor_divide", &Operators::floor_divide}, {"remainder", &Operators::remainder}, {"pow", &Operators::pow},
      {"matmul", &Operators::matmul}, {"neg", &Operators::neg}, {"positive", &Operators::positive}, {"abs", &Operators::abs},
      {"bitwise_not", &Operators::bitwise_not}, {"bitwise_and", &Operators::bitwise_and}, {"bitwise_or", &Operators::bitwise_or},
      {"bitwise_xor", &Operators::bitwise_xor}, {"bitwise_left_shift", &Operators::lshift}, {"bitwise_right_shift", &Operators::rshift},
      {"lt", &Operators::lt}, {"le", &Operators::le}, {"gt", &Operators::gt}, {"ge", &Operators::ge}, {"eq", &Operators::eq}, {"ne", &Operators::ne},
      {"add_", &Operators::add_}, {"sub_", &Operators::sub_}, {"mul_", &Operators::mul_}, {"div_", &Operators::div_},
      {"floor_divide_", &Operators::floor_divide_}, {"remainder_", &Operators::remainder_}, {"pow_", &Operators::pow_},
      {"bitwise_and_", &Operators::bitwise_and_}, {"bitwise_or_", &Operators::bitwise_or_}, {"bitwise_xor_", &Operators::bitwise_xor_},
      {"bitwise_left_shift_", &Operators::lshift_}, {"bitwise_right_shift_", &Operators::rshift_}};
  for (const auto& [name, op] : kNames) ops.*op = &find_group(name);
}

}  // namespace st

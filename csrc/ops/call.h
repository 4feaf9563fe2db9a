// Ops that are not elementwise: calling them, recording them, and registering their records.
//
// Note [A record with a body]
// struct Trace {
//   static constexpr OpInfo info{.sig = "trace(Tensor input) -> Tensor", .doc = "..."};
//   static Tensor fwd(const Tensor& x);                   // may call kernels, or other ops; is not recorded itself
//   static void vjp(Grads& d, const Tensor& x) {          // the same arguments again
//     d.set(0, ...d.g()...);                              // made of ops, so that it can be differentiated again
//   }
// };
// With several tensor arguments, vjp asks d.needs(i) before it works for one of them.
// A tensor argument that no wanted gradient's `saves` names comes back to vjp as sizes and dtype without memory. A record without vjp
// is a Composite, made of recorded ops, or its results need no gradient. One whose result shares its argument's memory is a ViewOp.
#pragma once
#include <memory>
#include <tuple>
#include <utility>

#include "ops/inplace.h"
#include "ops/row.h"

namespace st {

// What vjp sees: the gradients of the outputs, the saved output, and where the gradients of the inputs go.
class Grads {
 public:
  Grads(BackwardCall& call, int output_slot) : call_(call), output_slot_(output_slot) {}
  bool needs(int i) const { return call_.needs(i); }
  bool defined(int o = 0) const { return call_.grads[o].defined(); }
  // Zeros where nothing has arrived.
  const Tensor& g(int o = 0) const {
    if (!call_.grads[o].defined()) {
      const OutputMeta& m = call_.node.outputs[o];
      call_.grads[o] = zeros(m.sizes(), m.dtype);
    }
    return call_.grads[o];
  }
  // Needs `saves` Y, or Y1 where o > 0.
  Tensor y(int o = 0) const {
    const bool graph = call_.create_graph && differentiable(call_.node.outputs[o].dtype);
    Tensor t = unpack(&call_.node, output_slot_ + o, graph);
    if (graph) t->output_nr = static_cast<uint32_t>(o);
    return t;
  }
  void set(int i, Tensor t) { call_.results[i] = std::move(t); }
  bool create_graph() const { return call_.create_graph; }
  int inputs() const { return call_.node.n_edges; }

 private:
  BackwardCall& call_;
  int output_slot_;
};

struct Composite {};
struct ViewOp {};
template <class Op> inline constexpr bool is_composite = std::is_base_of_v<Composite, Op>;
template <class Op> inline constexpr bool is_view_op = std::is_base_of_v<ViewOp, Op>;

namespace detail {

template <class T> using Plain = std::remove_cvref_t<T>;

// How an argument is kept in a node: numbers as they are, tensors as a slot of the node or as sizes.
template <class T>
struct Kept {
  T value;
  template <class Saver> void keep(const T& v, Saver&) { value = v; }
  template <class Loader> const T& load(Loader&) const { return value; }
};
struct KeptTensor {
  int16_t slot = -1;
  bool defined = false;
  Dtype dtype = Dtype::Float32;
  Dims sizes;
};
template <>
struct Kept<Tensor> {
  KeptTensor t;
  template <class Saver> void keep(const Tensor& v, Saver& s) { s.keep(t, v, s.next++); }
  template <class Loader> Tensor load(Loader& l) const { return l.load(t); }
};
template <>
struct Kept<Tensors> {
  std::vector<KeptTensor> list;
  template <class Saver> void keep(const Tensors& v, Saver& s) {
    const int a = s.next++;
    list.resize(v.size());
    for (size_t i = 0; i < v.size(); ++i) s.keep(list[i], v[i], a);
  }
  template <class Loader> Tensors load(Loader& l) const {
    Tensors out;
    for (const KeptTensor& t : list) out.push_back(l.load(t));
    return out;
  }
};

template <class... A>
struct Arguments {
  std::tuple<Kept<A>...> kept;
  template <class Saver> explicit Arguments(Saver& s, const A&... a) {
    std::apply([&](auto&... k) { (k.keep(a, s), ...); }, kept);
  }
};

// Connects a node's edges to the tensor arguments, in order, and saves those that the wanted gradients read.
struct Saver {
  Node* node;
  uint8_t saves;
  bool replace_first;  // argument 0 was written: keep `first` in its place
  const Tensor* first;
  int next = 0, slot = 0;
  void keep(KeptTensor& k, const Tensor& given, int a) {
    const Tensor& t = a == 0 && replace_first ? *first : given;
    if (!t.defined()) return;
    k.defined = true;
    k.dtype = t.dtype();
    if (saves >> (a < 3 ? a : 3) & 1) {
      k.slot = static_cast<int16_t>(slot);
      save_input(node, slot++, t);
    } else {
      new (&k.sizes) Dims(t.sizes());  // fresh: nothing to free
    }
  }
};
struct Loader {
  const Node& node;
  bool graph;
  Tensor load(const KeptTensor& k) const {
    if (!k.defined) return {};
    return k.slot >= 0 ? unpack(&node, k.slot, graph) : meta(k.sizes, k.dtype);
  }
};

template <class F> inline void each_tensor(const Tensor& t, F&& f) { f(t); }
template <class F> inline void each_tensor(const Tensors& l, F&& f) { for (const Tensor& t : l) f(t); }
template <class T, class F> inline void each_tensor(const T&, F&&) {}

// f(tensor, its number among the node's inputs, the number of its argument); OpInfo::saves counts arguments, in which a list is one.
template <class F, class... A>
inline void number_tensors(F&& f, const A&... args) {
  int i = 0, a = 0;
  ([&] {
    each_tensor(args, [&](const Tensor& t) { f(t, i++, a); });
    a += std::is_same_v<A, Tensor> || std::is_same_v<A, Tensors>;
  }(), ...);
}

template <class F> inline void each_output(const Tensor& t, F&& f) { f(t); }
template <class F> inline void each_output(const Tensors& l, F&& f) { for (const Tensor& t : l) f(t); }
template <class... T, class F> inline void each_output(const std::tuple<T...>& l, F&& f) { std::apply([&](const auto&... t) { (f(t), ...); }, l); }
template <class T, class F> inline void each_output(const T&, F&&) {}

template <class Op, class... A>
void typed_backward(BackwardCall& call) {
  bool any = false;
  for (int o = 0; o < call.node.n_outputs; ++o) any |= call.grads[o].defined();
  if (!any) return;
  const auto& args = *static_cast<Arguments<A...>*>(call.node.attributes);
  Loader loader{call.node, call.create_graph};
  Grads d(call, call.node.n_saved - call.node.output_slots() - static_cast<int>(call.node.params[1]));
  std::apply([&](const auto&... k) { Op::vjp(d, k.load(loader)...); }, args.kept);
}

template <class... A>
void destroy_arguments(void* p) {
  using T = Arguments<A...>;
  static_cast<T*>(p)->~T();
  release_bytes(p, sizeof(T));
}

template <class Op, class Out, class... A>
void record(const Out& out, const Tensor* first, const A&... args) {
  const Row& row = RowOf<Op>::row;
  int n_inputs = 0, n_outputs = 0;
  (each_tensor(args, [&](const Tensor&) { ++n_inputs; }), ...);
  each_output(out, [&](const Tensor&) { ++n_outputs; });
  uint8_t saves = 0;
  auto want = [&](const Tensor& given, int i, int a) {
    const Tensor& t = i == 0 && first ? *first : given;
    if (t.defined() && t.requires_grad()) saves |= row.info.saves[a < 5 ? a : 5];
  };
  number_tensors(want, args...);
  int slots = 0;
  number_tensors([&](const Tensor& t, int, int a) { slots += t.defined() && (saves >> (a < 3 ? a : 3) & 1); }, args...);
  const int first_output = saves & Y ? 0 : 1;
  const int output_slots = saves & (Y | Y1) ? n_outputs - first_output : 0;
  Node* node = make_node(&row, n_inputs, n_outputs, slots + output_slots);
  node->params[0] = output_slots;
  node->params[1] = first_output;
  number_tensors([&](const Tensor& t, int i, int) { connect(node, i, i == 0 && first ? *first : t); }, args...);
  Saver saver{node, saves, first != nullptr, first};
  void* memory = allocate_bytes(sizeof(Arguments<A...>));
  node->attributes = new (memory) Arguments<A...>(saver, args...);
  finish(node);
  int o = 0;
  each_output(out, [&](const Tensor& y) {
    if (output_slots && o >= first_output) save_output(node, slots + o - first_output, y, o);
    if (!first) {
      if (differentiable(y.dtype())) set_output(node, o, y);
      else set_output_meta(node, o, y);
    }
    ++o;
  });
  if (!first) release(node);
  else if constexpr (std::is_same_v<Out, Tensor>) rebase(out, node);
}

}  // namespace detail

namespace detail {
template <class Op, class F> struct Signed;
}  // namespace detail

// Runs an op on its C++ arguments, and records it where a gradient may be asked for.
template <class Op, class... A>
auto call_op(const A&... args) {
  static_assert(std::is_same_v<std::tuple<A...>, typename detail::Signed<Op, decltype(&Op::fwd)>::Parameters>,
                "an argument is not of the type that fwd states: what is recorded would be read back as another");
  if constexpr (is_composite<Op>) {
    return Op::fwd(args...);
  } else {
    ThreadState& state = thread_state();
    bool needs = false;
    (detail::each_tensor(args, [&](const Tensor& t) { needs |= t.defined() && t.requires_grad(); }), ...);
    if constexpr (requires { &Op::vjp; }) {
      if (needs && state.grad_enabled) {
        state.grad_enabled = false;
        struct Restore { ThreadState& s; ~Restore() { s.grad_enabled = true; } } restore{state};
        auto out = Op::fwd(args...);
        detail::record<Op>(out, nullptr, args...);
        return out;
      }
    }
    auto out = Op::fwd(args...);
    if constexpr (is_view_op<Op>) {
      if (needs && !state.grad_enabled) detail::each_output(out, [](const Tensor& y) { y->set(kNoGradView, true); });
    }
    return out;
  }
}

// name_(self, ...): the op's result replaces self's elements. A record with `inplace(self, ...)` writes them itself; a composite has to.
template <class Op, class... A>
Tensor call_op_inplace(const Tensor& self, const A&... args) {
  if constexpr (is_composite<Op>) {
    Op::inplace(self, args...);  // made of ops that are recorded themselves
    return self;
  }
  bool needs = self.requires_grad();
  (detail::each_tensor(args, [&](const Tensor& t) { needs |= t.defined() && t.requires_grad(); }), ...);
  const bool recorded = needs && grad_enabled() && differentiable(self.dtype());
  check_inplace(self, recorded);
  const Tensor before = recorded ? before_write(self, RowOf<Op>::row.info.saves[0]) : self;
  {
    GradMode off(false);
    if constexpr (requires { Op::inplace(self, args...); }) {
      Op::inplace(self, args...);
    } else {
      const Tensor y = Op::fwd(self, args...);
      if (!same_shape(y, self)) runtime_error(RowOf<Op>::row.name(), "_: output with shape ", self.sizes(), " doesn't match the result's shape ", y.sizes());
      if (!can_cast(y.dtype(), self.dtype())) {
        runtime_error("result type ", info(y.dtype()).scalar_type, " can't be cast to the desired output type ", info(self.dtype()).scalar_type);
      }
      copy_elements(self, y);
    }
  }
  self.bump();
  if constexpr (requires { &Op::vjp; }) {
    if (recorded) detail::record<Op>(self, &before, self, args...);
  }
  return self;
}

namespace detail {

template <class Op, class R, class... A>
struct Signed<Op, R (*)(A...)> {
  using Parameters = std::tuple<Plain<A>...>;
  static constexpr int kCount = sizeof...(A);
  static constexpr bool kOneTensor = std::is_same_v<R, Tensor>;
  template <size_t... I>
  static R run_on(const Argument* a, std::index_sequence<I...>) { return call_op<Op, Plain<A>...>(Unpack<Plain<A>>::from(a[I])...); }
  static Tensor run(const Row&, const Argument* a) requires kOneTensor { return run_on(a, std::index_sequence_for<A...>{}); }
  static Value run_to_value(const Row&, const Argument* a) { return to_value(run_on(a, std::index_sequence_for<A...>{})); }
  template <size_t... I>
  static void run_inplace_on(const Argument* a, std::index_sequence<I...>) {
    using T = std::tuple<Plain<A>...>;
    call_op_inplace<Op, std::tuple_element_t<I + 1, T>...>(Unpack<Tensor>::from(a[0]), Unpack<std::tuple_element_t<I + 1, T>>::from(a[I + 1])...);
  }
  static void run_inplace(const Row&, const Argument* a) { run_inplace_on(a, std::make_index_sequence<kCount - 1>{}); }
  static NodeType node_type() {
    if constexpr (requires { &Op::vjp; }) return {nullptr, typed_backward<Op, Plain<A>...>, destroy_arguments<Plain<A>...>};
    else return {nullptr, nullptr, nullptr};
  }
};

template <class Op>
void fill_typed_row(Row& row) {
  using S = Signed<Op, decltype(&Op::fwd)>;
  static_cast<NodeType&>(row) = S::node_type();
  row.info = Op::info;
  row.differentiable = row.backward != nullptr || is_composite<Op>;
  if constexpr (S::kOneTensor) row.run = S::run;
  else row.run_to_value = S::run_to_value;
  if constexpr (Op::info.where & (kInplace | kOnlyInplace)) row.run_inplace = S::run_inplace;
  complete(row, S::kCount);
}

}  // namespace detail

// At the end of a file of records: static const Register<Sum, Mean> registered;
template <class... Ops>
struct Register {
  Register() { (detail::fill_typed_row<Ops>(RowOf<Ops>::row), ...); }
};

}  // namespace st

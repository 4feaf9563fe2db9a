// What an op's record says of itself, for elementwise ops and all others. Seen by the lane units too: no Tensor, no library here.
#pragma once
#include <cstdint>

namespace st {

// How an elementwise op treats element types.
enum class Kind : uint8_t {
  Same,       // computes in the promoted type and returns it
  Float,      // integers become the default float type
  FloatOnly,  // integers are refused
  Compare,    // computes in the promoted type, returns bool
  Bits,       // integers and bool only
};

// What bool tensors are to an op of the kinds that take integers.
enum class Bools : uint8_t { Plain, Refused, AsInt64 };

// What torch.autocast does to the tensors of a call: casts them to its own type, to float32, or to the widest type among them.
enum class Autocast : uint8_t { None, Lower, Float32, Promote };

// What vjp<I> reads besides the gradient: bits for OpInfo::saves[I].
enum Saves : uint8_t { X0 = 1, X1 = 2, X2 = 4, X3 = 8, Y = 16, Y1 = 32 };  // Y1: the outputs from the second on, such as indices

// Where Python finds the op.
enum Where : uint16_t {
  kFunction = 1,    // torch.name
  kMethod = 2,      // Tensor.name
  kInplace = 4,     // Tensor.name_ (and torch.name_ beside a function)
  kMethodInplace = 4 | 256,  // Tensor.name_, but no torch.name_
  kNN = 8,          // torch.nn.functional.name
  kLinalg = 16,     // torch.linalg.name; the part of the op's name after "linalg_"
  kSpecial = 32,    // torch.special.name, likewise
  kRandom = 64,     // draws from a generator: never fused or replayed from a cache
  kOnlyInplace = 128,  // exists as Tensor.name_ alone; the signature is written without the underscore
};

// What out= may be.
//
// Note [out=]
// An elementwise op casts its result to the dtype of out, any other op wants out to have the result's dtype: as PyTorch has it, with
// exceptions that it owes to how its kernels came to be. An op that casts all the same says kOutCasts; one that reads its inputs again
// after it has begun to write, so that out must share no memory with them, kOutApart.
enum OutRule : uint8_t { kOutCasts = 1, kOutApart = 2 };

struct OpInfo {
  const char* sig;  // name(Tensor input, ...) -> Tensor
  Autocast autocast = Autocast::None;
  const char* doc = nullptr;
  Kind kind = Kind::Same;
  uint8_t saves[6] = {};      // per tensor argument (a list is one): what its gradient needs
  uint8_t grads = 0xff;       // bit I: input I has a derivative; comparisons have none anyway
  uint8_t refused = 0;        // bit I: asking for the gradient of input I is an error, as nobody has stated it
  uint8_t passes = 0;         // bit I: the gradient of input I is the output's gradient itself
  uint16_t where = kFunction | kMethod;
  const char* grad_name = nullptr;  // when it is not Name + "Backward0"
  const char* no_bool = nullptr;    // why bool tensors are refused
  Bools bools = Bools::Plain;
  const char* kernel = nullptr;     // how PyTorch's messages name its kernel, when it is not name + "_cpu"
  bool zero_check = false;          // integers: refuses a zero in input 1
  bool undifferentiable = false;    // recorded, but asking for the gradient is an error
  bool numbers = false;             // numbers alone are taken too, as 0-d tensors
  bool alpha = false;               // its number multiplies an operand: the result's dtype has to hold numbers of its kind
  bool complex = false;             // takes complex tensors: forward and derivative are the same formulas for them
  bool selector = false;            // input 0 is a condition: it takes no part in type promotion
  uint8_t out = 0;                  // bits of OutRule
  const char* older[2] = {};        // the signature in orders of arguments that PyTorch has deprecated and still takes
};

// A record derives from this; it has `info`, `fwd` over N values and P numbers, and vjp<I>(g, x..., y, p...) for the inputs that
// have a derivative. A value that saves[I] does not name is an Absent.
template <int N, int P = 0>
struct Elementwise {
  static constexpr int kInputs = N, kParams = P;
};
struct Absent {};

// The same op with another `info`: another name in Python, or other texts. It shares the tiles.
template <class Op>
struct Alias : Op {
  using Body = Op;
};
constexpr OpInfo renamed(OpInfo info, const char* sig, const char* grad_name = nullptr) {
  info.sig = sig;
  for (const char*& text : info.older) text = nullptr;
  if (grad_name) info.grad_name = grad_name;
  return info;
}

template <class... Ops>
struct Family {};

namespace lane {
template <class T> inline constexpr bool kIsLane = __is_same(T, float) || __is_same(T, double);
}

// The op as a function: over lanes it is its own body, over tensors a recorded call (found where tensors are known).
template <class Op>
struct Fn {
  template <class... A>
  auto operator()(const A&... a) const {
    if constexpr (requires { tensor_call<Op>(a...); }) return tensor_call<Op>(a...);
    else return Op::fwd(a...);
  }
};

// A zero like g, over lanes and tensors alike.
inline constexpr struct {
  template <class G>
  auto operator()(const G& g) const {
    if constexpr (requires { tensor_zero(g); }) return tensor_zero(g);
    else return G(0.0);
  }
} zero;

// The real part of x, over lanes and tensors alike.
inline constexpr struct {
  template <class X>
  auto operator()(const X& x) const {
    if constexpr (requires { tensor_real(x); }) return tensor_real(x);
    else return x;
  }
} real;

}  // namespace st

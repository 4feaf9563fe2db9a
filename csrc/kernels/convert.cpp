// One loop a pair of element types, specialised for contiguous runs and repeated elements.
#include "kernels/convert.h"

#include <algorithm>
#include <cstring>

#include "kernels/choice.h"
#include "kernels/convert_table.h"
#include "kernels/reverse.h"

namespace st {

#define X(isa)                              \
  namespace isa {                           \
  extern const ConvertTable kConvertTable;  \
  }
STEEPEST_ISAS
#undef X

namespace {

const ConvertTable& table() {
  static constexpr const ConvertTable* kTables[] = {
#define X(isa) &isa::kConvertTable,
      STEEPEST_ISAS
#undef X
  };
  static const ConvertTable& chosen = *kTables[chosen_isa()];
  return chosen;
}

template <class T> inline constexpr bool kComplex = false;
template <class T> inline constexpr bool kComplex<std::complex<T>> = true;

// Floats out of an integer's range become what PyTorch's casts make of them: narrow types go through a wider integer.
template <class To, class From>
inline To cast(From v) {
  if constexpr (std::is_same_v<To, From>) return v;
  else if constexpr (kComplex<From>) {
    if constexpr (kComplex<To>) return To(v);
    else if constexpr (std::is_same_v<To, bool>) return v != From(0);
    else return cast<To>(v.real());
  } else if constexpr (kComplex<To>) return To(cast<typename To::value_type>(v));
  else if constexpr (std::is_same_v<To, bool>) {
    if constexpr (std::is_integral_v<From>) return v != 0;
    else return static_cast<double>(v) != 0;
  } else if constexpr (std::is_same_v<From, Half> || std::is_same_v<From, BFloat16>) return cast<To>(static_cast<float>(v));
#if defined(__x86_64__)
  // (Of a float that an int32 cannot hold, an int64's last byte is 0, as is that of what the processor makes of it.)
  else if constexpr (std::is_same_v<From, float> && std::is_same_v<To, uint8_t>) return static_cast<To>(static_cast<int32_t>(v));
#endif
  else if constexpr (std::is_floating_point_v<From> && std::is_same_v<To, uint8_t>) return static_cast<To>(static_cast<int64_t>(v));
  else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To> && sizeof(To) < 4) return static_cast<To>(static_cast<int32_t>(v));
  else return static_cast<To>(v);
}

// f(i) for i < n; blocks of a length that the compiler knows become registers.
template <class F>
__attribute__((always_inline)) inline void each(int64_t n, F f) {
  constexpr int64_t kBlock = 16;
  int64_t i = 0;
  for (; i + kBlock <= n; i += kBlock) for (int64_t k = 0; k < kBlock; ++k) f(i + k);
  for (; i < n; ++i) f(i);
}

template <class T>
__attribute__((noinline)) void repeat(T* to, T v, int64_t n) {
  constexpr int64_t kFirst = 128;
  each(std::min(n, kFirst), [=](int64_t i) __attribute__((always_inline)) { to[i] = v; });
  // What is there is copied behind itself, by the widest registers of the machine.
  for (int64_t done = kFirst; done < n; done *= 2) std::memcpy(to + done, to, static_cast<size_t>(std::min(done, n - done)) * sizeof(T));
}

template <class To, class From>
__attribute__((no_sanitize("float-cast-overflow")))
void run(char* dst, int64_t dst_stride, const char* src, int64_t src_stride, int64_t n) {
  if (dst_stride == sizeof(To) && src_stride == sizeof(From)) {
    auto* __restrict d = reinterpret_cast<To*>(dst);
    auto* __restrict s = reinterpret_cast<const From*>(src);
    if constexpr (std::is_same_v<From, Half> && std::is_same_v<To, float>) return table().half_to_float(&s->bits, d, n);
    else if constexpr (std::is_same_v<From, BFloat16> && std::is_same_v<To, float>) return table().bfloat_to_float(&s->bits, d, n);
    else if constexpr (std::is_same_v<From, float> && std::is_same_v<To, Half>) return table().float_to_half(s, &d->bits, n);
    else if constexpr (std::is_same_v<From, float> && std::is_same_v<To, BFloat16>) return table().float_to_bfloat(s, &d->bits, n);
    else if constexpr (std::is_same_v<From, float> && std::is_same_v<To, double>) return table().float_to_double(s, d, n);
    else if constexpr (std::is_same_v<From, double> && std::is_same_v<To, float>) return table().double_to_float(s, d, n);
    else each(n, [=](int64_t i) __attribute__((always_inline)) { d[i] = cast<To>(s[i]); });
  } else if (src_stride == 0) {
    const To v = cast<To>(*reinterpret_cast<const From*>(src));
    if (dst_stride == sizeof(To)) {
      return repeat(reinterpret_cast<To*>(dst), v, n);
    }
    for (int64_t i = 0; i < n; ++i) *reinterpret_cast<To*>(dst + i * dst_stride) = v;
  } else if (std::is_same_v<To, From> && dst_stride == sizeof(To) && src_stride == 2 * sizeof(From)) {  // every other element
    auto* __restrict d = reinterpret_cast<To*>(dst);
    auto* __restrict s = reinterpret_cast<const From*>(src);
    each(n - 1, [=](int64_t i) __attribute__((always_inline)) { d[i] = cast<To>(s[2 * i]); });  // blocks read what is between
    d[n - 1] = cast<To>(s[2 * n - 2]);
  } else {
    for (int64_t i = 0; i < n; ++i) *reinterpret_cast<To*>(dst + i * dst_stride) = cast<To>(*reinterpret_cast<const From*>(src + i * src_stride));
  }
}

}  // namespace

void convert(char* dst, Dtype dst_type, int64_t dst_stride, const char* src, Dtype src_type, int64_t src_stride, int64_t n) {
  if (n <= 0) return;
  const int64_t size = item_size(dst_type);
  if (dst_type == src_type && dst_stride == size && src_stride == size) {
    std::memmove(dst, src, static_cast<size_t>(n * size));
    return;
  }
  if (dst_type == src_type && dst_stride == size && src_stride == -size) return copy_reversed(dst, src, size, n);
  visit(dst_type, [&]<class To>() { visit(src_type, [&]<class From>() { run<To, From>(dst, dst_stride, src, src_stride, n); }); });
}

}  // namespace st

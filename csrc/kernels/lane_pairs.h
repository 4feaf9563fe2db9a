// Two registers of neighbours in memory as one of the even and one of the odd places, back, and lanes in reverse.
#pragma once
#include "kernels/lane_part.h"

namespace st::STEEPEST_ISA {
namespace {

// What makes one register of two by a list of places, in which those of the second follow those of the first.
template <int... kPlaces, class T>
STEEPEST_LANE Simd<T> shuffled(Simd<T> a, Simd<T> b) {
#if defined(__clang__)
  return Simd<T>(__builtin_shufflevector(a.v, b.v, kPlaces...));
#else
  return Simd<T>(__builtin_shuffle(a.v, b.v, typename Simd<T>::Int{kPlaces...}));
#endif
}

template <int... kPlaces>
struct Places {};
template <int kCount, int... kPlaces>
struct FirstPlaces : FirstPlaces<kCount - 1, kCount - 1, kPlaces...> {};
template <int... kPlaces>
struct FirstPlaces<0, kPlaces...> {
  using type = Places<kPlaces...>;
};

template <int kFirst, class T, int... I>
STEEPEST_LANE Simd<T> every_second(Simd<T> a, Simd<T> b, Places<I...>) {
  return shuffled<(2 * I + kFirst)...>(a, b);
}
template <int kFirst, class T, int... I>
STEEPEST_LANE Simd<T> by_turns(Simd<T> a, Simd<T> b, Places<I...>) {
  return shuffled<(kFirst + I / 2 + I % 2 * kWidth<T>)...>(a, b);
}
template <class T, int... I>
STEEPEST_LANE Simd<T> reversed(Simd<T> a, Places<I...>) {
  return shuffled<(kWidth<T> - 1 - I)...>(a, a);
}

// Elements kFirst, kFirst + 2, ... of two registers side by side.
template <int kFirst, class T>
STEEPEST_LANE Simd<T> every_second(Simd<T> a, Simd<T> b) {
  return every_second<kFirst>(a, b, typename FirstPlaces<kWidth<T>>::type{});
}
// Two registers taken in turns, from lane kFirst on: their low halves for 0, their high halves for half the width.
template <int kFirst, class T>
STEEPEST_LANE Simd<T> by_turns(Simd<T> a, Simd<T> b) {
  return by_turns<kFirst>(a, b, typename FirstPlaces<kWidth<T>>::type{});
}
template <class T>
STEEPEST_LANE Simd<T> reversed(Simd<T> a) {
  return reversed(a, typename FirstPlaces<kWidth<T>>::type{});
}

}  // namespace
}  // namespace st::STEEPEST_ISA

// Complex numbers in op bodies: one at a time, with the C library's functions of them.
#pragma once

#include "lane_scalar.h"

namespace st::lane {
inline namespace STEEPEST_ISA {

// What the C library takes.
template <Float T> struct NativeComplex { using type = __complex__ float; };
template <> struct NativeComplex<double> { using type = __complex__ double; };

template <Float T>
struct Complex {
  T re = 0, im = 0;
  using Native = typename NativeComplex<T>::type;
  Complex() = default;
  STEEPEST_LANE Complex(T re, T im = 0) : re(re), im(im) {}
  STEEPEST_LANE explicit Complex(Native x) : re(__real__ x), im(__imag__ x) {}
  STEEPEST_LANE Native native() const {
    Native x;
    __real__ x = re;
    __imag__ x = im;
    return x;
  }

  STEEPEST_LANE friend Complex operator+(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
  STEEPEST_LANE friend Complex operator-(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }
  STEEPEST_LANE friend Complex operator-(Complex a) { return {-a.re, -a.im}; }
  STEEPEST_LANE friend Complex operator*(Complex a, Complex b) { return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}; }
  // By the larger part of the divisor, so that its square neither overflows nor vanishes.
  STEEPEST_LANE friend Complex operator/(Complex a, Complex b) {
    const bool wide = __builtin_fabs(b.re) >= __builtin_fabs(b.im);
    const T large = wide ? b.re : b.im, small = wide ? b.im : b.re;
    if (large == 0) return {a.re / large, a.im / large};
    const T ratio = small / large, scale = 1 / (large + small * ratio);
    if (wide) return {(a.re + a.im * ratio) * scale, (a.im - a.re * ratio) * scale};
    return {(a.re * ratio + a.im) * scale, (a.im * ratio - a.re) * scale};
  }
  STEEPEST_LANE friend bool operator==(Complex a, Complex b) { return a.re == b.re && a.im == b.im; }
  STEEPEST_LANE friend bool operator!=(Complex a, Complex b) { return !(a == b); }
};

template <class T>
inline constexpr bool kIsComplex = false;
template <Float T>
inline constexpr bool kIsComplex<Complex<T>> = true;
template <class T>
concept Inexact = FloatLane<T> || kIsComplex<T>;

template <Float T>
STEEPEST_LANE Complex<T> where(bool m, Complex<T> a, Complex<T> b) {
  return m ? a : b;
}
template <Float T>
STEEPEST_LANE Complex<T> plus_product(Complex<T> c, Complex<T> a, Complex<T> b) {
  return c + a * b;
}
template <Float T>
STEEPEST_LANE Complex<T> square(Complex<T> x) {
  return x * x;
}
template <Float T>
STEEPEST_LANE Complex<T> reciprocal(Complex<T> x) {
  return Complex<T>(1) / x;
}
template <Float T>
STEEPEST_LANE bool isinf(Complex<T> x) {
  return isinf(x.re) || isinf(x.im);
}
template <Float T>
STEEPEST_LANE bool isfinite(Complex<T> x) {
  return isfinite(x.re) && isfinite(x.im);
}

#define STEEPEST_LANE_COMPLEX(name)                                                                                              \
  STEEPEST_LANE Complex<float> name(Complex<float> x) { return Complex<float>(__builtin_c##name##f(x.native())); }               \
  STEEPEST_LANE Complex<double> name(Complex<double> x) { return Complex<double>(__builtin_c##name(x.native())); }
STEEPEST_LANE_COMPLEX(exp)
STEEPEST_LANE_COMPLEX(log)
STEEPEST_LANE_COMPLEX(sqrt)
STEEPEST_LANE_COMPLEX(sin)
STEEPEST_LANE_COMPLEX(cos)
STEEPEST_LANE_COMPLEX(tan)
STEEPEST_LANE_COMPLEX(asin)
STEEPEST_LANE_COMPLEX(acos)
STEEPEST_LANE_COMPLEX(atan)
STEEPEST_LANE_COMPLEX(sinh)
STEEPEST_LANE_COMPLEX(cosh)
STEEPEST_LANE_COMPLEX(tanh)
STEEPEST_LANE_COMPLEX(asinh)
STEEPEST_LANE_COMPLEX(atanh)
#undef STEEPEST_LANE_COMPLEX

template <Float T>
STEEPEST_LANE Complex<T> exp2(Complex<T> x) {
  return exp(x * Complex<T>(T(0.69314718055994530942)));
}
template <Float T>
STEEPEST_LANE Complex<T> log2(Complex<T> x) {
  return log(x) * Complex<T>(T(1.44269504088896340736));
}
template <Float T>
STEEPEST_LANE Complex<T> log10(Complex<T> x) {
  return log(x) * Complex<T>(T(0.43429448190325182765));
}
template <Float T>
STEEPEST_LANE Complex<T> rsqrt(Complex<T> x) {
  return reciprocal(sqrt(x));
}
template <Float T>
STEEPEST_LANE Complex<T> pow(Complex<T> x, Complex<T> p) {
  if (p == Complex<T>(0)) return T(1);
  if constexpr (sizeof(T) == 4) return Complex<T>(__builtin_cpowf(x.native(), p.native()));
  else return Complex<T>(__builtin_cpow(x.native(), p.native()));
}

}  // namespace STEEPEST_ISA
}  // namespace st::lane

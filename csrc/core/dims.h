// A short list of sizes, strides or axis numbers, without heap for up to six entries.
#pragma once
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <span>

namespace st {

using DimSpan = std::span<const int64_t>;

class Dims {
 public:
  static constexpr int kInline = 6;
  Dims() = default;
  Dims(std::initializer_list<int64_t> v) : Dims(v.begin(), static_cast<int>(v.size())) {}
  Dims(DimSpan v) : Dims(v.data(), static_cast<int>(v.size())) {}
  Dims(const int64_t* v, int n) {
    if (n > kInline) resize(n);
    n_ = n;
    copy(data(), v, n);
  }
  Dims(const Dims& o) : Dims(o.data(), o.n_) {}
  Dims(Dims&& o) noexcept { take(o); }
  Dims& operator=(const Dims& o) { if (this != &o) { Dims copy(o); release(); take(copy); } return *this; }
  Dims& operator=(Dims&& o) noexcept { if (this != &o) { release(); take(o); } return *this; }
  ~Dims() { release(); }
  static Dims filled(int n, int64_t value) { Dims d; d.resize(n); fill(d.data(), n, value); return d; }

  int size() const { return n_; }
  bool empty() const { return n_ == 0; }
  int64_t* data() { return heap_ ? heap_ : inline_; }
  const int64_t* data() const { return heap_ ? heap_ : inline_; }
  int64_t& operator[](int64_t i) { return data()[i]; }
  int64_t operator[](int64_t i) const { return data()[i]; }
  int64_t* begin() { return data(); }
  int64_t* end() { return data() + n_; }
  const int64_t* begin() const { return data(); }
  const int64_t* end() const { return data() + n_; }
  int64_t& back() { return data()[n_ - 1]; }
  int64_t back() const { return data()[n_ - 1]; }
  operator DimSpan() const { return {data(), static_cast<size_t>(n_)}; }

  // New entries are 0.
  void resize(int n) {
    if (n > capacity_) {
      const int capacity = n < 2 * capacity_ ? 2 * capacity_ : n;
      auto* grown = new int64_t[capacity];
      std::memcpy(grown, data(), n_ * sizeof(int64_t));
      delete[] heap_;
      heap_ = grown;
      capacity_ = capacity;
    }
    if (n > n_) fill(data() + n_, n - n_, 0);
    n_ = n;
  }
  void push_back(int64_t v) { resize(n_ + 1); back() = v; }
  void insert(int at, int64_t v) { resize(n_ + 1); for (int i = n_ - 1; i > at; --i) data()[i] = data()[i - 1]; data()[at] = v; }
  void erase(int at) { for (int i = at; i + 1 < n_; ++i) data()[i] = data()[i + 1]; --n_; }
  bool contains(int64_t v) const { for (int64_t e : *this) if (e == v) return true; return false; }

 private:
  // A few words: the empty statements keep compilers from making them string instructions, which cost more to start.
  static void fill(int64_t* to, int n, int64_t value) {
    for (int i = 0; i < n; ++i) {
      to[i] = value;
      asm volatile("");
    }
  }
  static void copy(int64_t* to, const int64_t* from, int n) {
    for (int i = 0; i < n; ++i) {
      to[i] = from[i];
      asm volatile("");
    }
  }
  void release() { delete[] heap_; heap_ = nullptr; capacity_ = kInline; n_ = 0; }
  void take(Dims& o) {
    n_ = o.n_; capacity_ = o.capacity_; heap_ = o.heap_;
    if (!heap_) copy(inline_, o.inline_, n_);
    o.heap_ = nullptr; o.n_ = 0; o.capacity_ = kInline;
  }
  int32_t n_ = 0, capacity_ = kInline;
  int64_t* heap_ = nullptr;
  int64_t inline_[kInline];
};

using OptDims = std::optional<Dims>;

inline bool equal(DimSpan a, DimSpan b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) if (a[i] != b[i]) return false;
  return true;
}
inline bool operator==(const Dims& a, const Dims& b) { return equal(a, b); }

}  // namespace st

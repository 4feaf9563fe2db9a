// A vector whose first N elements need no heap.
#pragma once
#include <cstddef>
#include <new>
#include <utility>

namespace st {

template <class T, size_t N>
class SmallVector {
 public:
  SmallVector() = default;
  SmallVector(const SmallVector&) = delete;
  SmallVector& operator=(const SmallVector&) = delete;
  ~SmallVector() {
    for (size_t i = 0; i < size_; ++i) data_[i].~T();
    if (data_ != inline_data()) ::operator delete(data_);
  }

  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  T& operator[](size_t i) { return data_[i]; }
  T& front() { return data_[0]; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  void push_back(T v) {
    if (size_ == capacity_) grow();
    new (data_ + size_++) T(std::move(v));
  }
  void pop_back() { data_[--size_].~T(); }

 private:
  T* inline_data() { return reinterpret_cast<T*>(inline_); }
  void grow() {
    T* more = static_cast<T*>(::operator new(2 * capacity_ * sizeof(T)));
    for (size_t i = 0; i < size_; ++i) {
      new (more + i) T(std::move(data_[i]));
      data_[i].~T();
    }
    if (data_ != inline_data()) ::operator delete(data_);
    data_ = more;
    capacity_ *= 2;
  }

  size_t size_ = 0, capacity_ = N;
  T* data_ = inline_data();
  alignas(T) unsigned char inline_[N * sizeof(T)];
};

}  // namespace st

// Errors: one exception type that carries which Python exception it becomes.
#pragma once
#include <atomic>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace st {

enum class ErrorKind : uint8_t { Runtime, Value, Type, Index, NotImplemented, Memory, Overflow, ZeroDivision, Assertion, Linalg };

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& text) : std::runtime_error(text), kind(kind) {}
  ErrorKind kind;
};

// Text of the pieces that messages are made of.
inline std::string text(std::string_view s) { return std::string(s); }
inline std::string text(const std::string& s) { return s; }
inline std::string text(const char* s) { return s; }
inline std::string text(char c) { return std::string(1, c); }
inline std::string text(bool b) { return b ? "True" : "False"; }
std::string text(int64_t v);
std::string text(double v);
std::string text(std::span<const int64_t> sizes);  // [2, 3], as PyTorch's messages print shapes
inline std::string text(int v) { return text(int64_t{v}); }
inline std::string text(unsigned v) { return text(int64_t{v}); }
inline std::string text(long long v) { return text(static_cast<int64_t>(v)); }
inline std::string text(size_t v) { return text(static_cast<int64_t>(v)); }

template <class... A>
std::string cat(const A&... parts) {
  std::string out;
  ((out += text(parts)), ...);
  return out;
}

[[noreturn]] void fail(ErrorKind kind, const std::string& message);

// For what is allowed but probably not meant. Whoever embeds the library says where it goes; nowhere until then.
extern void (*warning_hook)(const std::string& message);
void warn(const std::string& message);

// Warns the first time alone, of what a program does again and again; each time while warn_always is set.
extern std::atomic<bool> warn_always;
class WarnOnce {
 public:
  template <class... A>
  void operator()(const A&... parts) {
    if (!said_.exchange(true) || warn_always) warn(cat(parts...));
  }

 private:
  std::atomic<bool> said_ = false;
};

template <class... A>
[[noreturn]] void runtime_error(const A&... parts) { fail(ErrorKind::Runtime, cat(parts...)); }
template <class... A>
[[noreturn]] void value_error(const A&... parts) { fail(ErrorKind::Value, cat(parts...)); }
template <class... A>
[[noreturn]] void type_error(const A&... parts) { fail(ErrorKind::Type, cat(parts...)); }
template <class... A>
[[noreturn]] void index_error(const A&... parts) { fail(ErrorKind::Index, cat(parts...)); }
template <class... A>
[[noreturn]] void not_implemented(const A&... parts) { fail(ErrorKind::NotImplemented, cat(parts...)); }

}  // namespace st

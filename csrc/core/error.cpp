// Text of error messages, kept out of line so that checks stay small where they stand.
#include "core/error.h"

#include <cstdio>

namespace st {

std::string text(int64_t v) { return std::to_string(v); }

std::string text(double v) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%g", v);
  return buffer;
}

std::string text(std::span<const int64_t> sizes) {
  std::string out = "[";
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (i) out += ", ";
    out += std::to_string(sizes[i]);
  }
  return out + "]";
}

void (*warning_hook)(const std::string&) = nullptr;
std::atomic<bool> warn_always = false;

void warn(const std::string& message) {
  if (warning_hook) warning_hook(message);
}

void fail(ErrorKind kind, const std::string& message) { throw Error(kind, message); }

}  // namespace st

// Parsing the signatures of op records.
#include "ops/signature.h"

#include <algorithm>
#include <charconv>

#include "core/error.h"

namespace st {
namespace {

constexpr std::string_view kFactory =
    "dtype? dtype=None, ignored? layout=None, ignored? device=None, ignored? pin_memory=False, ignored? requires_grad=False";

std::string_view trim(std::string_view s) {
  while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
  while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
  return s;
}

std::vector<std::string_view> split_commas(std::string_view s) {
  std::vector<std::string_view> out;
  int depth = 0;
  size_t begin = 0;
  for (size_t i = 0; i <= s.size(); ++i) {
    if (i == s.size() || (s[i] == ',' && depth == 0)) {
      if (const auto part = trim(s.substr(begin, i - begin)); !part.empty()) out.push_back(part);
      begin = i + 1;
    } else if (s[i] == '[' || s[i] == '(') ++depth;
    else if (s[i] == ']' || s[i] == ')') --depth;
  }
  return out;
}

Value parse_default(std::string_view s, ParamType type) {
  if (s == "None") return {};
  if (s == "True" || s == "False") return Scalar(s == "True");
  if (s == "inf") return Scalar(std::numeric_limits<double>::infinity());
  if (s == "long") return Dtype::Int64;
  if (s.front() == '\'') return std::string(s.substr(1, s.size() - 2));
  if (s.front() == '[') {
    Dims d;
    for (const auto part : split_commas(s.substr(1, s.size() - 2))) d.push_back(std::stoll(std::string(part)));
    return d;
  }
  if (type == ParamType::Ints) return Dims{std::stoll(std::string(s))};
  if (s.find_first_of(".e") != std::string_view::npos) return Scalar(std::stod(std::string(s)));
  return Scalar(static_cast<int64_t>(std::stoll(std::string(s))));
}

Param parse_param(std::string_view s, Signature& sig, bool keyword_only) {
  Param p;
  p.keyword_only = keyword_only;
  const size_t space = s.find(' ');
  std::string_view type = s.substr(0, space);
  std::string_view rest = trim(s.substr(space + 1));
  if (type.back() == '?') {
    p.optional = true;
    type.remove_suffix(1);
  }
  if (type.ends_with("...")) {
    sig.varargs = true;
    type.remove_suffix(3);
  }
  if (type.starts_with("int[")) {
    p.type = ParamType::Ints;
    p.broadcast = type.size() > 5;
    if (p.broadcast) std::from_chars(type.data() + 4, type.data() + type.size() - 1, p.length);
  } else {
    static constexpr std::pair<std::string_view, ParamType> kTypes[] = {
        {"Tensor", ParamType::Tensor},       {"Tensor|Scalar", ParamType::TensorOrScalar}, {"Tensor[]", ParamType::Tensors},
        {"Scalar", ParamType::Scalar},       {"int", ParamType::Int},                      {"float", ParamType::Float},
        {"bool", ParamType::Bool},           {"dtype", ParamType::Dtype},                  {"str", ParamType::String},
        {"Generator", ParamType::Generator}, {"ignored", ParamType::Ignored}};
    bool found = false;
    for (const auto& [name, t] : kTypes) {
      if (name == type) {
        p.type = t;
        found = true;
      }
    }
    if (!found) fail(ErrorKind::Runtime, cat("signature of ", sig.name, ": unknown type ", type));
  }
  const size_t eq = rest.find('=');
  p.name = trim(rest.substr(0, eq));
  if (eq != std::string_view::npos) {
    p.required = false;
    p.default_value = parse_default(trim(rest.substr(eq + 1)), p.type);
  }
  return p;
}

// PyTorch's text of a parameter in its error messages, from the one in the signature.
std::string shown(const Param& p, std::string_view written) {
  const size_t eq = written.find('=');
  const std::string start = cat(type_word(p.type), " ", p.name);
  return eq == std::string_view::npos ? start : cat(start, " = ", trim(written.substr(eq + 1)));
}

}  // namespace

const char* type_word(ParamType type) {
  static constexpr const char* kWords[] = {"Tensor", "Tensor",        "tuple of Tensors", "Number", "int",             "float",
                                           "bool",   "tuple of ints", "torch.dtype",      "str",    "torch.Generator", "object"};
  return kWords[static_cast<int>(type)];
}

Signature parse_signature(std::string_view s) {
  Signature sig;
  const size_t open = s.find('('), arrow = s.rfind(" -> ");
  const size_t close = s.rfind(')', arrow);
  sig.name = trim(s.substr(0, open));
  bool keyword_only = false;
  sig.text = "(";
  for (std::string_view part : split_commas(s.substr(open + 1, close - open - 1))) {
    if (part == "*") {
      keyword_only = true;
      sig.text += sig.text.size() > 1 ? ", *" : "*";
      continue;
    }
    if (part == "**factory") {
      for (const auto p : split_commas(kFactory)) sig.params.push_back(parse_param(p, sig, true));
      sig.text += cat(keyword_only ? "" : ", *, Tensor out = None", ", torch.dtype dtype = None, torch.layout layout = None, torch.device device = None",
                      ", bool pin_memory = False, bool requires_grad = False");
      continue;
    }
    sig.params.push_back(parse_param(part, sig, keyword_only));
    sig.text += cat(sig.text.size() > 1 ? ", " : "", shown(sig.params.back(), part));
  }
  sig.text += ")";
  const auto& params = sig.params;
  sig.positional = static_cast<int>(std::find_if(params.begin(), params.end(), [](const Param& p) { return p.keyword_only; }) - params.begin());
  const auto is_list = [](const Param& p) { return p.type == ParamType::Ints || p.type == ParamType::Tensors; };
  sig.list_at = static_cast<int>(std::find_if(params.begin(), params.end(), is_list) - params.begin());
  const std::string_view result = trim(s.substr(arrow + 4));
  sig.returns_list = result == "Tensor[]";
  if (result.front() == '(') {
    sig.returns_tuple = true;
    for (const auto part : split_commas(result.substr(1, result.size() - 2))) {
      if (const size_t space = part.find(' '); space != std::string_view::npos) sig.fields.emplace_back(trim(part.substr(space)));
    }
  }
  return sig;
}

}  // namespace st

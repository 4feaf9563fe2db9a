// The table of all ops.
#include "ops/row.h"

namespace st {

std::vector<Row*>& all_rows() {
  static auto* rows = new std::vector<Row*>;
  return *rows;
}

// log_softmax -> LogSoftmaxBackward0
void complete(Row& row, int arity) {
  row.sig = parse_signature(row.info.sig);
  for (const Param& p : row.sig.params) arity -= p.type != ParamType::Ignored;
  if (arity != 0) runtime_error("the signature of ", row.sig.name, " has other arguments than its function: ", row.info.sig);
  if (row.info.grad_name) {
    row.grad_name = row.info.grad_name;
  } else {
    bool upper = true;
    for (char c : row.sig.name) {
      if (c == '_') upper = true;
      else {
        row.grad_name += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
        upper = false;
      }
    }
    row.grad_name += "Backward0";
  }
  static_cast<NodeType&>(row).name = row.grad_name.c_str();
  all_rows().push_back(&row);
}

bool take_defaults(Row& row, int n_tensors) {
  int i = 0;
  for (const Param& p : row.sig.params) {
    if (i++ < n_tensors) {
      if (p.type != ParamType::Tensor || p.keyword_only) return false;
    } else if (p.type != ParamType::Ignored) {
      if (p.required) return false;
      row.defaults.push_back(p.default_value);
    }
  }
  row.n_tensors = n_tensors;
  return true;
}

}  // namespace st

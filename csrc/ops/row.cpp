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
  row.arity = arity;
  for (const Param& p : row.sig.params) {
    arity -= p.type != ParamType::Ignored;
    row.defaults.push_back(argument_of(p.default_value));
  }
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

}  // namespace st

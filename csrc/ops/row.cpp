// The table of all ops.
#include "ops/row.h"

namespace st {

std::vector<Row*>& all_rows() {
  static auto* rows = new std::vector<Row*>;
  return *rows;
}

namespace {

void add_older(Row& row, const std::string& sig, uint16_t where) {
  Row& older = row.older.emplace_back();
  older.info = row.info;
  older.info.where = where;
  older.sig = parse_signature(sig);
  older.today = &row;
}

void add_older_rows(Row& row) {
  static constexpr std::string_view kInput = "Tensor input, ";
  for (const char* text : row.info.older) {
    if (!text) continue;
    std::string sig = text;
    const size_t at = sig.find(kInput), first = sig.find('(') + 1;
    const bool leads = at == std::string::npos || at == first;  // Tensor|Scalar input
    add_older(row, sig, leads ? row.info.where : static_cast<uint16_t>(kFunction));
    if (leads) continue;
    sig.erase(at, kInput.size()).insert(first, kInput);
    add_older(row, sig, kMethod);
  }
}

}  // namespace

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
  add_older_rows(row);
  all_rows().push_back(&row);
}

}  // namespace st

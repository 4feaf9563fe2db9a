// einsum: reading the equation, and contracting the operands two at a time.
#include <algorithm>
#include <array>

#include "ops/call.h"
#include "ops/product.h"

namespace st {
namespace {

// Labels: A-Z, a-z as 0 to 51 in the order of the alphabet's codes, and the ellipsis.
constexpr int kLetters = 52, kEllipsis = kLetters;
using Labels = std::vector<int>;

int label_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  return c >= 'a' && c <= 'z' ? c - 'a' + 26 : -1;
}
char letter_of(int label) { return static_cast<char>(label < 26 ? 'A' + label : 'a' + label - 26); }

struct Equation {
  std::vector<Labels> inputs;
  Labels output;
  bool has_output = false;

  Equation(const std::string& text, size_t operands) : inputs(operands) {
    const size_t arrow = text.find("->");
    size_t at = 0;
    for (size_t i = 0; i < std::min(arrow, text.size()); ++i) {
      if (text[i] == ',') {
        if (++at == operands) runtime_error("einsum(): fewer operands were provided than specified in the equation");
        continue;
      }
      i += read(text, i, inputs[at], cat("operand ", at));
    }
    if (at + 1 != operands) runtime_error("einsum(): more operands were provided than specified in the equation");
    if (arrow == std::string::npos) return;
    has_output = true;
    for (size_t i = arrow + 2; i < text.size(); ++i) i += read(text, i, output, "output");
  }

 private:
  // Returns how many characters it read beyond one.
  static size_t read(const std::string& text, size_t i, Labels& labels, const std::string& where) {
    if (text[i] == ' ') return 0;
    if (text[i] == '.') {
      if (std::find(labels.begin(), labels.end(), kEllipsis) != labels.end()) {
        runtime_error("einsum(): found '.' for ", where, where == "output" ? " but an ellipsis (...) was already found" : " for which an ellipsis was already found");
      }
      if (text.compare(i, 3, "...") != 0) runtime_error("einsum(): found '.' for ", where, " that is not part of any ellipsis");
      labels.push_back(kEllipsis);
      return 2;
    }
    if (label_of(text[i]) < 0) {
      runtime_error("einsum(): invalid subscript given at index ", i, " in the equation string, subscripts must be in [a-zA-Z]");
    }
    labels.push_back(label_of(text[i]));
    return 0;
  }
};

// Where each label's dimension stands in the order that all operands are brought into: the output's, then those that are summed.
struct Order {
  std::array<int, kLetters + 1> place;
  int outputs = 0, all = 0, ellipsis = 0;

  Order(const Equation& eq, const Tensors& operands) {
    place.fill(-1);
    std::array<int, kLetters + 1> count{};
    for (size_t i = 0; i < operands.size(); ++i) {
      const Labels& labels = eq.inputs[i];
      for (int l : labels) ++count[l];
      const bool open = std::find(labels.begin(), labels.end(), kEllipsis) != labels.end();
      const int named = static_cast<int>(labels.size()) - open, dims = operands[i].dim();
      if (open ? named > dims : named != dims) {
        runtime_error("einsum(): the number of subscripts in the equation (", named, open ? ") is more than" : ") does not match", " the number of dimensions (", dims,
                      ") for operand ", i, open ? "" : " and no ellipsis was given");
      }
      if (open) ellipsis = std::max(ellipsis, dims - named);
    }
    if (eq.has_output) {
      for (int l : eq.output) {
        if (l != kEllipsis && count[l] == 0) runtime_error("einsum(): output subscript ", letter_of(l), " does not appear in the equation for any input operand");
        if (place[l] >= 0) runtime_error("einsum(): output subscript ", letter_of(l), " appears more than once in the output");
        append(l);
      }
    } else {
      if (count[kEllipsis] > 0) append(kEllipsis);
      for (int l = 0; l < kLetters; ++l) if (count[l] == 1) append(l);
    }
    outputs = all;
    for (int l = 0; l <= kLetters; ++l) if (count[l] > 0 && place[l] < 0) append(l);
  }
  void append(int label) {
    place[label] = all;
    all += label == kEllipsis ? ellipsis : 1;
  }
};

// The operand with all dimensions in order: repeated labels taken along the diagonal, labels it lacks as size 1.
Tensor arranged(Tensor x, const Labels& labels, const Order& order, size_t operand) {
  std::vector<int> axis(static_cast<size_t>(order.all), -1);  // of x, for each place
  const int covered = x.dim() - static_cast<int>(labels.size()) + 1;
  int d = 0;
  for (int l : labels) {
    if (l == kEllipsis) {
      for (int k = 0; k < covered; ++k) axis[order.place[l] + order.ellipsis - covered + k] = d++;
      continue;
    }
    int& a = axis[order.place[l]];
    if (a < 0) {
      a = d++;
      continue;
    }
    if (x.size(a) != x.size(d)) {
      runtime_error("einsum(): subscript ", letter_of(l), " is repeated for operand ", operand, " but the sizes don't match, ", x.size(d), " != ", x.size(a));
    }
    // The diagonal goes last; back to the place of the first of the two, and all behind the second move up by one.
    const int first = a;
    Dims back;
    x = diagonal(x, 0, first, d);
    for (int k = 0; k < x.dim(); ++k) back.push_back(k < first ? k : k == first ? x.dim() - 1 : k - 1);
    x = permute(x, back);
  }
  Dims sizes;
  bool in_order = x.dim() == order.all;
  for (int k = 0; k < order.all && in_order; ++k) in_order = axis[k] == k;
  if (in_order) return x;
  for (int& a : axis) {
    if (a >= 0) continue;
    x = unsqueeze(x, x.dim());
    a = x.dim() - 1;
  }
  for (int a : axis) sizes.push_back(a);
  return permute(x, sizes);
}

void check_sizes(const Equation& eq, const Order& order, const Tensors& operands) {
  Dims seen = Dims::filled(order.all, 1);
  for (size_t i = 0; i < operands.size(); ++i) {
    std::vector<int> label_at(static_cast<size_t>(order.all), kEllipsis);
    for (int l : eq.inputs[i]) if (l != kEllipsis) label_at[order.place[l]] = l;
    for (int k = 0; k < order.all; ++k) {
      const int64_t size = operands[i].size(k);
      if (size == 1 || size == seen[k]) continue;
      if (seen[k] != 1) {
        const int l = label_at[k];
        runtime_error("einsum(): subscript ", l == kEllipsis ? std::string("...") : std::string(1, letter_of(l)), " has size ", size, " for operand ", i,
                      " which does not broadcast with previously seen size ", seen[k]);
      }
      seen[k] = size;
    }
  }
}

int64_t product_of(const Tensor& x, const Dims& dims) {
  int64_t n = 1;
  for (int64_t d : dims) n *= x.size(d);
  return n;
}
Dims joined(std::initializer_list<const Dims*> lists) {
  Dims all;
  for (const Dims* l : lists) for (int64_t d : *l) all.push_back(d);
  return all;
}

// x * y summed over `dims`, which keep size 1.
Tensor contract(Tensor x, Tensor y, const Dims& dims) {
  if (dims.empty()) return x * y;
  Dims shared, own_x, own_y, inner, sums_x, sums_y;
  for (int64_t d = 0; d < x.dim(); ++d) {
    const bool in_x = x.size(d) != 1, in_y = y.size(d) != 1, summed = dims.contains(d);
    if (summed && in_x != in_y) (in_x ? sums_x : sums_y).push_back(d);
    else if (summed) inner.push_back(d);
    else (in_x && in_y ? shared : in_x ? own_x : own_y).push_back(d);
  }
  if (!sums_x.empty()) x = sum(x, sums_x, true);
  if (!sums_y.empty()) y = sum(y, sums_y, true);
  const Dims all_sums = joined({&inner, &sums_x, &sums_y});
  // Batches of matrices: (shared, own_x, inner) and (shared, inner, own_y).
  const int64_t batch = product_of(x, shared), m = product_of(x, own_x), k = product_of(x, inner), n = product_of(y, own_y);
  const Tensor a = reshape(permute(x, joined({&shared, &own_x, &all_sums, &own_y})), {batch, m, k});
  const Tensor b = reshape(permute(y, joined({&shared, &all_sums, &own_y, &own_x})), {batch, k, n});
  const Dims order = joined({&shared, &own_x, &own_y, &all_sums});
  Dims sizes, back = Dims::filled(order.size(), 0);
  for (int i = 0; i < order.size(); ++i) {
    const int64_t d = order[i];
    sizes.push_back(dims.contains(d) ? 1 : x.size(d) != 1 ? x.size(d) : y.size(d));
    back[d] = i;
  }
  return permute(view(bmm(a, b), sizes), back);
}

struct Einsum : Composite {
  static constexpr OpInfo info{.sig = "_einsum(str equation, Tensor[] operands) -> Tensor",
                               .autocast = Autocast::Lower, .doc = "Sum of products in Einstein's notation: 'ij,jk->ik' multiplies matrices. Labels that the output lacks are summed; without "
                                      "'->' it has those that occur once, in alphabetical order; '...' stands for any dimensions, broadcast.",
                               .where = 0};
  static Tensor fwd(const std::string& equation, const Tensors& operands) {
    if (operands.empty()) runtime_error("einsum(): must provide at least one operand");
    const Equation eq(equation, operands.size());
    const Order order(eq, operands);
    Tensors list;
    for (size_t i = 0; i < operands.size(); ++i) list.push_back(arranged(operands[i], eq.inputs[i], order, i));
    check_sizes(eq, order, list);
    Tensor y = list[0];
    for (size_t i = 1; i < list.size(); ++i) {
      // What no later operand has can be summed now.
      Dims dims;
      for (int k = order.outputs; k < order.all; ++k) {
        const bool later = std::any_of(list.begin() + static_cast<std::ptrdiff_t>(i) + 1, list.end(), [k](const Tensor& t) { return t.size(k) != 1; });
        if (!later && (y.size(k) != 1 || list[i].size(k) != 1)) dims.push_back(k);
      }
      y = contract(y, list[i], dims);
    }
    if (order.outputs == order.all) return y;
    if (list.size() == 1) {
      Dims dims;
      for (int k = order.outputs; k < order.all; ++k) dims.push_back(k);
      return sum(y, dims, false);
    }
    return view(y, Dims(y.sizes().first(static_cast<size_t>(order.outputs))));
  }
};

const Register<Einsum> registered;

}  // namespace
}  // namespace st

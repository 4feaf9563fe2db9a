// Stamping Python callables from op rows. A callable knows its group by a number that is a template argument, so that a call costs
// no look-up and no closure.
#include "bind/table.h"

#include <array>
#include <deque>
#include <map>

#include "bind/python_tensor.h"

namespace st {
namespace {

constexpr size_t kStamps = 1024;

std::deque<Group>& groups() {
  static auto* all = new std::deque<Group>;
  return *all;
}
std::map<std::string, Group*>& by_name() {
  static auto* names = new std::map<std::string, Group*>;
  return *names;
}
const Group* stamped[kStamps];
std::deque<std::string>& docs() {
  static auto* all = new std::deque<std::string>;
  return *all;
}

using FastCall = PyObject* (*)(PyObject*, PyObject* const*, Py_ssize_t, PyObject*);

template <size_t K>
PyObject* function(PyObject*, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  return call_group(*stamped[K], nullptr, args, nargs, kwnames);
}
template <size_t K>
PyObject* method(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  return call_group(*stamped[K], self, args, nargs, kwnames);
}

template <size_t... K>
constexpr std::array<FastCall, sizeof...(K)> functions_of(std::index_sequence<K...>) { return {function<K>...}; }
template <size_t... K>
constexpr std::array<FastCall, sizeof...(K)> methods_of(std::index_sequence<K...>) { return {method<K>...}; }
constexpr auto kFunctions = functions_of(std::make_index_sequence<kStamps>{});
constexpr auto kMethods = methods_of(std::make_index_sequence<kStamps>{});

Group& group_of(const std::string& name, bool inplace) {
  Group*& g = by_name()[name];
  if (!g) {
    groups().push_back({name, {}, {}, inplace});
    g = &groups().back();
  }
  return *g;
}

const char* doc_of(const Group& g) {
  std::string text = g.name + g.rows[0]->sig.text + "\n--\n\n";
  for (const Row* row : g.rows) if (!row->today) text += std::string(row->info.doc) + "\n\n    " + row->info.sig + "\n\n";
  docs().push_back(text);
  return docs().back().c_str();
}

PyMethodDef* definition(const char* name, FastCall call, const char* doc) {
  return new PyMethodDef{name, reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(call)), METH_FASTCALL | METH_KEYWORDS, doc};
}

bool add_function(PyObject* module, Group& g, size_t k, const char* name) {
  PyMethodDef* def = definition(name, kFunctions[k], doc_of(g));
  Ref f(PyCFunction_NewEx(def, nullptr, nullptr));
  if (!f || PyModule_AddObjectRef(module, name, f.get()) < 0) return false;
  if (!g.function) g.function = f.release();
  return true;
}

bool add_method(Group& g, size_t k) {
  Ref d(PyDescr_NewMethod(tensor_type, definition(g.name.c_str(), kMethods[k], doc_of(g))));
  if (!d || PyDict_SetItemString(tensor_type->tp_dict, g.name.c_str(), d.get()) < 0) return false;
  g.method = d.release();
  return true;
}

}  // namespace

const Group& find_group(const char* name) {
  const auto it = by_name().find(name);
  if (it == by_name().end()) runtime_error("no op is named ", name);
  return *it->second;
}

bool init_table(PyObject* module) {
  for (const Row* row : all_rows()) {
    if (row->sig.params.size() > kMaxParams) runtime_error(row->name(), " has more parameters than a call has room for: raise kMaxParams");
    if (!(row->info.where & kOnlyInplace)) group_of(row->name(), false).rows.push_back(row);
    if (row->info.where & (kInplace | kOnlyInplace)) group_of(row->name() + "_", true).rows.push_back(row);
  }
  for (const Row* row : all_rows()) {  // behind all others, as they are tried last
    for (const Row& older : row->older) {
      group_of(row->name(), false).rows.push_back(&older);
      if ((older.info.where & kMethod) && (row->info.where & kInplace)) group_of(row->name() + "_", true).rows.push_back(&older);
    }
  }
  const struct { uint16_t flag; const char* module; size_t prefix; } kParts[] = {{kNN, "_nn", 0}, {kLinalg, "_linalg", 7}, {kSpecial, "_special", 8}};
  Ref parts[3];
  for (int i = 0; i < 3; ++i) {
    parts[i] = Ref(PyModule_New(kParts[i].module));
    if (!parts[i] || PyModule_AddObjectRef(module, kParts[i].module, parts[i].get()) < 0) return false;
  }
  if (groups().size() > kStamps) runtime_error("more op names than stamps: raise kStamps");
  size_t k = 0;
  for (Group& g : groups()) {
    stamped[k] = &g;
    for (const Row* row : g.rows) {
      auto& names = g.keys.emplace_back();
      for (const Param& p : row->sig.params) names.push_back(PyUnicode_InternFromString(p.name.c_str()));
    }
    uint16_t where = 0;
    for (const Row* row : g.rows) {
      where |= row->info.where;
      if (!g.plain && row->elementwise && row->n_params == 0) g.plain = row;
    }
    if (g.inplace) {
      if ((where & (kMethod | kOnlyInplace)) && !add_method(g, k)) return false;
      const bool method_only = (where & kMethodInplace) == kMethodInplace;
      if ((where & kFunction) && !method_only && !add_function(module, g, k, g.name.c_str())) return false;
      if ((where & kNN) && !add_function(parts[0].get(), g, k, g.name.c_str())) return false;
    } else {
      const bool hidden = g.name[0] == '_';
      if (((where & kFunction) || hidden) && !add_function(module, g, k, g.name.c_str())) return false;
      if ((where & kMethod) && !add_method(g, k)) return false;
      for (int i = 0; i < 3; ++i) {
        if ((where & kParts[i].flag) && !add_function(parts[i].get(), g, k, g.name.c_str() + kParts[i].prefix)) return false;
      }
    }
    ++k;
  }
  PyType_Modified(tensor_type);
  return true;
}

}  // namespace st

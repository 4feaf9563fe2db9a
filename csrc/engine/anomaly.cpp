// Watching a backward pass for failures and NaN.
#include "engine/anomaly.h"

#include <cmath>

#include "core/dtype.h"
#include "graph/hooks.h"
#include "kernels/layout.h"

namespace st {
namespace {

bool has_nan(const Tensor& t) {
  if (!is_floating(t.dtype())) return false;
  const Tensor c = cast_copy(t, Dtype::Float64);
  for (int64_t i = 0; i < c.numel(); ++i) if (std::isnan(c.data<double>()[i])) return true;
  return false;
}

void tell(const Node& n) {
  const std::string line = n.extra ? n.extra->traceback : std::string();
  if (!anomaly_hooks().warn) return;
  anomaly_hooks().warn(line.empty()
                           ? cat("Error detected in ", n.type->name,
                                 ". No forward pass information available. Enable detect anomaly during forward pass for more information.")
                           : cat("Error detected in ", n.type->name, ". Traceback of forward call that caused the error:\n", line));
}

void note_forward_line(Node* n) {
  if (anomaly_hooks().traceback) extra_of(n).traceback = anomaly_hooks().traceback();
}

struct Install {
  Install() { graph_hooks.note_forward = note_forward_line; }
} install;

}  // namespace

AnomalyHooks& anomaly_hooks() {
  static auto* hooks = new AnomalyHooks;
  return *hooks;
}

void run_watched(BackwardCall& call) {
  Node& n = call.node;
  try {
    n.type->backward(call);
  } catch (...) {
    tell(n);
    throw;
  }
  if (!thread_state().anomaly_check_nan) return;
  for (int i = 0; i < n.n_edges; ++i) {
    if (call.results[i].defined() && has_nan(call.results[i])) {
      tell(n);
      runtime_error("Function '", n.type->name, "' returned nan values in its ", i, "th output.");
    }
  }
}

}  // namespace st

// Anomaly mode: backward tells which forward line made the node that failed or returned NaN.
#pragma once
#include <functional>
#include <string>

#include "graph/node.h"

namespace st {

void run_watched(BackwardCall& call);

// How to learn the current line of the caller's language, and how to warn him; installed by the binding.
struct AnomalyHooks {
  std::function<std::string()> traceback;
  std::function<void(const std::string&)> warn;
};
AnomalyHooks& anomaly_hooks();

}  // namespace st

// Methods of Tensor that are no ops: sizes, items, backward, conversion, hooks.
#pragma once
#include <Python.h>

namespace st {

bool init_methods();

}  // namespace st

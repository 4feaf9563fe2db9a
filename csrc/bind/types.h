// The small Python types: dtype, device, layout, memory_format, Size; and what Python objects are.
#pragma once
#include <Python.h>

#include "core/dims.h"
#include "core/dtype.h"

namespace st {

class Generator;

bool init_types(PyObject* module);
PyObject* dtype_object(Dtype d);   // borrowed
PyObject* device_object();         // borrowed: cpu
PyObject* strided_object();        // borrowed: torch.strided
PyObject* make_size(DimSpan sizes);
void set_size_type(PyObject* type);
bool is_size(PyObject* o);
bool is_dtype(PyObject* o);
bool is_device(PyObject* o);
Generator* generator_of(PyObject* o);  // nullptr when it is none

}  // namespace st

// The discrete Fourier transforms that are borrowed: see docs/adr/0005-fft.md.
#pragma once
#include "ops/value.h"

namespace st {

// routine: "forward" or "inverse" (complex to complex), "real" (real to the half of the complex result that is not mirrored), "whole" (real
// to all of it), "to_real" (the reverse of "real", whose last transformed dimension has size `last`); along dims, not scaled, in x's
// precision. Whoever embeds the library installs this.
extern Tensor (*fourier)(const char* routine, const Tensor& x, const Dims& dims, int64_t last);

}  // namespace st

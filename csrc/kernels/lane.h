// The vocabulary of op bodies: Simd<T> lanes, masks, elementary functions, and the same names for scalars.
#pragma once

#include "lane_arc.h"
#include "lane_arith.h"
#include "lane_complex.h"
#include "lane_division.h"
#include "lane_exp.h"
#include "lane_gamma.h"
#include "lane_log.h"
#include "lane_pow.h"
#include "lane_quotient.h"
#include "lane_scalar.h"
#include "lane_simd.h"
#include "lane_special.h"
#include "lane_trig.h"
#include "lane_zeta.h"

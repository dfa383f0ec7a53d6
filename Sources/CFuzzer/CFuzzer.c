// SPDX-License-Identifier: Apache-2.0
// libFuzzer itself comes with -sanitize=fuzzer; this file only makes the header a module.
#include "CFuzzer.h"

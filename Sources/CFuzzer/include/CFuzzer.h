// SPDX-License-Identifier: Apache-2.0
// The entry point of LLVM's libFuzzer for programs that keep their own main.
#pragma once

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*run)(const uint8_t *bytes, size_t count));

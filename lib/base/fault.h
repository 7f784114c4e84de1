/* Named places where a test may kill the process or make an operation fail: MADO_FAULT=name:N or
 * name:N:hang (the N-th pass). Compiled in with -Dfaults=true only. A fault that strikes says so on
 * stderr first ("fault store_commit struck"), so that a test can tell that it was hit. */
#pragma once
#include <build-facts.h>

#if MADO_FAULTS
void fault_pass(const char *name);
#else
#define fault_pass(name) ((void)(name))
#endif

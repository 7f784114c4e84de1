/* Named places where a test may kill the process or make an operation fail: MADO_FAULT=name:N or
 * name:N:hang (the N-th pass). A fault that strikes says so on stderr first ("fault store_commit
 * struck"), so that a test can tell that it was hit. What is installed is linked with fault-none.c:
 * nothing ever happens there. */
#pragma once
#include <glib.h>

void fault_pass(const char *name);
gboolean fault_may_strike(void);

/* The hook that tells the programs of operators what happens. */
#pragma once
#include "roles.h"

/* `wall`: seconds that one program may take. The exit status. */
int announcer_serve(const struct options *options, GVariantDict *told, guint wall);

/* The targets of a team that has named none. */
#pragma once
#include <mado/settings.h>
#include <mado/target.h>

/* struct target_rule, each allocated as the configuration has them; the caller frees all. */
GPtrArray *target_list_usual(void);

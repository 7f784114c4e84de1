/* Processes that became children of this one because their own parent has ended. */
#pragma once
#include <glib.h>
#include <sys/types.h>

/* From now on whoever is left behind by a child, or by a child of that, becomes a child of this
 * process, and not of init. FALSE with errno. */
gboolean children_adopt(void);
/* Ends every child that `is_kept` does not vouch for (NULL: all), also one that is stopped. Who is
 * ended is still to be waited for. */
void children_end(gboolean (*is_kept)(pid_t child, gconstpointer data), gconstpointer data);
/* Ends all and waits for them, and for those that they leave behind. */
void children_end_all(void);

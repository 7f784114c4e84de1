/* The parts of a mail, one behind the other. */
#pragma once
#include <gmime/gmime.h>

/* `embedded`: in a mail that is attached. FALSE: no more of them. */
typedef gboolean (*tree_visit)(gpointer data, GMimeObject *part, gboolean embedded);
/* The root, and all that is below it, in the order of the mail; also what is in mails that are
 * attached. FALSE: it was stopped. */
gboolean tree_walk(GMimeObject *root, tree_visit visit, gpointer data);

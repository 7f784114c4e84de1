/* Passwords and passphrases: a line of a file that nobody else may read. */
#pragma once
#include <glib.h>

/* The first line of a password file, or of the systemd credential of that name; NULL and `error` if
 * others may read it. Freed by secret_free. */
char *secret_from_file(const char *path, GError **error);
char *secret_from_credential(const char *name, GError **error);
/* The first line of `data`, which is wiped; `what` names it in the error. */
char *secret_take_line(char *data, gsize size, const char *what, GError **error);
void secret_free(char *secret); /* wipes it */

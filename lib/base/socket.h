/* Sockets at which others come: operators, deliverers, mail servers. */
#pragma once
#include <glib.h>

/* Binds and listens, before confinement. `type` is SOCK_STREAM or SOCK_SEQPACKET. With a group the
 * socket is 0660 and that group's; with NULL, "" or one that this host does not have (the log says
 * so) 0600. A socket that nobody answers is replaced. The caller closes it; -1 on failure. */
int socket_listen(const char *path, int type, const char *group, GError **error);

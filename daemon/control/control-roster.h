/* Who is at the other end of a connection, as the kernel says, and what they may. */
#pragma once
#include "ctl.h"
#include <mado/settings.h>
#include <sys/types.h>

struct roster;
/* Looks up users and groups: before confinement. */
struct roster *roster_new(const struct settings *settings);
void roster_free(struct roster *roster);
const char *roster_user(const struct roster *roster, uid_t uid); /* "unlisted": nobody of ours */
/* As the settings are now; whoever is in the group, and in no list, may look. */
enum ctl_role roster_role(
    const struct roster *roster, const struct settings *settings, uid_t uid, gboolean in_group);
/* Is the other end of that socket in the group of operators? */
gboolean roster_in_group(const struct roster *roster, int fd, gid_t primary);

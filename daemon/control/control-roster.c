#include "control-roster.h"
#include "duty.h"
#include "log.h"
#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_GROUPS = 256 };

struct roster {
    GHashTable *users; /* uid + 1 -> name */
    gid_t group;       /* of operators; (gid_t)-1: none */
};

/* Our own user may do everything, so it has a name in the journal. */
static GHashTable *resolve_users(const GPtrArray *operators)
{
    GHashTable *users = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    const struct passwd *own = getpwuid(geteuid());

    if (own)
        g_hash_table_insert(users, GUINT_TO_POINTER(own->pw_uid + 1), g_strdup(own->pw_name));

    for (guint i = 0; operators && i < operators->len; i++) {
        const struct member *member = g_ptr_array_index(operators, i);
        const struct passwd *known = getpwnam(member->user);
        if (known)
            g_hash_table_insert(users, GUINT_TO_POINTER(known->pw_uid + 1), g_strdup(member->user));
        else
            log_event(
                LOG_LEVEL_WARN, 0, "operator-unknown", "%s is no user of this host", member->user);
    }
    return users;
}

static gid_t resolve_group(const char *name)
{
    const struct group *known = name && *name ? getgrnam(name) : NULL;
    return known ? known->gr_gid : (gid_t)-1;
}

struct roster *roster_new(const struct settings *settings)
{
    struct roster *roster = g_new0(struct roster, 1);

    roster->users = resolve_users(settings->operators);
    roster->group = resolve_group(settings->daemon.operator_group);
    return roster;
}

void roster_free(struct roster *roster)
{
    g_hash_table_unref(roster->users);
    g_free(roster);
}

static const char *find_user(const struct roster *roster, uid_t uid)
{
    return g_hash_table_lookup(roster->users, GUINT_TO_POINTER(uid + 1));
}

const char *roster_user(const struct roster *roster, uid_t uid)
{
    const char *name = find_user(roster, uid);

    return uid == 0 ? "root" : name ? name : "unlisted";
}

enum ctl_role roster_role(
    const struct roster *roster, const struct settings *settings, uid_t uid, gboolean in_group)
{
    const char *user = find_user(roster, uid);
    const struct member *member = user ? duty_member(settings, user) : NULL;

    if (uid == 0 || uid == geteuid())
        return CTL_ADMIN;
    if (member)
        return ctl_role_from_name(member->role);
    return in_group ? CTL_VIEWER : CTL_ROLE_NONE;
}

gboolean roster_in_group(const struct roster *roster, int fd, gid_t primary)
{
    gid_t groups[MOST_GROUPS];
    socklen_t size = sizeof groups;

    if (roster->group == (gid_t)-1)
        return FALSE;
    if (primary == roster->group)
        return TRUE;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) < 0)
        return FALSE;
    for (gsize i = 0; i < size / sizeof *groups; i++)
        if (groups[i] == roster->group)
            return TRUE;
    return FALSE;
}

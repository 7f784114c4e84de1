/* Landlock: which files a role may open. Bound to folders, where seccomp sees calls alone. */
#include "confine-parts.h"
#include "error.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { DNS_PORT = 53 };

/* What Debian 12's headers do not know yet, and a newer kernel does. */
#define FS_TRUNCATE (1ULL << 14)
#define FS_IOCTL_DEV (1ULL << 15)
#define NET_BIND_TCP (1ULL << 0)
#define NET_CONNECT_TCP (1ULL << 1)
#define SCOPE_ABSTRACT_SOCKET (1ULL << 0)
#define SCOPE_SIGNAL (1ULL << 1)

/* The kernel takes a longer structure than it knows as long as the rest is zero. */
struct ruleset {
    guint64 fs, net, scope;
};

#define RULE_NET_PORT 2

struct port_rule {
    guint64 access, port;
};

/* What each ABI can hold; a role gives up all of it, and its places are given back. */
static const struct {
    int abi;
    struct ruleset handled;
} abis[] = {
    {1, {.fs = LANDLOCK_ACCESS_FS_REFER - 1}}, /* all that came before REFER */
    {2, {.fs = LANDLOCK_ACCESS_FS_REFER}},
    {3, {.fs = FS_TRUNCATE}},
    {4, {.net = NET_BIND_TCP | NET_CONNECT_TCP}},
    {5, {.fs = FS_IOCTL_DEV}},
    {6, {.scope = SCOPE_ABSTRACT_SOCKET | SCOPE_SIGNAL}},
};

#define WRITE                                                                                      \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_WRITE_FILE |  \
        FS_TRUNCATE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |                  \
        LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REFER)

/* Never: devices, links by name; and nobody runs what they write. */
static const guint64 rights[] = {
    [CONFINE_READ] = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
    [CONFINE_WRITE] = WRITE,
    [CONFINE_SOCKETS] = WRITE | LANDLOCK_ACCESS_FS_MAKE_SOCK,
    [CONFINE_RUN] =
        LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_EXECUTE,
};
static const guint64 rights_of_a_file = LANDLOCK_ACCESS_FS_READ_FILE |
                                        LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE |
                                        LANDLOCK_ACCESS_FS_EXECUTE;

int landlock_abi(int pretend)
{
    long abi = pretend < 0
                   ? 0
                   : syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

    if (abi < 0)
        return 0;
    return pretend > 0 ? MIN(pretend, (int)abi) : (int)abi;
}

/* ABI 1 forbids every rename from one folder to another, which is how a Maildir works. */
gboolean landlock_is_enough(enum confine_kind kind, int abi)
{
    return abi >= (1 << kind & SET_PLACES ? 2 : 1);
}

static gboolean fail(GError **error, const char *what)
{
    g_set_error(error, MADO_ERROR, MADO_E_CONFINE, "%s: %s; the role does not start", what,
        g_strerror(errno));
    return FALSE;
}

gboolean landlock_add(int ruleset, int place, guint64 access, GError **error)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = place};
    struct stat is;

    if (fstat(place, &is) < 0)
        return fail(error, "a folder cannot be looked at");
    if (!S_ISDIR(is.st_mode))
        rule.allowed_access &= rights_of_a_file;
    if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
        return fail(error, "a folder cannot be given to a role");
    return TRUE;
}

static gboolean add_place(
    int ruleset, const struct confine_place *place, guint64 handled, GError **error)
{
    int fd = open(place->path, O_PATH | O_CLOEXEC);
    gboolean added;

    if (fd < 0 && (place->access == CONFINE_READ || place->access == CONFINE_RUN))
        return TRUE; /* what is not there cannot be read either */
    if (fd < 0)
        return fail(error, place->path);
    added = landlock_add(ruleset, fd, rights[place->access] & handled, error);
    close(fd);
    return added;
}

static gboolean add_port(int ruleset, guint16 port, GError **error)
{
    struct port_rule rule = {NET_CONNECT_TCP, port};

    return syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT, &rule, 0) == 0 ||
           fail(error, "a port cannot be given to a role");
}

static gboolean add_ports(
    int ruleset, const struct confinement *confinement, guint64 handled, GError **error)
{
    if (!(1 << confinement->kind & SET_DIALLER) || !(handled & NET_CONNECT_TCP))
        return TRUE;
    /* a name server's long answers come by TCP */
    return add_port(ruleset, confinement->port, error) && add_port(ruleset, DNS_PORT, error);
}

static gboolean restrict_to_places(
    int ruleset, const struct confine_place *places, guint64 handled, GError **error)
{
    for (; places && places->path; places++)
        if (!add_place(ruleset, places, handled, error))
            return FALSE;
    if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
        return fail(error, "Landlock refuses");
    return TRUE;
}

int landlock_of_files(int abi, guint64 *handled)
{
    struct ruleset files = {0};

    for (gsize i = 0; i < G_N_ELEMENTS(abis) && abis[i].abi <= abi; i++)
        files.fs |= abis[i].handled.fs;
    *handled = files.fs;
    return (int)syscall(SYS_landlock_create_ruleset, &files, sizeof files, 0);
}

gboolean landlock_apply(const struct confinement *confinement, GError **error)
{
    int abi = landlock_abi(confinement->pretend_abi);
    struct ruleset handled = {0};
    int ruleset;
    gboolean done;

    if (!landlock_is_enough(confinement->kind, abi))
        return TRUE; /* confine_weakness() says so */
    for (gsize i = 0; i < G_N_ELEMENTS(abis) && abis[i].abi <= abi; i++) {
        handled.fs |= abis[i].handled.fs;
        handled.net |= abis[i].handled.net;
        handled.scope |= abis[i].handled.scope;
    }
    ruleset = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0);
    if (ruleset < 0)
        return fail(error, "Landlock takes no rules");
    done = add_ports(ruleset, confinement, handled.net, error) &&
           restrict_to_places(ruleset, confinement->places, handled.fs, error);
    close(ruleset);
    return done;
}

#include "hourly.h"
#include "error.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

enum { MINUTE = 60, MINUTES = 60 };

struct count {
    gint64 minute; /* since 1970 */
    guint64 taken;
};

int hourly_open(const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "private-operations", NULL);
    int file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (file < 0)
        g_set_error(error, MADO_ERROR, MADO_E_ROLE,
            "%s, which counts the operations with private keys, cannot be opened: %s. No key is "
            "used",
            path, g_strerror(errno));
    return file;
}

/* What it cannot read was never written. */
static gboolean read_counts(int file, struct count counts[MINUTES])
{
    ssize_t got = pread(file, counts, sizeof(struct count) * MINUTES, 0);

    return got >= 0;
}

static guint64 sum_of_hour(const struct count counts[MINUTES], gint64 minute)
{
    guint64 sum = 0;

    for (gsize i = 0; i < MINUTES; i++)
        if (counts[i].minute > minute - MINUTES && counts[i].minute <= minute)
            sum += counts[i].taken;
    return sum;
}

static gboolean count_one(int file, struct count counts[MINUTES], gint64 minute)
{
    gsize place = (gsize)(minute % MINUTES);
    struct count *here = &counts[place];

    if (here->minute != minute)
        *here = (struct count){.minute = minute};
    here->taken++;
    return pwrite(file, here, sizeof *here, (off_t)(place * sizeof *here)) == sizeof *here;
}

gboolean hourly_take(int file, guint64 most, gint64 now)
{
    struct count counts[MINUTES] = {0};
    gint64 minute = now / MINUTE;
    gboolean taken;

    if (flock(file, LOCK_EX) < 0)
        return FALSE;
    taken = read_counts(file, counts) && sum_of_hour(counts, minute) < most &&
            count_one(file, counts, minute);
    flock(file, LOCK_UN);
    return taken;
}

#include "offline.h"
#include <stdio.h>
#include <unistd.h>

enum { AFTER_US = 2 * 1000 * 1000, EVERY_US = 200 * 1000 };

static gint64 begun, told;

void progress_tell(const char *what, guint64 done, guint64 all)
{
    gint64 now = g_get_monotonic_time();

    begun = begun ? begun : now;
    if (!isatty(STDERR_FILENO) || now - begun < AFTER_US || now - told < EVERY_US)
        return;
    told = now;
    fprintf(stderr, "\r\033[K%s: %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT, what, done, all);
}

void progress_end(void)
{
    if (told)
        fprintf(stderr, "\r\033[K");
    begun = told = 0;
}

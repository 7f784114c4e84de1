#include "now.h"
#include "error.h"
#include <time.h>

static gboolean fixed;
static gint64 fixed_at, stepped;

void now_fix(gint64 unix_seconds)
{
    fixed = TRUE;
    fixed_at = unix_seconds;
}

gboolean now_fix_from_text(const char *iso8601, GError **error)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(iso8601, utc);

    if (!time) {
        g_set_error(error, MADO_ERROR, MADO_E_USAGE,
            "\"%s\" is no time; write it as 2026-11-20T18:42:00+09:00. Nothing was changed",
            iso8601);
        return FALSE;
    }
    now_fix(g_date_time_to_unix(time));
    return TRUE;
}

void now_step(gint64 unix_seconds)
{
    stepped += unix_seconds - now_seconds();
    now_fix(unix_seconds);
}

gboolean now_is_fixed(void)
{
    return fixed;
}

gint64 now_seconds(void)
{
    return fixed ? fixed_at : g_get_real_time() / G_USEC_PER_SEC;
}

int now_milliseconds_to(gint64 moment)
{
    gint64 left = moment - g_get_monotonic_time();

    if (moment == G_MAXINT64)
        return -1;
    return left <= 0 ? 0 : (int)MIN(left / 1000 + 1, G_MAXINT);
}

gint64 now_passed(void)
{
    struct timespec passed = {0};

    clock_gettime(CLOCK_BOOTTIME, &passed);
    return passed.tv_sec + stepped;
}

#include "ctl.h"

static const struct {
    gint64 seconds;
    char letter;
} units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};

/* The largest unit of which there is one; seconds for nothing. */
static gsize largest_unit(gint64 seconds)
{
    gsize i = 0;

    while (i + 1 < G_N_ELEMENTS(units) && seconds < units[i].seconds)
        i++;
    return i;
}

char *ctl_age(gint64 seconds)
{
    gint64 whole = MAX(seconds, 0);
    gsize unit = largest_unit(whole);

    return g_strdup_printf(
        "%" G_GINT64_FORMAT "%c", whole / units[unit].seconds, units[unit].letter);
}

char *ctl_age_long(gint64 seconds)
{
    gint64 whole = MAX(seconds, 0);
    gsize unit = largest_unit(whole);
    g_autofree char *first = ctl_age(whole);
    gint64 rest = whole % units[unit].seconds;

    /* Minutes and seconds stand alone: nobody acts on "41m 7s". */
    if (whole < 3600 || rest < units[unit + 1].seconds)
        return g_steal_pointer(&first);
    return g_strdup_printf(
        "%s %" G_GINT64_FORMAT "%c", first, rest / units[unit + 1].seconds, units[unit + 1].letter);
}

char *ctl_bytes(guint64 bytes)
{
    static const char *const names[] = {"B", "kB", "MB", "GB", "TB"};
    guint64 size = bytes;
    gsize unit = 0;

    while (size >= 1000 && unit + 1 < G_N_ELEMENTS(names)) {
        size = size / 1000 + (size % 1000 >= 500);
        unit++;
    }
    return g_strdup_printf("%" G_GUINT64_FORMAT " %s", size, names[unit]);
}

char *ctl_count(guint64 count)
{
    g_autofree char *digits = g_strdup_printf("%" G_GUINT64_FORMAT, count);
    GString *out = g_string_new(digits);

    for (gssize at = (gssize)out->len - 3; at > 0; at -= 3)
        g_string_insert_c(out, at, ',');
    return g_string_free(out, FALSE);
}

/* How long a key lasts: what operators are told ahead, and after. */
#include "people.h"
#include <inttypes.h>

#define DAY G_GINT64_CONSTANT(86400)

/* From the nearest on. */
static const struct {
    enum key_health health;
    gint64 days;
} steps[] = {
    {KEY_EXPIRED, 0}, {KEY_ENDS_IN_7, 7}, {KEY_ENDS_IN_30, 30}, {KEY_ENDS_IN_60, KEY_WATCHED_DAYS}};

static gint64 earlier(gint64 one, gint64 other)
{
    return !one ? other : !other ? one : MIN(one, other);
}

gint64 key_end(const struct key *key)
{
    gint64 end = earlier(key->expires, key->encrypts_until);

    return key_is_ours(key) ? earlier(end, key->signs_until) : end;
}

enum key_health key_health(const struct key *key, gint64 now)
{
    gint64 end = key_end(key);

    if (key->revoked)
        return KEY_REVOKED;
    for (gsize i = 0; end && i < G_N_ELEMENTS(steps); i++)
        if (end - now <= steps[i].days * DAY)
            return steps[i].health;
    return KEY_GOOD;
}

gint64 key_health_since(const struct key *key, gint64 now)
{
    enum key_health health = key_health(key, now);

    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++)
        if (steps[i].health == health)
            return key_end(key) - steps[i].days * DAY;
    return 0;
}

gint64 key_days_left(const struct key *key, gint64 now)
{
    gint64 seconds = key_end(key) - now;

    return seconds >= 0 ? seconds / DAY : -((-seconds + DAY - 1) / DAY);
}

char *key_health_words(const struct key *key, gint64 now)
{
    gint64 end = key_end(key), days = end ? key_days_left(key, now) : 0;

    if (key->revoked)
        return g_strdup("revoked");
    if (!end || end - now > KEY_WATCHED_DAYS * DAY)
        return g_strdup("good");
    if (end <= now)
        return days >= -1 ? g_strdup("expired today")
                          : g_strdup_printf("expired %" PRIi64 " days ago", -days - 1);
    return days == 0 ? g_strdup("ends today")
                     : g_strdup_printf("ends in %" PRIi64 " day%s", days, days == 1 ? "" : "s");
}

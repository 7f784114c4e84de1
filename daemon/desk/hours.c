/* When the team is at work, for what letters say of it. The list of holidays is read when the
 * configuration is; one that cannot be read keeps no mail waiting: doctor tells of it, and every
 * weekday counts. */
#include "state.h"
#include "category.h"
#include "log.h"
#include "now.h"

static GBytes *read_list(const char *path, char **trouble)
{
    g_autoptr(GError) error = NULL;
    char *text;
    gsize length;

    if (!*path)
        return NULL;
    if (g_file_get_contents(path, &text, &length, &error))
        return g_bytes_new_take(text, length);
    *trouble = g_strdup_printf("the list of holidays cannot be read: %s", error->message);
    return NULL;
}

void hours_take(struct desk *desk)
{
    const char *path = desk->settings->hours.holidays;
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    char *trouble = NULL;
    g_autoptr(GBytes) list = read_list(path, &trouble);

    clock_free(desk->clock);
    g_free(desk->clock_trouble);
    desk->clock = clock_new(desk->settings, list, problems);
    if (problems->len)
        trouble = g_strdup_printf(
            "%s: %s%s", path, (char *)problems->pdata[0], problems->len > 1 ? "; and more" : "");
    desk->clock_trouble = trouble;
    desk->context.clock = desk->clock;
    desk->context.clock_trouble = trouble;
    if (trouble)
        log_event(LOG_LEVEL_WARN, 0, "hours", "%s", trouble);
}

void hours_tell(
    const struct desk *desk, const char *category, struct values *values, const char *language)
{
    const struct clock *clock = desk->clock;
    gint64 now = now_seconds(), opens, due = hours_reply_by(desk, category);
    g_autofree char *hours = clock_tell_hours(clock, now, language);
    g_autofree char *by = due ? clock_tell(clock, due, language) : NULL;
    g_autofree char *begins = !clock_is_open(clock, now) && clock_next_open(clock, now, &opens)
                                  ? clock_tell(clock, opens, language)
                                  : NULL;

    values_set(values, "duty_hours", hours);
    values_set(values, "first_reply_by", by);
    values_set(values, "off_hours", begins);
}

static const char *first_reply(const struct settings *settings, const char *category)
{
    const struct category *found = category_find(settings->categories, category);

    return found && *found->first_reply ? found->first_reply : settings->hours.first_reply;
}

/* From now on, not from when the mail came: mado may have been away meanwhile. */
gint64 hours_reply_by(const struct desk *desk, const char *category)
{
    gint64 span = clock_span(desk->clock, first_reply(desk->settings, category)), due;

    return span && clock_add(desk->clock, now_seconds(), span, &due) ? due : 0;
}

/*
 * Reporters who were asked for something are reminded, with time between
 *
 * They owe us nothing: so it is done a few times, courteously, and ends by itself. It begins with a
 * letter that has gone, and ends with any word of theirs, with another letter of ours, and when the
 * incident waits no longer.
 */
#include "state.h"
#include "desk.h"
#include "duty.h"
#include "now.h"
#include <inttypes.h>

enum { AT_ONCE = 20 };

/* How long is waited behind the letter before; behind the last reminder as long as before it. */
static gint64 next_of(const struct desk *desk, gint64 reminded, gint64 at)
{
    char **all = desk->settings->targets.remind;
    gint64 count = all ? g_strv_length(all) : 0;

    return count ? reminding_behind(desk, at, all[MIN(reminded, count - 1)]) : 0;
}

/* Nobody is reminded of what is over, though the letter was written before. */
static gboolean drop_unsent(struct desk *desk, guint64 incident, GError **error)
{
    g_autoptr(GArray) letters = store_unsent_reminders(desk->store, incident, error);

    for (guint i = 0; letters && i < letters->len; i++)
        if (!store_drop_letter(desk->store, g_array_index(letters, guint64, i), "mado",
                "nobody is waited for any more", now_seconds(), error))
            return FALSE;
    return letters != NULL;
}

gboolean waiting_follow(
    struct desk *desk, const struct incident *incident, gboolean waits, GError **error)
{
    struct waiting now = {.incident = incident->id}, was;

    if (!store_waiting(desk->store, incident->id, &was, error) ||
        (waits && !store_asking_letter(desk->store, incident->id, &now.letter, &now.since, error)))
        return FALSE;
    if (now.letter == was.letter)
        return TRUE;
    if (was.letter && !drop_unsent(desk, incident->id, error))
        return FALSE;
    if (!now.letter)
        return store_waits_no_more(desk->store, incident->id, error);
    now.next_reminder = next_of(desk, 0, now.since);
    return store_keep_waiting(desk->store, &now, error);
}

/* -- the letter -- */

/* What they were asked by. */
struct asked_letter {
    struct outbox_row *letter;
    struct writing *writing;
};

static gboolean find_asked(
    struct desk *desk, guint64 letter, struct asked_letter *asked, GError **error)
{
    *asked = (struct asked_letter){.letter = store_letter_show(desk->store, letter, error)};
    return asked->letter && store_writing(desk->store, letter, &asked->writing, error);
}

static void asked_letter_clear(struct asked_letter *asked)
{
    outbox_row_free(asked->letter);
    writing_free(asked->writing);
}

static void fill(const struct desk *desk, const struct waiting *waiting,
    const struct incident *incident, const struct asked_letter *asked, struct sheet *sheet)
{
    const struct writing *writing = asked->writing;
    const char *to = asked->letter->recipient;
    gboolean reporter = g_ascii_strcasecmp(to, incident->reporter_addr) == 0;

    *sheet = (struct sheet){
        .id = reminding_id('a', waiting->letter, waiting->reminded),
        .purpose = g_strdup("remind"),
        .template = g_strdup("remind-reporter"),
        .writer = g_strdup(writing->writer),
        .writer_name = g_strdup(duty_name(desk->settings, writing->writer)),
        .incident = incident->id,
        .to = g_strdup(to),
        .to_name = g_strdup(reporter ? incident->reporter_name : ""),
        .language = g_strdup(writing->language),
        .charset = g_strdup(""),
        .organisation = g_strdup(""),
        .confirmed = writing->confirmed,
        .asked_at = waiting->since,
        .by_itself = TRUE,
    };
}

static gboolean journal(
    struct desk *desk, const struct incident *incident, const char *text, GError **error)
{
    return store_journal(
        desk->store, now_seconds(), "mado", "waiting", incident->id, 0, text, error);
}

static gboolean write_reminder(struct desk *desk, const struct waiting *waiting,
    const struct incident *incident, const struct asked_letter *asked, GError **error)
{
    struct sheet sheet = {0};
    g_autofree char *why = NULL;
    g_autofree char *done = g_strdup_printf(
        "reminder %" PRIi64 " to %s is written", waiting->reminded + 1, asked->letter->recipient);
    gboolean good;

    fill(desk, waiting, incident, asked, &sheet);
    good = reminding_send(desk, &sheet, &why, error) &&
           journal(desk, incident, why ? why : done, error);
    sheet_clear(&sheet);
    return good;
}

/* -- what is to be done now -- */

static gboolean give_up(struct desk *desk, struct waiting *waiting, const struct incident *incident,
    const char *why, GError **error)
{
    waiting->next_reminder = 0;
    return store_keep_waiting(desk->store, waiting, error) &&
           store_add_notice(desk->store, 0, incident->number, "no-answer", incident->severity,
               incident->label, now_seconds(), error) &&
           journal(desk, incident, why, error);
}

static gboolean go_on(struct desk *desk, struct waiting *waiting, const struct incident *incident,
    const struct asked_letter *asked, GError **error)
{
    gint64 count = g_strv_length(desk->settings->targets.remind), now = now_seconds();

    if (!asked->writing || ack_is_excepted(desk->settings, asked->letter->recipient))
        return give_up(
            desk, waiting, incident, "they are not reminded: their address is excepted", error);
    if (waiting->reminded >= count)
        return give_up(
            desk, waiting, incident, "no answer came, and its reporter is reminded no more", error);
    if (!write_reminder(desk, waiting, incident, asked, error))
        return FALSE;
    waiting->reminded++;
    waiting->next_reminder = next_of(desk, waiting->reminded, now);
    return store_keep_waiting(desk->store, waiting, error);
}

static gboolean remind(struct desk *desk, guint64 id, GError **error)
{
    struct incident *incident = store_incident_show(desk->store, id, error);
    struct asked_letter asked = {0};
    struct waiting waiting;
    gboolean done = incident && store_waiting(desk->store, id, &waiting, error) &&
                    find_asked(desk, waiting.letter, &asked, error) &&
                    go_on(desk, &waiting, incident, &asked, error);

    asked_letter_clear(&asked);
    incident_free(incident);
    return done;
}

gboolean waiting_feed(struct desk *desk, GError **error)
{
    g_autoptr(GArray) due = store_due_waiting(desk->store, now_seconds(), AT_ONCE, error);
    gboolean done = due != NULL;

    for (guint i = 0; done && i < due->len; i++)
        done = remind(desk, g_array_index(due, guint64, i), error);
    return done;
}

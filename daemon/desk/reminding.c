/*
 * Parties who have not answered are reminded, with time between
 *
 * When there is something to do stands in the store, and is taken out in the change that does it:
 * so whatever happens to us in between, it is done once. It is named when a letter has gone, not
 * when it was written, because letters are held.
 */
#include "state.h"
#include "coordination.h"
#include "desk.h"
#include "duty.h"
#include "error.h"
#include "log.h"
#include "now.h"
#include "say.h"
#include <inttypes.h>
#include <string.h>

enum { AT_ONCE = 20, TEMPLATES = 2 };

gint64 reminding_behind(const struct desk *desk, gint64 at, const char *span)
{
    gint64 seconds = clock_span(desk->clock, span), due;

    return clock_add(desk->clock, at, seconds, &due) ? due : at + seconds;
}

/* How long is waited behind the letter before; behind the last reminder as long as before it. */
static const char *pause_of(const struct desk *desk, gint64 reminded)
{
    char **all = desk->settings->coordination.reminders;
    gint64 count = g_strv_length(all);

    return count ? all[MIN(reminded, count - 1)] : NULL;
}

static gboolean has_more(const struct desk *desk, gint64 reminded)
{
    return reminded < (gint64)g_strv_length(desk->settings->coordination.reminders);
}

/* -- a letter has gone, or come back -- */

static struct coordination *of_letter(
    struct desk *desk, guint64 letter, gboolean *failed, GError **error)
{
    guint64 id = 0;
    struct coordination *coordination = NULL;

    *failed = !store_coordination_of_letter(desk->store, letter, &id, error) ||
              (id && !(coordination = store_coordination(desk->store, id, error)));
    return coordination;
}

gboolean coordinating_sent(struct desk *desk, guint64 letter, gint64 now, GError **error)
{
    gboolean failed;
    g_autoptr(mado_coordination) coordination = of_letter(desk, letter, &failed, error);
    const char *pause = coordination ? pause_of(desk, coordination->reminded) : NULL;
    gint64 from;

    if (failed || !pause || !coordination_waits(coordination->state))
        return !failed;
    from = coordination->reminded ? now : MAX(coordination->due, now);
    coordination->next_reminder = reminding_behind(desk, from, pause);
    return store_keep_coordination(desk->store, coordination, now, error);
}

/* Nobody is reminded at an address that takes nothing. */
gboolean coordinating_returned(struct desk *desk, guint64 letter, gint64 now, GError **error)
{
    gboolean failed;
    g_autoptr(mado_coordination) coordination = of_letter(desk, letter, &failed, error);

    if (!coordination)
        return !failed;
    coordination->next_reminder = 0;
    return store_keep_coordination(desk->store, coordination, now, error);
}

/* -- the letter -- */

/* Of one cause there is one letter: `of` keeps those of one kind from those of another. */
char *reminding_id(char of, guint64 id, gint64 reminded)
{
    return g_strdup_printf("%08x%c%07x", (guint)id, of, (guint)reminded);
}

static gboolean fill(
    struct desk *desk, const struct coordination *coordination, struct sheet *sheet, GError **error)
{
    g_autoptr(mado_contact) contact = store_contact(desk->store, coordination->contact, error);
    gboolean confirmed;

    if (!contact || !store_coordination_confirmed(desk->store, coordination->id, &confirmed, error))
        return FALSE;
    *sheet = (struct sheet){
        .id = reminding_id('c', coordination->id, coordination->reminded),
        .purpose = g_strdup("remind"),
        .template = g_strdup(coordination->reminded < TEMPLATES - 1 ? "remind-1" : "remind-2"),
        .writer = g_strdup(coordination->opened_by),
        .writer_name = g_strdup(duty_name(desk->settings, coordination->opened_by)),
        .incident = coordination->incident,
        .coordination = coordination->id,
        .to = g_strdup(coordination->address),
        .to_name = g_strdup(g_str_equal(contact->kind, "person") ? contact->name : ""),
        .organisation = g_strdup(*contact->organisation                 ? contact->organisation
                                 : g_str_equal(contact->kind, "person") ? ""
                                                                        : contact->name),
        .language = g_strdup(coordination->language),
        .charset = g_strdup(contact->charset),
        .confirmed = confirmed,
        .contact = contact->id,
        .party = g_strdup(contact->name),
        .inside = desk_is_ours(coordination->address, desk->settings) ||
                  g_str_equal(contact->relation, "inside"),
        .label = g_strdup(coordination->label),
        .shown = g_strdup(coordination->shown),
        .by_itself = TRUE,
    };
    return TRUE;
}

static gboolean journal(
    struct desk *desk, const struct coordination *coordination, const char *text, GError **error)
{
    g_autofree char *whole =
        g_strdup_printf("%s (%s): %s", coordination->number, coordination->name, text);

    return store_journal(desk->store, now_seconds(), "mado", "coordination", coordination->incident,
        0, whole, error);
}

/* What is wrong with a letter that no person has looked at. */
static const struct check *complaint(const GPtrArray *checks)
{
    for (guint i = 0; i < checks->len; i++)
        if (((const struct check *)checks->pdata[i])->result == CHECK_FAIL)
            return checks->pdata[i];
    return NULL;
}

static gboolean post(struct desk *desk, const struct sheet *sheet, char **why, GError **error)
{
    struct posting how = {0, "", ""};
    struct weighed *weighed = posting_weigh(desk, sheet, error);
    const struct check *wrong = weighed ? complaint(weighed->checks) : NULL;
    guint64 letter;
    gboolean good = weighed && (wrong || posting_send(desk, sheet, weighed, &how, &letter, error));

    if (wrong)
        *why = g_strdup_printf("no reminder was written: %s", wrong->text);
    weighed_free(weighed);
    return good;
}

gboolean reminding_send(struct desk *desk, struct sheet *sheet, char **why, GError **error)
{
    const struct said said = {0};

    *why = NULL;
    return writing_draft(desk, sheet, &said, error) && post(desk, sheet, why, error);
}

/* What was not written never goes, and is waited for as if it had gone. */
static gboolean write_reminder(
    struct desk *desk, struct coordination *coordination, gint64 now, GError **error)
{
    struct sheet sheet = {0};
    g_autofree char *why = NULL;
    g_autofree char *done =
        g_strdup_printf("reminder %" PRIi64 " is written", coordination->reminded);
    gboolean good = fill(desk, coordination, &sheet, error) &&
                    reminding_send(desk, &sheet, &why, error) &&
                    journal(desk, coordination, why ? why : done, error);

    if (why)
        coordination->next_reminder =
            reminding_behind(desk, now, pause_of(desk, coordination->reminded + 1));
    sheet_clear(&sheet);
    return good;
}

/* -- what is to be done now -- */

static gboolean give_up(struct desk *desk, struct coordination *coordination,
    const struct incident *incident, gint64 now, GError **error)
{
    g_autofree char *was = g_steal_pointer(&coordination->state);

    coordination->state = g_strdup(coordination_behind(was, COORDINATION_SILENT));
    return store_keep_coordination(desk->store, coordination, now, error) &&
           store_add_notice(desk->store, 0, incident->number, coordination->state,
               incident->severity, incident->label, now, error) &&
           journal(
               desk, coordination, N_("no answer came, and nobody is reminded any more"), error);
}

/* Behind the last reminder they have had their time. */
static gboolean go_on(struct desk *desk, struct coordination *coordination,
    const struct incident *incident, GError **error)
{
    gint64 now = now_seconds();

    coordination->next_reminder = 0;
    if (state_is_over(incident->state) || !coordination_waits(coordination->state))
        return store_keep_coordination(desk->store, coordination, now, error) &&
               journal(desk, coordination, N_("nobody is reminded any more: it is over"), error);
    if (!has_more(desk, coordination->reminded))
        return give_up(desk, coordination, incident, now, error);
    if (!write_reminder(desk, coordination, now, error))
        return FALSE;
    coordination->reminded++;
    return store_keep_coordination(desk->store, coordination, now, error);
}

static gboolean remind(struct desk *desk, guint64 id, GError **error)
{
    g_autoptr(mado_coordination) coordination = store_coordination(desk->store, id, error);
    struct incident *incident =
        coordination ? store_incident_show(desk->store, coordination->incident, error) : NULL;
    gboolean done = incident && go_on(desk, coordination, incident, error);

    incident_free(incident);
    return done;
}

gboolean reminding_feed(struct desk *desk, GError **error)
{
    g_autoptr(GArray) due = store_due_coordinations(desk->store, now_seconds(), AT_ONCE, error);
    gboolean done = due != NULL;

    for (guint i = 0; done && i < due->len; i++)
        done = remind(desk, g_array_index(due, guint64, i), error);
    return done;
}

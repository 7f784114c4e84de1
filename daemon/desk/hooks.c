/*
 * Hooks: the programs of operators are told what happens
 *
 * An event is kept in the store by whoever changes something, told to the programs one at a time,
 * and forgotten when they have ended. One that a crash has cut off is told again, with the same id;
 * of too many that wait the oldest are forgotten. Nobody waits for any of this.
 */
#include "state.h"
#include "ctl.h"
#include "fd.h"
#include "log.h"
#include "now.h"
#include "store-event.h"
#include "tell.h"
#include <mado/limits.h>
#include <string.h>
#include <unistd.h>

enum { MOST_CHARACTERS = 500 }; /* of one field */

void hooks_make(struct desk *desk)
{
    guint instance = desk->settings->intake.sources->len + 1;

    if (!*desk->settings->hooks.folder)
        return;
    desk->announcer = peer_new(desk, ROLE_HOOK, instance);
    g_ptr_array_add(desk->hooks, desk->announcer);
}

gboolean hooks_begin(struct desk *desk, GError **error)
{
    return store_keep_events(desk->store, desk->announcer != NULL, error);
}

gboolean hooks_are_idle(const struct desk *desk)
{
    g_autoptr(GError) error = NULL;
    gint64 waiting = 0;

    if (!desk->announcer || desk->announcer->troubled)
        return TRUE;
    if (!store_count_events(desk->store, &waiting, &error))
        desk_give_up(error);
    return waiting == 0;
}

/* -- what they are told -- */

static const char *value_of(const struct incident *incident, const char *field)
{
    const struct {
        const char *field, *value;
    } values[] = {
        {"severity", incident->severity},
        {"label", incident->label},
        {"category", incident->category},
        {"handler", incident->handler},
        {"team", incident->team},
        {"subject", incident->subject},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(values); i++)
        if (g_str_equal(values[i].field, field))
            return values[i].value;
    return NULL;
}

static gboolean came_sealed(const struct desk *desk, guint64 incident, GError **error)
{
    gboolean sealed;

    return !store_had_sealed(desk->store, incident, &sealed, error) || sealed;
}

/* What they are told of one incident, as it grows. */
struct hook_telling {
    const struct incident *incident; /* NULL: it is gone, or there is none */
    gboolean sealed;
    GPtrArray *told; /* char *: name and value in turn */
};

static void tell(struct hook_telling *telling, const char *name, const char *value)
{
    char *some = value ? g_utf8_substring(value, 0, MIN(g_utf8_strlen(value, -1), MOST_CHARACTERS))
                       : g_strdup("");

    g_ptr_array_add(telling->told, g_strdup(name));
    g_ptr_array_add(telling->told, some);
}

/* As strict as it is now, whatever it was then. */
static void tell_field(struct hook_telling *telling, const char *field, const char *value)
{
    const struct incident *incident = telling->incident;
    gboolean may = incident && gate_may_tell(field, incident->label, incident->restricted != 0,
                                   telling->sealed);

    tell(telling, field, may ? value : NULL);
}

static void tell_all(
    const struct desk *desk, struct hook_telling *telling, const struct hook_event *event)
{
    const struct incident *incident = telling->incident;

    tell_field(telling, "number", incident ? incident->number : NULL);
    if (*event->alarm)
        tell(telling, "state", event->what);
    else
        tell_field(telling, "state", event->what);
    tell_field(telling, "severity", incident ? value_of(incident, "severity") : NULL);
    tell_field(telling, "label", incident ? value_of(incident, "label") : NULL);
    for (char **field = desk->settings->hooks.tell; field && *field; field++)
        if (**field)
            tell_field(telling, *field, incident ? value_of(incident, *field) : NULL);
    tell(telling, "alarm", event->alarm);
}

/* One line, which the caller frees. */
static char *event_text(const struct desk *desk, const struct hook_event *event)
{
    g_autoptr(GPtrArray) told = g_ptr_array_new_with_free_func(g_free);
    struct incident *incident =
        event->incident ? store_incident_show(desk->store, event->incident, NULL) : NULL;
    struct hook_telling telling = {
        incident, incident && came_sealed(desk, incident->id, NULL), told};
    char *text;

    tell_all(desk, &telling, event);
    text = ctl_event_line(&(struct ctl_event){event->id, event->kind, told, event->at, desk->zone});
    incident_free(incident);
    return text;
}

static int event_file(const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *line = g_strconcat(text, "\n", NULL);
    int file = fd_new_memory("event", &error);

    if (file >= 0 && fd_write_all(file, line, MIN(strlen(line), LIMIT_HOOK_EVENT), &error))
        return file;
    log_event(LOG_LEVEL_WARN, 0, "hook-trouble", "%s", error->message);
    if (file >= 0)
        close(file);
    return -1;
}

/* -- one at a time -- */

static void note_failure(struct desk *desk, const char *why)
{
    desk->hook_failures++;
    g_free(desk->hook_failure);
    desk->hook_failure = peer_words(why);
}

static void note_success(struct desk *desk)
{
    desk->hook_failures = 0;
    g_clear_pointer(&desk->hook_failure, g_free);
}

/* `why`: what failed, or "". */
static void settle(struct desk *desk, guint64 event, const char *why)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *words = peer_words(why);
    g_autofree char *text = g_strdup_printf("event %" G_GUINT64_FORMAT ": %s", event, words);

    desk_change(desk);
    if (!store_event_done(desk->store, event, &error) ||
        (*why &&
            !store_journal(desk->store, now_seconds(), "mado", "hook-failed", 0, 0, text, &error)))
        desk_give_up(error);
    desk_keep(desk);
    if (*why)
        note_failure(desk, why);
    else
        note_success(desk);
}

static void trim(struct desk *desk)
{
    g_autoptr(GError) error = NULL;
    gint64 waiting = 0;

    if (!store_count_events(desk->store, &waiting, &error))
        desk_give_up(error);
    if (waiting <= LIMIT_HOOK_WAITING)
        return;
    log_event(LOG_LEVEL_WARN, 0, "hook-trouble",
        "%" G_GINT64_FORMAT
        " events wait for the programs of hooks.folder: the oldest are forgotten",
        waiting);
    note_failure(desk, "they are too slow: events were forgotten");
    desk_change(desk);
    if (!store_trim_events(desk->store, LIMIT_HOOK_WAITING, &error))
        desk_give_up(error);
    desk_keep(desk);
}

static void begin(struct desk *desk, const struct hook_event *event)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = event_text(desk, event);
    int file = event_file(text);

    if (file < 0)
        return;
    desk_change(desk);
    if (!store_event_begun(desk->store, event->id, &error))
        desk_give_up(error);
    desk_keep(desk);
    desk->event = event->id;
    peer_tell(desk->announcer, IPC_NEED, g_variant_new("(u)", (guint32)NEED_EVENT), file);
}

void hooks_feed(struct desk *desk)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(mado_hook_event) event = NULL;

    if (!desk->look_for_events || !desk->announcer || !desk->announcer->ready || desk->event ||
        desk->draining)
        return;
    desk->look_for_events = FALSE;
    trim(desk);
    event = store_next_event(desk->store, &error);
    if (error)
        desk_give_up(error);
    if (event && event->tries >= LIMIT_HOOK_TRIES)
        settle(desk, event->id, "the hook has ended each time that it was told");
    else if (event)
        begin(desk, event);
}

/* -- and back -- */

void hooks_told(struct peer *announcer, const struct ipc_message *message)
{
    struct desk *desk = announcer->desk;
    const char *why;
    guint32 need;

    g_variant_get(message->body, "(u&s)", &need, &why);
    if (need != NEED_EVENT || message->fd >= 0 || !desk->event) {
        peer_kill(announcer, "it brings what nobody asked for");
        return;
    }
    settle(desk, desk->event, why);
    desk->event = 0;
    desk->look_for_events = TRUE;
}

/* It is told again to the one that is started in its place. */
void hooks_lost(struct peer *announcer)
{
    announcer->desk->event = 0;
    announcer->desk->look_for_events = TRUE;
}

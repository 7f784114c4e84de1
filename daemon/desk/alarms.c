/*
 * Alarms: one table of conditions
 *
 * A condition that begins gets a row, which lasts over restarts of the daemon; operators are told
 * by a letter at once, again every hour while it lasts (of a key that ends: when the end comes
 * nearer), and once more when it is over. Letters name
 * conditions and times: a text may have words of a server in it, and is for `madoctl` only.
 */
#include "state.h"
#include "alarm.h"
#include "log.h"
#include "now.h"
#include "people.h"
#include <inttypes.h>

#define DAY G_GINT64_CONSTANT(86400)

enum { MOST_LETTERS_COUNTED = 1000, ASK_RELAY_SECONDS = 60, HOOK_FAILURES = 3 };

/* -- the conditions -- */

struct look {
    struct desk *desk;
    const GPtrArray *rows; /* what the store has: struct alarm */
    GPtrArray *found;      /* struct alarm_found */
};

static void find(struct look *look, const char *condition, gint64 since, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
static void find(struct look *look, const char *condition, gint64 since, const char *format, ...)
{
    struct alarm_found *found = g_new0(struct alarm_found, 1);
    va_list values;

    va_start(values, format);
    found->condition = g_strdup(condition);
    found->text = g_strdup_vprintf(format, values);
    found->since = since;
    va_end(values);
    g_ptr_array_add(look->found, found);
}

static gboolean is_too_long(const struct look *look, gint64 since_monotonic)
{
    gint64 after = look->desk->settings->notices.trouble_after * G_USEC_PER_SEC;

    return g_get_monotonic_time() - since_monotonic >= after;
}

/* An alarm from before a restart lasts until its server has answered. */
static void find_out_of_reach(struct look *look, const struct peer *peer, const char *condition)
{
    const struct alarm *row = alarm_lasting(look->rows, condition);
    gboolean well = peer_is_well(peer);

    if (row ? well && peer->answered : well || !is_too_long(look, peer->changed_on))
        return;
    find(look, condition, peer->changed_at, "%s",
        peer_trouble(peer)      ? peer_trouble(peer)
        : row                   ? row->text
        : !peer_is_steady(peer) ? "it ends again and again before its work is done"
                                : peer->state);
}

static void find_sources(struct look *look)
{
    GPtrArray *intakes = look->desk->intakes;

    for (guint i = 0; i < intakes->len; i++) {
        g_autofree char *condition = g_strdup_printf("source %s", peer_source(intakes->pdata[i]));
        find_out_of_reach(look, intakes->pdata[i], condition);
    }
}

/* Apart from the mailbox itself: else whoever sends a mail that is too large could hide that the
 * mailbox is out of reach. */
static void find_left_mail(struct look *look)
{
    GPtrArray *intakes = look->desk->intakes;

    for (guint i = 0; i < intakes->len; i++) {
        const struct peer *intake = intakes->pdata[i];
        g_autofree char *condition = g_strdup_printf("mail left in %s", peer_source(intake));
        const struct alarm *row = alarm_lasting(look->rows, condition);
        if (intake->left ? row || is_too_long(look, intake->left_on) : row && !intake->saw_all)
            find(look, condition, intake->left_at, "%s", intake->left ? intake->left : row->text);
    }
}

static void find_relay(struct look *look)
{
    find_out_of_reach(look, look->desk->courier, "relay");
}

static gboolean is_missed(
    const struct look *look, const struct absence *absence, const char *condition)
{
    return absence->at && (alarm_lasting(look->rows, condition) || is_too_long(look, absence->on));
}

static void find_no_reader(struct look *look)
{
    const struct absence *gone = &look->desk->readers_gone;

    if (is_missed(look, gone, "reader"))
        find(look, "reader", gone->at, "no reader is at work: mail waits unread");
}

static void find_no_keys(struct look *look)
{
    const struct absence *gone = &look->desk->keys_gone;
    const char *why = NULL;

    for (guint i = 0; i < look->desk->keys->len && !why; i++)
        why = peer_trouble(look->desk->keys->pdata[i]);
    if (is_missed(look, gone, "keys"))
        find(look, "keys", gone->at, "nothing is opened or sealed: %s",
            why ? why : "gpg ends again and again");
}

static void find_full_disk(struct look *look)
{
    const char *why = pressure_why(look->desk);

    if (why)
        find(look, "disk", now_seconds(), "%s", why);
}

/* A flood is on, or a loop. Near its limit the count comes and goes, which is still one alarm. */
static void find_breaker(struct look *look)
{
    gint64 most = look->desk->settings->acknowledge.hourly, acks;
    gint64 until = alarm_lasting(look->rows, "acknowledgements") ? most - most / 4 : most;
    g_autoptr(GError) error = NULL;

    if (!store_acks_this_hour(look->desk->store, now_seconds(), &acks, &error))
        desk_give_up(error);
    if (acks && acks >= until)
        find(look, "acknowledgements", now_seconds(),
            "as many as may go out in an hour: no more are sent until it is less than "
            "%" PRIi64,
            most);
}

static void find_lost_letters(struct look *look)
{
    g_autoptr(GError) error = NULL;
    gint64 count;

    if (!store_count_lost_letters(look->desk->store, MOST_LETTERS_COUNTED, &count, &error))
        desk_give_up(error);
    if (count)
        find(look, "letters", now_seconds(), "%" PRIi64 "%s not delivered or uncertain", count,
            count == MOST_LETTERS_COUNTED ? " and more" : "");
}

/* One that failed once may have met a network that was down. */
static void find_hooks(struct look *look)
{
    if (look->desk->hook_failures >= HOOK_FAILURES)
        find(look, "hooks", now_seconds(), "%u times in a row: %s", look->desk->hook_failures,
            look->desk->hook_failure);
}

static char *key_condition(const struct look *look, const struct key *key)
{
    g_autoptr(GDateTime) end = desk_local_time(look->desk, key_end(key));
    g_autofree char *until =
        key->revoked ? g_strdup("revoked") : g_date_time_format(end, "until %Y-%m-%d");

    return g_strdup_printf(
        "%s %s %s", key_is_ours(key) ? "our key" : "key", key->fingerprint, until);
}

/* Told again when one more is held, not every hour. */
static void find_held_letters(struct look *look)
{
    g_autoptr(GError) error = NULL;
    gint64 count, oldest, newest;

    if (!store_count_held(look->desk->store, &count, &oldest, &newest, &error))
        desk_give_up(error);
    if (!count)
        return;
    find(look, "held", oldest, "%" PRIi64 " letter%s held: madoctl hold", count,
        count == 1 ? " is" : "s are");
    ((struct alarm_found *)look->found->pdata[look->found->len - 1])->worse_at = newest;
}

/* gpg runs, and does not sign: a passphrase that does not fit, a home that is full. */
static void find_unsigned_letters(struct look *look)
{
    g_autoptr(GError) error = NULL;
    gint64 since;

    if (!store_oldest_unsealed(look->desk->store, &since, &error))
        desk_give_up(error);
    if (since && now_seconds() - since >= look->desk->settings->notices.trouble_after)
        find(look, "signatures", since, "letters wait to be signed or sealed: madoctl outbox");
}

/* A key ends slowly: told when it gets worse. */
static void find_keys(struct look *look)
{
    gint64 now = now_seconds();
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) keys =
        store_keys_to_watch(look->desk->store, now + KEY_WATCHED_DAYS * DAY, &error);

    if (!keys)
        desk_give_up(error);
    for (guint i = 0; i < keys->len; i++) {
        const struct key *key = keys->pdata[i];
        gint64 since = key_health_since(key, now);
        g_autofree char *condition = key_condition(look, key);
        g_autofree char *state = key_health_words(key, now);
        const struct alarm *row = alarm_lasting(look->rows, condition);
        find(look, condition, since ? since : now, "%s%s%s: madoctl key check", key->owner,
            *key->owner ? ": " : "", state);
        ((struct alarm_found *)look->found->pdata[look->found->len - 1])->worse_at =
            since ? since
            : row ? row->worse_at
                  : now;
    }
}

/* What was to be kept elsewhere is not. Told again when it has failed once more, not every hour. */
static void find_old_copy(struct look *look, const char *what, const char *condition)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(mado_kept_run) run = store_kept_run(look->desk->store, what, &error);
    gint64 since;

    if (!run)
        desk_give_up(error);
    since = run->done_at ? run->done_at + DAY + DAY / 2 : run->begun_at;
    if (*run->why)
        find(look, condition, run->begun_at, "%s", run->why);
    else if (run->done_at && since < now_seconds())
        find(look, condition, since, "the last one is older than a day and a half");
    else
        return;
    ((struct alarm_found *)look->found->pdata[look->found->len - 1])->worse_at = since;
}

static void find_old_copies(struct look *look)
{
    if (*look->desk->settings->backup.folder)
        find_old_copy(look, "backup", "backup");
    if (*look->desk->settings->audit.folder)
        find_old_copy(look, "journal", "export of the journal");
}

static void (*const conditions[])(struct look *look) = {
    find_sources,
    find_left_mail,
    find_relay,
    find_no_reader,
    find_no_keys,
    find_full_disk,
    find_breaker,
    find_lost_letters,
    find_held_letters,
    find_unsigned_letters,
    find_keys,
    find_old_copies,
    find_hooks,
};

/* -- what has changed -- */

static gboolean journal(
    struct desk *desk, const char *kind, const char *condition, const char *text, GError **error)
{
    g_autofree char *whole = g_strdup_printf("%s: %s", condition, text);

    return store_journal(desk->store, now_seconds(), "mado", kind, 0, 0, whole, error);
}

static gboolean begin(struct desk *desk, const struct alarm_change *change, GError **error)
{
    const struct alarm_found *found = change->found;

    log_event(LOG_LEVEL_ALARM, 0, "alarm", "%s: %s", found->condition, found->text);
    return store_alarm_begin(desk->store, found, error) &&
           journal(desk, "alarm", found->condition, found->text, error);
}

static gboolean change_text(struct desk *desk, const struct alarm_change *change, GError **error)
{
    return store_alarm_change(desk->store, change->row->id, change->found, error);
}

static gboolean end(struct desk *desk, const struct alarm_change *change, GError **error)
{
    const struct alarm *row = change->row;
    g_autofree char *to = duty_told_at(desk);
    gboolean silent = !to;

    log_event(LOG_LEVEL_INFO, 0, "alarm-over", "%s", row->condition);
    return store_alarm_over(desk->store, row->id, now_seconds(), silent, error) &&
           journal(desk, "alarm-over", row->condition, row->text, error);
}

static gboolean (*const apply[])(struct desk *, const struct alarm_change *, GError **) = {
    [ALARM_BEGINS] = begin,
    [ALARM_CHANGES] = change_text,
    [ALARM_ENDS] = end,
};

static GPtrArray *rows_of(struct desk *desk)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *rows = store_alarms_now(desk->store, &error);

    if (!rows)
        desk_give_up(error);
    return rows;
}

static void compare(struct desk *desk, const GPtrArray *rows)
{
    struct look look = {
        desk, rows, g_ptr_array_new_with_free_func((GDestroyNotify)alarm_found_free)};
    g_autoptr(GPtrArray) found = look.found;
    g_autoptr(GArray) changes = NULL;
    g_autoptr(GError) error = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(conditions); i++)
        conditions[i](&look);
    changes = alarm_compare(rows, found);
    if (!changes->len)
        return;
    desk_change(desk);
    for (guint i = 0; i < changes->len; i++) {
        const struct alarm_change *change = &g_array_index(changes, struct alarm_change, i);
        if (!apply[change->step](desk, change, &error))
            desk_give_up(error);
    }
    desk_keep(desk);
}

/* -- telling -- */

static char *moment(const struct desk *desk, gint64 at)
{
    g_autoptr(GDateTime) time = at ? desk_local_time(desk, at) : NULL;

    return time ? g_date_time_format(time, "%Y-%m-%d %H:%M %Z") : g_strdup("");
}

static struct values *letter_values(struct desk *desk, const GPtrArray *due)
{
    struct values *values = values_new();
    g_autoptr(GString) conditions_in_a_line = g_string_new(NULL);

    for (guint i = 0; i < due->len; i++) {
        const struct alarm *one = due->pdata[i];
        struct values *item = values_add(values, "items");
        g_autofree char *since = moment(desk, one->since), *over = moment(desk, one->over_at);
        values_set(item, "condition", one->condition);
        values_set(item, "since", since);
        values_set(item, "over", over);
        g_string_append_printf(conditions_in_a_line, "%s%s", i ? ", " : "", one->condition);
    }
    values_set(values, "team", desk->settings->team.name);
    values_set(values, "conditions", conditions_in_a_line->str);
    return values;
}

static gboolean any_lasts(const GPtrArray *due)
{
    for (guint i = 0; i < due->len; i++)
        if (!((struct alarm *)due->pdata[i])->over_at)
            return TRUE;
    return FALSE;
}

static gboolean queue_letter(
    struct desk *desk, const GPtrArray *due, const char *to, GError **error)
{
    const struct alarm *first = due->pdata[0];
    g_autoptr(mado_values) values = letter_values(desk, due);
    g_autofree char *cause = g_strdup_printf("alarm:%" PRIu64 ":%" PRIi64, first->id, first->times);
    const struct own_letter letter = {.kind = "alarm",
        .cause = cause,
        .template = any_lasts(due) ? "alarm" : "alarm-over",
        .to = to,
        .values = values};

    return letters_queue_own(desk, &letter, NULL, error);
}

static gboolean note_told(
    struct desk *desk, const struct alarm *alarm, const char *to, GError **error)
{
    return store_alarm_told(desk->store, alarm->id, to, now_seconds(), error) &&
           journal(desk, "alarm-told", alarm->condition, to, error);
}

/* While a letter waits, because it is the relay that is out of reach, another one would only wait
 * behind it. */
static gboolean may_tell(struct desk *desk)
{
    g_autoptr(GError) error = NULL;
    gint64 waits;

    if (!store_alarm_letter(desk->store, &waits, &error))
        desk_give_up(error);
    return !waits;
}

static void tell(struct desk *desk, const GPtrArray *rows)
{
    g_autoptr(GPtrArray) due = alarm_due(rows, now_seconds());
    g_autofree char *to = due->len && may_tell(desk) ? duty_told_at(desk) : NULL;
    g_autoptr(GError) error = NULL;

    if (!to)
        return;
    desk_change(desk);
    if (!queue_letter(desk, due, to, &error))
        desk_give_up(error);
    for (guint i = 0; i < due->len; i++)
        if (!note_told(desk, due->pdata[i], to, &error))
            desk_give_up(error);
    desk_keep(desk);
}

/* A relay to which nothing is sent says nothing of itself. */
static void ask_relay(struct desk *desk, const GPtrArray *rows)
{
    struct peer *courier = desk->courier;
    gint64 now = g_get_monotonic_time();

    if (!alarm_lasting(rows, "relay") || !courier->ready || courier->proving ||
        (peer_is_well(courier) && courier->answered) || now < desk->relay_proof_at)
        return;
    proof_ask(courier);
    desk->relay_proof_at = now + ASK_RELAY_SECONDS * G_USEC_PER_SEC;
}

static void note_absence(const GPtrArray *peers, struct absence *absence)
{
    for (guint i = 0; i < peers->len; i++)
        if (peer_is_at_work(peers->pdata[i])) {
            *absence = (struct absence){0};
            return;
        }
    if (!absence->at)
        *absence = (struct absence){now_seconds(), g_get_monotonic_time()};
}

void alarms_check(struct desk *desk)
{
    g_autoptr(GPtrArray) before = rows_of(desk);
    g_autoptr(GPtrArray) rows = NULL;

    note_absence(desk->readers, &desk->readers_gone);
    note_absence(desk->keys, &desk->keys_gone);
    compare(desk, before);
    rows = rows_of(desk);
    ask_relay(desk, rows);
    tell(desk, rows);
}

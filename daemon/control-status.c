/* The state of the whole: status, doctor, configuration, journal, and what `explain` asks. */
#include "control-answers.h"
#include "conf.h"
#include "error.h"
#include "now.h"
#include <build-facts.h>
#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>

enum {
    AUDIT_PAGE = 5000,
    HASH_SIZE = 65,
    LOW_DISK_PERCENT = 5,
    LOW_DISK_BYTES = 64 * 1024 * 1024,
};

static json_t *count_rows(const GPtrArray *counts)
{
    json_t *rows = json_array();

    for (guint i = 0; counts && i < counts->len; i++) {
        const struct state_count *one = g_ptr_array_index(counts, i);
        json_array_append_new(
            rows, json_pack("{s:o,s:o,s:o}", "state", ctl_string(one->state), "count",
                      answer_integer(one->count), "oldest_seconds", answer_age(one->oldest)));
    }
    return rows;
}

/* -- status -- */

static void source_facts_free(gpointer data)
{
    struct source_facts *source = data;

    g_free((char *)source->name);
    g_free((char *)source->type);
    g_free((char *)source->state);
    g_free(source);
}

void status_facts_add_source(struct status_facts *facts, const struct source_facts *source)
{
    struct source_facts *copy = g_memdup2(source, sizeof *source);

    copy->name = g_strdup(source->name);
    copy->type = g_strdup(source->type);
    copy->state = g_strdup(source->state);
    g_ptr_array_add(facts->sources, copy);
}

static void facts_ask(const struct answer *answer, struct status_facts *facts)
{
    *facts = (struct status_facts){
        .sources = g_ptr_array_new_with_free_func(source_facts_free),
        .alarms = g_ptr_array_new_with_free_func(g_free),
    };
    answer->context->facts(answer->context->desk, facts);
}

static void facts_clear(struct status_facts *facts)
{
    g_ptr_array_unref(facts->sources);
    g_ptr_array_unref(facts->alarms);
    g_free(facts->reader);
    g_free(facts->courier);
}

static json_t *source_rows(const struct answer *answer, const GPtrArray *sources)
{
    json_t *rows = json_array();

    for (guint i = 0; i < sources->len; i++) {
        const struct source_facts *one = g_ptr_array_index(sources, i);
        gint64 last = store_last_arrival(answer->context->store, one->name, NULL);
        json_array_append_new(rows,
            json_pack("{s:o,s:o,s:o,s:b,s:o,s:o}", "name", ctl_string(one->name), "type",
                ctl_string(one->type), "state", ctl_known(one->state), "well", one->well, "waiting",
                answer_integer(one->waiting), "last_mail", answer_moment(answer, last)));
    }
    return rows;
}

static gint64 midnight(GTimeZone *zone)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(now_seconds());
    g_autoptr(GDateTime) local = g_date_time_to_timezone(now, zone ? zone : utc);
    g_autoptr(GDateTime) start = g_date_time_new(zone ? zone : utc, g_date_time_get_year(local),
        g_date_time_get_month(local), g_date_time_get_day_of_month(local), 0, 0, 0);

    return start ? g_date_time_to_unix(start) : now_seconds();
}

static json_t *place_count(
    const struct answer *answer, const struct ledger_sum *sum, const enum ledger *places)
{
    guint64 count = 0;
    gint64 oldest = 0;

    for (; *places != LEDGER_NONE; places++) {
        g_autoptr(GPtrArray) first =
            store_mails_in_ledger(answer->context->store, *places, 0, 1, NULL);
        count += sum->place[*places];
        if (first && first->len > 0) {
            gint64 at = ((struct mail_row *)first->pdata[0])->arrived_at;
            oldest = oldest ? MIN(oldest, at) : at;
        }
    }
    return json_pack(
        "{s:o,s:o}", "count", answer_integer(count), "oldest_seconds", answer_age(oldest));
}

static gint64 last_letter(const struct answer *answer)
{
    g_autoptr(GPtrArray) newest = store_list_letters(answer->context->store, "sent", 0, 1, NULL);
    return newest && newest->len > 0 ? ((struct outbox_row *)newest->pdata[0])->created_at : 0;
}

static gboolean add_counts(const struct answer *answer, json_t *row, GError **error)
{
    static const enum ledger to_sort[] = {LEDGER_PENDING, LEDGER_NONE};
    static const enum ledger unread[] = {LEDGER_UNREADABLE, LEDGER_QUARANTINE, LEDGER_NONE};
    struct store *store = answer->context->store;
    g_autoptr(GPtrArray) states = store_count_states(store, error);
    g_autoptr(GPtrArray) letters = states ? store_count_letters(store, error) : NULL;
    struct ledger_sum sum;
    guint64 in, out, failed;

    if (!letters || !store_ledger(store, &sum, error) ||
        !store_count_since(store, midnight(answer->context->zone), &in, &out, &failed, error))
        return FALSE;
    answer_set(row, "states", count_rows(states));
    answer_set(row, "mail_to_sort", place_count(answer, &sum, to_sort));
    answer_set(row, "could_not_read", place_count(answer, &sum, unread));
    answer_set(row, "waiting_mail", answer_integer(sum.waiting));
    answer_set(row, "untold", answer_integer(store_count_untold(store, NULL)));
    answer_set(row, "outbox", count_rows(letters));
    answer_set(row, "last_out", answer_moment(answer, last_letter(answer)));
    answer_set(row, "today",
        json_pack("{s:o,s:o,s:o}", "in", answer_integer(in), "out", answer_integer(out), "failed",
            answer_integer(failed)));
    return TRUE;
}

static void add_facts(const struct answer *answer, json_t *row)
{
    struct status_facts facts;
    gint64 last = 0;

    facts_ask(answer, &facts);
    for (guint i = 0; i < facts.sources->len; i++) {
        const struct source_facts *one = g_ptr_array_index(facts.sources, i);
        last = MAX(last, store_last_arrival(answer->context->store, one->name, NULL));
    }
    answer_set(row, "up_seconds", answer_age(facts.started_at));
    answer_set(row, "last_in", answer_moment(answer, last));
    answer_set(row, "sources", source_rows(answer, facts.sources));
    answer_set(row, "reader", ctl_known(facts.reader));
    answer_set(row, "courier", ctl_known(facts.courier));
    answer_set(row, "alarms", json_array());
    for (guint i = 0; i < facts.alarms->len; i++)
        json_array_append_new(
            json_object_get(row, "alarms"), ctl_string(g_ptr_array_index(facts.alarms, i)));
    facts_clear(&facts);
}

gboolean answer_status(struct answer *answer, GError **error)
{
    g_autofree char *zone = answer_zone_name(answer);
    json_t *row = ctl_row();

    answer_set(row, "team", ctl_string(answer->context->settings->team.name));
    answer_set(row, "now", answer_moment(answer, now_seconds()));
    answer_set(row, "zone", ctl_string(zone));
    answer_set(row, "version", ctl_string(MADO_VERSION));
    if (!add_counts(answer, row, error)) {
        json_decref(row);
        return FALSE;
    }
    add_facts(answer, row);
    answer_add(answer, row);
    return TRUE;
}

/* -- doctor -- */

enum finding { FINE, WARNING, FAILURE, UNKNOWN };

static void add_finding(struct answer *answer, const char *check, enum finding result,
    const char *todo, const char *format, ...) G_GNUC_PRINTF(5, 6);
static void add_finding(struct answer *answer, const char *check, enum finding result,
    const char *todo, const char *format, ...)
{
    static const char *const words[] = {"ok", "warning", "failure", "unknown"};
    g_autofree char *text = NULL;
    va_list values;
    json_t *row = ctl_row();

    va_start(values, format);
    text = g_strdup_vprintf(format, values);
    va_end(values);
    answer_set(row, "check", ctl_string(check));
    answer_set(row, "result", ctl_string(words[result]));
    answer_set(row, "text", ctl_string(text));
    answer_set(row, "do", ctl_string(result == FINE ? NULL : todo));
    answer_add(answer, row);
}

/* The beginning of the chain only: doctor is asked every minute by a monitor. */
static void examine_journal(struct answer *answer)
{
    g_autoptr(GError) error = NULL;
    char hash[HASH_SIZE] = "";
    guint64 after = 0;
    guint checked = 0;
    gboolean intact =
        store_audit(answer->context->store, &after, hash, AUDIT_PAGE, &checked, &error);

    if (!intact)
        add_finding(answer, "journal", FAILURE,
            "keep a copy of the store, then find out who wrote to it", "%s", error->message);
    else if (checked == AUDIT_PAGE)
        add_finding(answer, "journal", FINE, NULL,
            "the first %u rows are intact (all: madoctl audit verify)", checked);
    else
        add_finding(answer, "journal", FINE, NULL, "%u rows, intact", checked);
}

static void examine_ledger(struct answer *answer)
{
    g_autoptr(GError) error = NULL;
    struct ledger_sum sum;
    guint64 all = 0;

    if (!store_ledger(answer->context->store, &sum, &error)) {
        add_finding(answer, "store", FAILURE, "see the log of madod", "%s", error->message);
        return;
    }
    for (int place = LEDGER_NONE + 1; place < LEDGER_PLACES; place++)
        all += sum.place[place];
    if (all + sum.waiting == sum.mails)
        add_finding(answer, "store", FINE, NULL,
            "%" G_GUINT64_FORMAT " mails in all, each in one place, %" G_GUINT64_FORMAT
            " not read yet",
            sum.mails, sum.waiting);
    else
        add_finding(answer, "store", FAILURE, "madoctl ledger", "the ledger does not add up");
}

static void examine_disk(struct answer *answer)
{
    const char *folder = answer->context->settings->daemon.state;
    struct statvfs is;
    g_autofree char *space = NULL;
    guint64 left;

    if (statvfs(folder, &is) < 0 || is.f_blocks == 0) {
        add_finding(answer, "disk", UNKNOWN, "look with: df", "%s: %s", folder, g_strerror(errno));
        return;
    }
    left = (guint64)is.f_bavail * is.f_frsize;
    space = ctl_bytes(left);
    if (left < LOW_DISK_BYTES)
        add_finding(answer, "disk", FAILURE, "make room, or mail will not be taken",
            "%s left in %s", space, folder);
    else
        add_finding(answer, "disk",
            is.f_bavail * 100 / is.f_blocks < LOW_DISK_PERCENT ? WARNING : FINE, "make room",
            "%s left in %s", space, folder);
}

static void examine_roles(struct answer *answer)
{
    struct status_facts facts;

    facts_ask(answer, &facts);
    for (guint i = 0; i < facts.sources->len; i++) {
        const struct source_facts *one = g_ptr_array_index(facts.sources, i);
        g_autofree char *check = g_strdup_printf("source %s", one->name);
        add_finding(answer, check, one->well ? FINE : FAILURE,
            "mend what it names; the log of madod has more", "%s, %" G_GUINT64_FORMAT " waiting",
            one->state, one->waiting);
    }
    add_finding(answer, "reader", facts.reader_well ? FINE : FAILURE, "see the log of madod", "%s",
        facts.reader ? facts.reader : "not known");
    add_finding(answer, "sending", facts.courier_well ? FINE : FAILURE, "see the log of madod",
        "%s", facts.courier ? facts.courier : "not known");
    for (guint i = 0; i < facts.alarms->len; i++)
        add_finding(answer, "alarm", FAILURE, "madoctl status", "%s",
            (const char *)g_ptr_array_index(facts.alarms, i));
    facts_clear(&facts);
}

static void examine_outbox(struct answer *answer)
{
    g_autoptr(GPtrArray) counts = store_count_letters(answer->context->store, NULL);
    guint64 failed = 0;

    for (guint i = 0; counts && i < counts->len; i++) {
        const struct state_count *one = g_ptr_array_index(counts, i);
        if (g_str_equal(one->state, "failed") || g_str_equal(one->state, "unknown"))
            failed += one->count;
    }
    add_finding(answer, "outbox", failed ? WARNING : FINE, "madoctl outbox failed",
        "%" G_GUINT64_FORMAT " letters not delivered or uncertain", failed);
}

static void examine_clock(struct answer *answer)
{
    if (now_is_fixed())
        add_finding(answer, "clock", WARNING, "start madod without --now",
            "the clock of madod stands still (--now)");
    else
        add_finding(answer, "clock", FINE, NULL, "runs");
}

gboolean answer_doctor(struct answer *answer, GError **error)
{
    examine_ledger(answer);
    examine_journal(answer);
    examine_roles(answer);
    examine_outbox(answer);
    examine_disk(answer);
    examine_clock(answer);
    return TRUE;
}

/* -- config show, audit verify, consult -- */

gboolean answer_config(struct answer *answer, GError **error)
{
    g_autofree char *text = conf_to_text(answer->context->settings, answer_flag(answer, "changed"));
    json_t *row = ctl_row();

    answer_set(row, "text", ctl_string(text));
    answer_add(answer, row);
    return TRUE;
}

static void add_verdict(struct answer *answer, guint64 checked, const char *why)
{
    json_t *row = ctl_row();

    answer_set(row, "checked", answer_integer(checked));
    answer_set(row, "intact", json_boolean(why == NULL));
    answer_set(row, "why", ctl_string(why));
    answer_add(answer, row);
}

/* One piece of the chain a request, so that mail is served in between. The link between two pieces
 * travels through the asker, who can deceive nobody but themselves. */
gboolean answer_audit(struct answer *answer, GError **error)
{
    json_t *page = json_object_get(answer->args, "page");
    const char *link = json_string_value(json_object_get(page, "hash"));
    g_autoptr(GError) broken = NULL;
    char hash[HASH_SIZE] = "";
    guint64 after = answer_page_number(answer, "after");
    guint64 before = answer_page_number(answer, "checked");
    guint checked = 0;

    g_strlcpy(hash, link ? link : "", sizeof hash);
    if (!store_audit(answer->context->store, &after, hash, AUDIT_PAGE, &checked, &broken)) {
        if (!g_error_matches(broken, MADO_ERROR, MADO_E_AUDIT_BROKEN)) {
            g_propagate_error(error, g_steal_pointer(&broken));
            return FALSE;
        }
        add_verdict(answer, before + checked, broken->message);
    } else if (checked < AUDIT_PAGE) {
        add_verdict(answer, before + checked, NULL);
    } else {
        answer->next = json_pack("{s:o,s:o,s:o}", "after", answer_integer(after), "hash",
            ctl_string(hash), "checked", answer_integer(before + checked));
    }
    return TRUE;
}

gboolean answer_consult(struct answer *answer, GError **error)
{
    g_autoptr(mado_question) question =
        ctl_question_from_json(json_object_get(answer->args, "question"));
    g_autoptr(mado_history) history = NULL;
    json_t *row;

    if (!question)
        return answer_refuse(error, MADO_E_BAD_DATA, "This is no question. Nothing was changed.");
    history = store_consult(
        answer->context->store, question, answer->context->token_secret, now_seconds(), error);
    if (!history)
        return FALSE;
    row = ctl_row();
    answer_set(row, "history", ctl_history_to_json(history));
    answer_add(answer, row);
    return TRUE;
}

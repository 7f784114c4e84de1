/* The state of the whole: status, configuration, journal, and what `explain` asks. */
#include "control-answers.h"
#include "control-query.h"
#include "conf.h"
#include "error.h"
#include "now.h"
#include <build-facts.h>
#include <string.h>
#include <time.h>

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
    g_free((char *)source->proof);
    g_free((char *)source->left);
    g_free(source);
}

void status_facts_add_source(struct status_facts *facts, const struct source_facts *source)
{
    struct source_facts *copy = g_memdup2(source, sizeof *source);

    copy->name = g_strdup(source->name);
    copy->type = g_strdup(source->type);
    copy->state = g_strdup(source->state);
    copy->proof = g_strdup(source->proof);
    copy->left = g_strdup(source->left);
    g_ptr_array_add(facts->sources, copy);
}

void answer_facts(const struct answer *answer, struct status_facts *facts)
{
    *facts = (struct status_facts){.sources = g_ptr_array_new_with_free_func(source_facts_free)};
    answer->context->facts(answer->context->desk, facts);
}

void answer_facts_clear(struct status_facts *facts)
{
    g_ptr_array_unref(facts->sources);
    g_free(facts->reader);
    g_free(facts->keys_role);
    g_free(facts->courier);
    g_free(facts->courier_proof);
}

static json_t *source_rows(const struct answer *answer, const GPtrArray *sources)
{
    json_t *rows = json_array();

    for (guint i = 0; i < sources->len; i++) {
        const struct source_facts *one = g_ptr_array_index(sources, i);
        gint64 last = store_last_arrival(answer->context->store, one->name, NULL);
        json_array_append_new(rows,
            json_pack("{s:o,s:o,s:o,s:b,s:o,s:o,s:o,s:o}", "name", ctl_string(one->name), "type",
                ctl_string(one->type), "state", ctl_known(one->state), "well", one->well, "since",
                answer_moment(answer, one->since), "waiting", answer_integer(one->waiting), "left",
                ctl_known(one->left), "last_mail", answer_moment(answer, last)));
    }
    return rows;
}

static gint64 last_letter(const struct answer *answer)
{
    g_autoptr(GPtrArray) newest =
        store_list_letters(answer->context->store, "sent", NULL, 0, 1, NULL);
    return newest && newest->len > 0 ? ((struct outbox_row *)newest->pdata[0])->created_at : 0;
}

static json_t *relay_row(const struct answer *answer, const struct status_facts *facts)
{
    return json_pack("{s:o,s:o,s:b,s:o,s:o}", "transport",
        ctl_string(answer->context->settings->outgoing.transport), "state",
        ctl_known(facts->courier), "well", facts->courier_well, "since",
        answer_moment(answer, facts->courier_since), "last_letter",
        answer_moment(answer, last_letter(answer)));
}

static gint64 midnight(const struct answer *answer)
{
    gint64 since = now_seconds(), until;

    when_period(answer, "today", &since, &until);
    return since;
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

static gboolean add_counts(const struct answer *answer, json_t *row, GError **error)
{
    static const enum ledger to_sort[] = {LEDGER_PENDING, LEDGER_NONE};
    static const enum ledger closed[] = {LEDGER_UNREADABLE, LEDGER_NONE};
    static const enum ledger unread[] = {LEDGER_QUARANTINE, LEDGER_NONE};
    struct store *store = answer->context->store;
    g_autoptr(GPtrArray) letters = store_count_letters(store, error);
    json_t *states = letters ? answer_state_counts(answer, error) : NULL;
    struct ledger_sum sum;
    guint64 in, out, failed;

    if (!states)
        return FALSE;
    answer_set(row, "states", states);
    if (!store_ledger(store, &sum, error) ||
        !store_count_since(store, midnight(answer), &in, &out, &failed, error))
        return FALSE;
    answer_set(row, "mail_to_sort", place_count(answer, &sum, to_sort));
    answer_set(row, "unreadable", place_count(answer, &sum, closed));
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

static gboolean add_counted(const struct answer *answer, json_t *row, GError **error)
{
    enum { DAY = 24 * 60 * 60 };
    gint64 start = midnight(answer);
    struct store_counted counted;

    if (!store_count_apart(
            answer->context->store, start, now_seconds(), start + DAY, &counted, error))
        return FALSE;
    answer_set(row, "counted",
        json_pack("{s:I,s:I,s:I}", "reports", (json_int_t)counted.reports, "incidents",
            (json_int_t)counted.incidents, "coordinations", (json_int_t)counted.coordinations));
    answer_set(row, "due",
        json_pack(
            "{s:I,s:I}", "overdue", (json_int_t)counted.overdue, "today", (json_int_t)counted.due));
    answer_set(row, "first_due", answer_first_target(answer));
    return TRUE;
}

static void add_facts(const struct answer *answer, json_t *row)
{
    struct status_facts facts;
    gint64 last = 0;

    answer_facts(answer, &facts);
    for (guint i = 0; i < facts.sources->len; i++) {
        const struct source_facts *one = g_ptr_array_index(facts.sources, i);
        last = MAX(last, store_last_arrival(answer->context->store, one->name, NULL));
    }
    answer_set(row, "up_seconds", answer_age(facts.started_at));
    answer_set(row, "last_in", answer_moment(answer, last));
    answer_set(row, "sources", source_rows(answer, facts.sources));
    answer_set(row, "reader", ctl_known(facts.reader));
    answer_set(row, "keys_role", ctl_known(facts.keys_role));
    answer_set(row, "courier", ctl_known(facts.courier));
    answer_set(row, "relay", relay_row(answer, &facts));
    answer_set(row, "keys", answer_keys_in_short(answer));
    answer_set(row, "backup", answer_last_run(answer, "backup"));
    answer_set(row, "alarms", answer_alarm_rows(answer, facts.not_taking, FALSE));
    answer_set(row, "alarms_to", ctl_known(answer->context->settings->notices.to));
    answer_facts_clear(&facts);
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
    return answer_add_if(answer, row, add_counted(answer, row, error));
}

/* -- config show, consult -- */

gboolean answer_config(struct answer *answer, GError **error)
{
    g_autofree char *text = conf_to_text(answer->context->settings, answer_flag(answer, "changed"));
    json_t *row = ctl_row();

    answer_set(row, "text", ctl_string(text));
    answer_add(answer, row);
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
    answer_hide(answer, history);
    answer_set(row, "history", ctl_history_to_json(history));
    answer_add(answer, row);
    return TRUE;
}

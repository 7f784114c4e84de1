/* What is wrong with the contact point itself, and what was. */
#include "control-answers.h"
#include "alarm.h"
#include "now.h"

enum { PAGE = 100 };

/* Nobody was told of it, then, or perhaps not. */
static gboolean letter_lost(const struct answer *answer, const struct alarm *alarm)
{
    gint64 lost;

    return alarm->told_at &&
           store_alarm_letter_lost(answer->context->store, alarm->told_at, &lost, NULL) && lost > 0;
}

/* Told, or on the way: a letter of an alarm that waits may be the very one about the relay. */
static json_t *alarm_row(
    const struct answer *answer, const struct alarm *alarm, gint64 letter_waits_since)
{
    gboolean waits = alarm->told_at && letter_waits_since && alarm->told_at >= letter_waits_since;
    json_t *row = ctl_row();

    answer_set(row, "id", answer_integer(alarm->id));
    answer_set(row, "condition", ctl_string(alarm->condition));
    answer_set(row, "text", ctl_string(alarm->text));
    answer_set(row, "since", answer_moment(answer, alarm->since));
    answer_set(row, "age_seconds", answer_age(alarm->since));
    answer_set(row, "over", answer_moment(answer, alarm->over_at));
    answer_set(row, "told", ctl_known(alarm->told));
    answer_set(row, "told_at", answer_moment(answer, alarm->told_at));
    answer_set(row, "times", json_integer(alarm->times));
    answer_set(row, "letter_waits", json_boolean(waits));
    answer_set(row, "letter_lost", json_boolean(letter_lost(answer, alarm)));
    return row;
}

static gint64 letter_waits_since(const struct answer *answer)
{
    gint64 since;

    return store_alarm_letter(answer->context->store, &since, NULL) ? since : 0;
}

/* An alarm that the store cannot have. */
static json_t *unwritten_row(const struct answer *answer, const char *text)
{
    const struct alarm disk = {.condition = (char *)"disk",
        .text = (char *)text,
        .since = now_seconds(),
        .told = (char *)""};

    return alarm_row(answer, &disk, 0);
}

json_t *answer_alarm_rows(const struct answer *answer, const char *not_taking, gboolean keys)
{
    g_autoptr(GPtrArray) alarms = store_alarms_now(answer->context->store, NULL);
    gint64 waits = letter_waits_since(answer);
    json_t *rows = json_array();

    for (guint i = 0; alarms && i < alarms->len; i++) {
        const struct alarm *alarm = alarms->pdata[i];
        if (alarm->over_at || (!keys && alarm_is_of_a_key(alarm->condition)))
            continue;
        json_array_append_new(rows, alarm_row(answer, alarm, waits));
        if (g_str_equal(alarm->condition, "disk"))
            not_taking = NULL;
    }
    if (not_taking)
        json_array_append_new(rows, unwritten_row(answer, not_taking));
    return rows;
}

static void answer_present(struct answer *answer)
{
    struct status_facts facts;
    json_t *rows, *row;
    gsize i;

    answer_facts(answer, &facts);
    rows = answer_alarm_rows(answer, facts.not_taking, TRUE);
    json_array_foreach(rows, i, row)
        answer_add(answer, json_incref(row));
    json_decref(rows);
    answer_facts_clear(&facts);
}

gboolean answer_alarms(struct answer *answer, GError **error)
{
    g_autoptr(GPtrArray) alarms = NULL;

    if (!answer_flag(answer, "all")) {
        answer_present(answer);
        return TRUE;
    }
    alarms =
        store_alarms(answer->context->store, answer_page_number(answer, "before"), PAGE, error);
    for (guint i = 0; alarms && i < alarms->len; i++)
        answer_add(answer, alarm_row(answer, alarms->pdata[i], letter_waits_since(answer)));
    if (alarms && alarms->len == PAGE)
        answer->next = json_pack(
            "{s:o}", "before", answer_integer(((struct alarm *)alarms->pdata[PAGE - 1])->id));
    return alarms != NULL;
}

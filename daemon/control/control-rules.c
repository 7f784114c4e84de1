/* rules test: the team's rules over past mail. */
#include "control-answers.h"
#include "desk.h"
#include "error.h"
#include <string.h>

enum {
    MAILS = 100, /* that one answer looks at */
    LAST = 1000, /* mails in all, unless more are asked for */
    LAST_MOST = 10000000,
    EXAMPLES = 3,
};

/* What was found so far goes to the asker and comes back with the next page: one object a rule. */
static json_t *tally_new(const struct settings *settings, const char *name)
{
    json_t *tally = json_array();

    for (guint i = 0; i < settings->rules->len; i++) {
        const struct rule *rule = settings->rules->pdata[i];
        if (!name || g_str_equal(rule->name, name))
            json_array_append_new(tally,
                json_pack("{s:o,s:i,s:[]}", "rule", ctl_string(rule->name), "hits", 0, "examples"));
    }
    return tally;
}

static json_t *tally_row(json_t *tally, const char *name)
{
    gsize i;
    json_t *row;

    json_array_foreach(tally, i, row)
        if (g_strcmp0(json_string_value(json_object_get(row, "rule")), name) == 0)
            return row;
    return NULL;
}

static json_t *example(const struct answer *answer, guint64 id)
{
    struct mail_row *mail = store_mail_show(answer->context->store, id, NULL);
    json_t *row = json_object();

    answer_set(row, "mail", answer_integer(id));
    answer_set(row, "ticket", answer_ticket_number(answer, mail ? mail->incident : 0));
    answer_set(row, "ledger", ctl_known(mail ? mail->ledger : ""));
    answer_set(row, "from", ctl_known(mail ? mail->from_addr : ""));
    answer_set(row, "subject", ctl_string(mail ? mail->subject : ""));
    mail_row_free(mail);
    return row;
}

static void count_hits(
    struct answer *answer, json_t *tally, guint64 mail, const struct ruling *ruling)
{
    for (guint i = 0; i < ruling->hits->len; i++) {
        const struct rule *rule = ruling->hits->pdata[i];
        json_t *row = tally_row(tally, rule->name);
        json_t *examples = json_object_get(row, "examples");
        json_int_t hits = json_integer_value(json_object_get(row, "hits"));
        if (!row)
            continue;
        answer_set(row, "hits", json_integer(hits < G_MAXINT32 ? hits + 1 : hits));
        if (json_is_array(examples) && json_array_size(examples) < EXAMPLES)
            json_array_append_new(examples, example(answer, mail));
    }
}

/* The mail as rules saw it; what the asker may not see is not there. */
static gboolean try_mail(struct answer *answer, json_t *tally, guint64 mail, GError **error)
{
    struct store *store = answer->context->store;
    g_autoptr(mado_message) message = NULL;
    g_autoptr(mado_crypto) crypto = NULL;
    g_autoptr(mado_ruling) ruling = NULL;

    if (!answer_sees_mail(answer, mail))
        return TRUE;
    if (!(message = store_recall_message(store, mail, error)) ||
        !store_crypto_show(store, mail, &crypto, error))
        return FALSE;
    ruling = rules_apply(message, crypto, answer->context->settings);
    count_hits(answer, tally, mail, ruling);
    return TRUE;
}

static void tell_tally(struct answer *answer, json_t *tally, guint64 looked_at)
{
    gsize i;
    json_t *one;

    json_array_foreach(tally, i, one) {
        json_t *row = ctl_row();
        json_object_update(row, one);
        answer_set(row, "looked_at", answer_integer(looked_at));
        answer_add(answer, row);
    }
}

static gboolean read_last(const struct answer *answer, guint64 *last, GError **error)
{
    const char *given = answer_string(answer, "last");

    *last = LAST;
    return !given || g_ascii_string_to_unsigned(given, 10, 1, LAST_MOST, last, NULL) ||
           answer_refuse(error, MADO_E_USAGE,
               "\"%s\" is no number of mails. Nothing was changed. Write: madoctl rules test "
               "--last 1000",
               given);
}

static gboolean check_name(const struct answer *answer, const char *name, GError **error)
{
    const GPtrArray *rules = answer->context->settings->rules;

    for (guint i = 0; i < rules->len; i++)
        if (!name || g_str_equal(((const struct rule *)rules->pdata[i])->name, name))
            return TRUE;
    return answer_refuse(error, MADO_E_NO_SUCH,
        name
            ? "There is no rule \"%s\". Nothing was changed. See: madoctl rules test"
            : N_("There is no rule in the configuration%s. Nothing was changed. See: mado.conf(5)"),
        name ? name : "");
}

/* One piece of the past a request, so that mail is served in between. */
gboolean answer_rules_test(struct answer *answer, GError **error)
{
    const char *name = answer_string(answer, "name");
    json_t *page = json_object_get(answer->args, "page");
    guint64 looked_at = answer_page_number(answer, "looked_at");
    guint64 last;
    g_autoptr(GArray) mails = NULL;
    json_t *tally;
    gboolean done = TRUE;

    if (!check_name(answer, name, error) || !read_last(answer, &last, error))
        return FALSE;
    mails = store_latest_mails(answer->context->store, answer_page_number(answer, "before"),
        (guint)MIN(MAILS, last - MIN(last, looked_at)), error);
    if (!mails)
        return FALSE;
    tally = page ? json_deep_copy(json_object_get(page, "tally"))
                 : tally_new(answer->context->settings, name);
    for (guint i = 0; done && i < mails->len; i++)
        done = try_mail(answer, tally, g_array_index(mails, guint64, i), error);
    looked_at += mails->len;
    if (done && mails->len == MAILS && looked_at < last)
        answer->next = json_pack("{s:o,s:o,s:O,s:o}", "before",
            answer_integer(g_array_index(mails, guint64, mails->len - 1)), "looked_at",
            answer_integer(looked_at), "tally", tally, "checked", answer_integer(looked_at));
    else if (done)
        tell_tally(answer, tally, looked_at);
    json_decref(tally);
    return done;
}

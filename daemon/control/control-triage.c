/* Who reported a ticket, how severe it is by whose word, and what is known of a vulnerability. */
#include "category.h"
#include "control-answers.h"

enum {
    REPORTERS = 50,
    REPORTS = 20, /* of a ticket, for its facts */
};

static gboolean add_reporters(
    const struct answer *answer, guint64 incident, json_t *row, GError **error)
{
    g_autoptr(GPtrArray) found =
        store_reporters(answer->context->store, incident, REPORTERS, error);
    json_t *rows = json_array();

    for (guint i = 0; found && i < found->len; i++) {
        const struct reporter *one = found->pdata[i];
        json_array_append_new(
            rows, json_pack("{s:o,s:o,s:o,s:o}", "name", ctl_known(one->name), "address",
                      ctl_known(one->address), "at", answer_moment(answer, one->at), "mail",
                      answer_integer(one->mail)));
    }
    answer_set(row, "reporters", rows);
    return found != NULL;
}

/* Those of a vulnerability; `kind` is that of an indicator that says the same. */
static const struct {
    const char *name, *field;
    enum indicator_kind kind;
} facts[] = {
    {"product", "product", INDICATOR_KINDS},
    {"version", "version", INDICATOR_KINDS},
    {"site", "site", INDICATOR_KINDS},
    {"finder", "finder", INDICATOR_KINDS},
    {"cve", "cve", INDICATOR_CVE},
    {"jvn", "jvn", INDICATOR_JVN},
    {"date_wished", "date-wished", INDICATOR_KINDS},
    {"disclosed", "disclosed", INDICATOR_KINDS},
};

static const char *fact_of(const struct report *report, gsize which)
{
    const char *value = report_field(report, facts[which].field);

    for (guint i = 0; !value && i < report->indicators->len; i++) {
        const struct indicator *one = report->indicators->pdata[i];
        if (one->kind == facts[which].kind)
            value = one->value;
    }
    return value;
}

static void add_facts(json_t *row, const struct report *report)
{
    for (gsize i = 0; i < G_N_ELEMENTS(facts); i++) {
        const char *value = fact_of(report, i);
        if (value && !json_is_string(json_object_get(row, facts[i].name)))
            answer_set(row, facts[i].name, ctl_known(value));
    }
}

/* Of each the first that a mail says. */
static gboolean add_vulnerability(
    const struct answer *answer, guint64 incident, json_t *row, GError **error)
{
    struct store *store = answer->context->store;
    g_autoptr(GPtrArray) mails = store_mails_of_incident(store, incident, 0, REPORTS, error);

    for (gsize i = 0; i < G_N_ELEMENTS(facts); i++)
        answer_set(row, facts[i].name, json_null());
    for (guint i = 0; mails && i < mails->len; i++) {
        const struct mail_row *mail = mails->pdata[i];
        g_autoptr(mado_report) report = store_report_show(store, mail->id, error);
        if (!report)
            return FALSE;
        add_facts(row, report);
    }
    return mails != NULL;
}

/* A team may call its categories as it likes: RSIT says which are of weaknesses that somebody
 * found.
 */
static gboolean is_of_vulnerability(const struct answer *answer, const struct incident *incident)
{
    const struct category *category =
        category_find(answer->context->settings->categories, incident->category);

    return category && g_str_equal(category->rsit, "vulnerable/vulnerable-system");
}

gboolean answer_triage(
    const struct answer *answer, const struct incident *incident, json_t *row, GError **error)
{
    gboolean vulnerability = is_of_vulnerability(answer, incident);
    json_t *facts_row = vulnerability ? json_object() : json_null();

    answer_set(row, "severity_by", ctl_known(incident->severity_by));
    answer_set(row, "vulnerability", facts_row);
    return add_reporters(answer, incident->id, row, error) &&
           (!vulnerability || add_vulnerability(answer, incident->id, facts_row, error));
}

/* Who may know what a mail says: by the labels found in it.
 *
 * The strictest counts, wherever it stands. A legend counts for nothing. A quotation never lowers a
 * label; it raises one where the mail opens an incident, for then what is quoted is new here, too.
 * In an incident of ours it does not: what is quoted was weighed when it came, and a label that an
 * operator has lowered since would rise again with every answer. */
#include "matter.h"
#include "say.h"
#include <string.h>

#define SCHEME "TLP:"

enum { LABELS = 5 };

/* From the strictest to the least strict. */
const char *const label_names[] = {
    "TLP:RED", "TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR", NULL};

static const char unknown_label[] =
    N_("it has a TLP word that is no label, which counts as TLP:RED until a person has looked");

static gsize rank(const char *label)
{
    for (gsize i = 0; i < LABELS; i++)
        if (g_str_equal(label_names[i], label))
            return i + 1;
    return 0;
}

/* TLP 1.0 said WHITE. */
const char *label_from_words(const char *typed)
{
    g_autofree char *upper = g_ascii_strup(typed, -1);
    const char *word = g_str_has_prefix(upper, SCHEME) ? upper + strlen(SCHEME) : upper;

    if (g_str_equal(word, "WHITE"))
        return label_names[LABELS - 1];
    for (gsize i = 0; i < LABELS; i++)
        if (g_str_equal(label_names[i] + strlen(SCHEME), word))
            return label_names[i];
    return NULL;
}

gboolean label_is_stricter(const char *label, const char *than)
{
    return rank(label) < rank(than);
}

/* A word that is no label may have been meant to be any. */
static const char *label_of(const struct marking *marking)
{
    for (gsize i = 0; i < LABELS; i++)
        if (g_str_equal(label_names[i] + strlen(SCHEME), marking->label))
            return label_names[i];
    return label_names[0];
}

static gboolean is_unknown(const struct marking *marking)
{
    return !*marking->label;
}

static gboolean is_of(const struct marking *marking, const char *scheme)
{
    return g_str_equal(marking->scheme, scheme);
}

static gboolean is_quoted(const struct marking *marking)
{
    return marking->weak && g_str_equal(marking->from, "quotation");
}

/* The strictest of those that say something of this mail; of equal ones the first. */
static const struct marking *strictest(const struct report *report, const char *scheme)
{
    const struct marking *found = NULL;

    for (guint i = 0; i < report->markings->len; i++) {
        const struct marking *one = report->markings->pdata[i];
        if (!one->weak && is_of(one, scheme) &&
            (!found || label_is_stricter(label_of(one), label_of(found))))
            found = one;
    }
    return found;
}

/* A quotation that is stricter than `label`, or NULL. */
static const struct marking *stricter_quotation(const struct report *report, const char *label)
{
    const struct marking *found = NULL;

    for (guint i = 0; i < report->markings->len; i++) {
        const struct marking *one = report->markings->pdata[i];
        if (is_quoted(one) && is_of(one, "TLP") &&
            label_is_stricter(label_of(one), found ? label_of(found) : label))
            found = one;
    }
    return found;
}

static char **list_all(const struct report *report)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < report->markings->len; i++) {
        const struct marking *one = report->markings->pdata[i];
        g_autofree char *name =
            is_unknown(one) ? g_strdup(one->as_written) : g_strconcat(SCHEME, one->label, NULL);
        if (!is_of(one, "TLP") || g_hash_table_contains(seen, name))
            continue;
        g_strv_builder_add(builder, name);
        g_hash_table_add(seen, g_steal_pointer(&name));
    }
    return g_strv_builder_end(builder);
}

static gboolean has_unknown(const struct report *report)
{
    for (guint i = 0; i < report->markings->len; i++) {
        const struct marking *one = report->markings->pdata[i];
        if (!one->weak && is_of(one, "TLP") && is_unknown(one))
            return TRUE;
    }
    return FALSE;
}

static gboolean is_of_letter(const struct marking *marking)
{
    return g_str_equal(marking->from, "subject") || g_str_equal(marking->from, "text");
}

/* What is attached speaks of itself: it may be stricter than the letter around it, but a file that
 * anybody may read makes no letter public that says nothing of itself. */
static const struct marking *said_of_mail(const struct report *report, const char *by_default)
{
    const struct marking *said = strictest(report, "TLP");

    for (guint i = 0; i < report->markings->len; i++) {
        const struct marking *one = report->markings->pdata[i];
        if (!one->weak && is_of(one, "TLP") && is_of_letter(one))
            return said;
    }
    return said && label_is_stricter(label_of(said), by_default) ? said : NULL;
}

static void decide(
    struct handling *handling, const struct report *report, const char *by_default, gboolean opens)
{
    const struct marking *said = said_of_mail(report, by_default);
    const char *label = said ? label_of(said) : by_default;
    const struct marking *quoted = opens ? stricter_quotation(report, label) : NULL;

    handling->label = g_strdup(quoted ? label_of(quoted) : label);
    handling->where = g_strdup(quoted ? quoted->from : said ? said->from : "");
    handling->why = handling->look ? unknown_label
                    : quoted       ? N_("what it quotes has a stricter label")
                    : said         ? N_("the strictest label that it names")
                                   : N_("it names no label (handling.default_in)");
}

struct handling *desk_handling(const struct report *report, const char *by_default, gboolean opens)
{
    struct handling *handling = g_new0(struct handling, 1);
    const struct marking *pap = strictest(report, "PAP");

    handling->look = has_unknown(report);
    decide(handling, report, by_default, opens);
    handling->all = list_all(report);
    handling->pap = pap ? g_strconcat("PAP:", pap->label, NULL) : g_strdup("");
    return handling;
}

void handling_free(struct handling *handling)
{
    if (!handling)
        return;
    g_free(handling->label);
    g_free(handling->where);
    g_strfreev(handling->all);
    g_free(handling->pap);
    g_free(handling);
}

/* -- in plans -- */

/* That of a rule, or NULL: a rule never lowers one. */
static const char *stricter_rule(const struct matter *matter, const char *label)
{
    const char *wanted = matter->rules->value[RULE_LABEL];

    return wanted && label_is_stricter(wanted, label) ? wanted : NULL;
}

/* What stays closed may say more inside than its subject does outside. */
char *label_for_new(const struct matter *matter, gboolean closed)
{
    const char *by_default = matter->settings->handling.default_in;
    g_autoptr(mado_handling) handling = desk_handling(matter->message->report, by_default, TRUE);
    const char *label =
        closed && label_is_stricter(by_default, handling->label) ? by_default : handling->label;

    return g_strdup(stricter_rule(matter, label) ?: label);
}

const char *label_source(const struct matter *matter)
{
    g_autoptr(mado_handling) handling =
        desk_handling(matter->message->report, matter->settings->handling.default_in, TRUE);

    if (stricter_rule(matter, handling->label))
        return matter->rules->by[RULE_LABEL];
    return *handling->where ? "report" : "default";
}

void label_flag(const struct matter *matter, struct plan *plan)
{
    if (has_unknown(matter->message->report))
        plan_add(plan, ACTION_SET, unknown_label, "flag", "unknown-label", NULL);
}

/* A mail that names none adds nothing: its incident has a label. */
void label_raise(const struct matter *matter, const char *now, struct plan *plan)
{
    g_autoptr(mado_handling) handling = desk_handling(matter->message->report, now, FALSE);

    if (label_is_stricter(handling->label, now))
        plan_add(plan, ACTION_SET,
            "an incident carries the strictest label of its parts, and this mail's is stricter",
            "label", handling->label, "report", NULL);
    if (stricter_rule(matter, handling->label))
        plan_add(plan, ACTION_SET, matter->rules->by[RULE_LABEL], "label",
            matter->rules->value[RULE_LABEL], matter->rules->by[RULE_LABEL], NULL);
    label_flag(matter, plan);
}

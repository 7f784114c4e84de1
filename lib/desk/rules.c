/* What the team's own rules make of a mail.
 *
 * All tests of a rule must hold, and of each list any word. Rules are looked at in their order, and
 * each later one fills only what earlier ones left open; one with `last` is the last that hits.
 *
 * A rule adds to what is decided anyhow and breaks none of it: it answers no machine, lowers no
 * label, takes nothing from an incident to which a mail has proven to belong, and drops nothing. */
#include "fold.h"
#include "matter.h"
#include "network.h"
#include "reason.h"
#include <mado/limits.h>
#include <stddef.h>
#include <string.h>

/* A mail as tests see it: folded. */
struct view {
    const struct message *message;
    const struct crypto *crypto;
    char *subject, *label;
    char *text; /* NULL: no rule has asked for it yet */
};

static gboolean fits(const char *value, const char *pattern)
{
    g_autofree char *folded = fold_text(value, LIMIT_RULE_TEXT);
    return fold_glob(pattern, folded);
}

static gboolean any_mailbox(const GPtrArray *boxes, const char *pattern)
{
    for (guint i = 0; i < boxes->len; i++)
        if (fits(((const struct mailbox *)boxes->pdata[i])->addr, pattern))
            return TRUE;
    return FALSE;
}

static gboolean any_word(char *const *words, const char *pattern)
{
    for (; words && *words; words++)
        if (fits(*words, pattern))
            return TRUE;
    return FALSE;
}

static gboolean is_from(struct view *view, const char *pattern)
{
    return any_mailbox(view->message->from, pattern);
}

static gboolean is_to(struct view *view, const char *pattern)
{
    return any_mailbox(view->message->to, pattern) ||
           any_word(view->message->delivered_to, pattern);
}

static gboolean has_in_subject(struct view *view, const char *pattern)
{
    return strstr(view->subject, pattern) != NULL;
}

static gboolean has_in_text(struct view *view, const char *pattern)
{
    if (!view->text)
        view->text = fold_text(view->message->text, LIMIT_RULE_TEXT);
    return strstr(view->text, pattern) != NULL;
}

static gboolean has_header(struct view *view, const char *pattern)
{
    return any_word(view->message->fields, pattern);
}

static gboolean has_format(struct view *view, const char *pattern)
{
    return any_word(view->message->report->formats, pattern);
}

static gboolean is_signed_by(struct view *view, const char *pattern)
{
    const struct crypto *crypto = view->crypto;

    return crypto && crypto->is_signed == EXTENT_FULL && crypto->signed_by &&
           fits(crypto->signed_by, pattern);
}

static gboolean is_in_language(struct view *view, const char *pattern)
{
    return fits(view->message->language, pattern);
}

static gboolean has_label(struct view *view, const char *pattern)
{
    return fold_glob(pattern, view->label);
}

static gboolean is_machine(struct view *view, const char *pattern)
{
    return fits(machine_name(view->message->machine), pattern);
}

/* -- indicators -- */

/* "http://user@host:80/x", "http://[::1]/" */
static char *host_of(const char *url)
{
    const char *start = strstr(url, "://");
    const char *end, *at;

    start = start ? start + strlen("://") : url;
    end = start + strcspn(start, "/?#");
    at = g_strrstr_len(start, end - start, "@");
    start = at ? at + 1 : start;
    if (*start == '[')
        return g_strndup(start + 1, strcspn(start + 1, "]"));
    return g_strndup(start, MIN((gsize)(end - start), strcspn(start, ":")));
}

/* What of an indicator lies in a network, or below a name. */
static char *place_of(const struct indicator *one)
{
    static const enum indicator_kind named[] = {
        INDICATOR_IPV4, INDICATOR_IPV6, INDICATOR_CIDR, INDICATOR_DOMAIN};
    const char *at = strrchr(one->value, '@');

    if (one->kind == INDICATOR_URL)
        return host_of(one->value);
    if (one->kind == INDICATOR_MAIL)
        return g_strdup(at ? at + 1 : "");
    for (gsize i = 0; i < G_N_ELEMENTS(named); i++)
        if (named[i] == one->kind)
            return g_strdup(one->value);
    return g_strdup("");
}

/* A network lies in a wider one. */
static gboolean is_in_network(const char *place, GInetAddressMask *network)
{
    g_autoptr(GInetAddressMask) narrow = network_parse(place);

    return narrow &&
           g_inet_address_mask_get_length(narrow) >= g_inet_address_mask_get_length(network) &&
           g_inet_address_mask_matches(network, g_inet_address_mask_get_address(narrow));
}

static gboolean is_below_name(const char *place, const char *name)
{
    gsize length = strlen(place), end = strlen(name);

    return length >= end && g_ascii_strcasecmp(place + length - end, name) == 0 &&
           (length == end || place[length - end - 1] == '.');
}

static gboolean has_indicator(struct view *view, const char *pattern)
{
    const GPtrArray *all = view->message->report->indicators;
    g_autoptr(GInetAddressMask) network = network_parse(pattern);

    for (guint i = 0; i < all->len; i++) {
        const struct indicator *one = all->pdata[i];
        g_autofree char *place = place_of(one);
        if (network ? is_in_network(place, network)
                    : (*place && is_below_name(place, pattern)) || fits(one->value, pattern))
            return TRUE;
    }
    return FALSE;
}

/* -- one rule -- */

#define TEST(field) offsetof(struct rule, tests.field)
static const struct {
    gsize list;
    gboolean (*holds)(struct view *view, const char *pattern); /* the pattern is folded */
} tests[] = {
    {TEST(machine), is_machine},
    {TEST(language), is_in_language},
    {TEST(label), has_label},
    {TEST(from), is_from},
    {TEST(to), is_to},
    {TEST(signed_by), is_signed_by},
    {TEST(format), has_format},
    {TEST(subject), has_in_subject},
    {TEST(header), has_header},
    {TEST(indicator), has_indicator},
    {TEST(text), has_in_text},
};
G_STATIC_ASSERT(G_N_ELEMENTS(tests) == sizeof(struct rule_tests) / sizeof(char **));

static gboolean any_holds(
    struct view *view, char *const *patterns, gboolean (*holds)(struct view *, const char *))
{
    for (; *patterns; patterns++) {
        g_autofree char *folded = fold_text(*patterns, LIMIT_RULE_TEXT);
        if (holds(view, folded))
            return TRUE;
    }
    return FALSE;
}

static gboolean hits(const struct rule *rule, struct view *view)
{
    for (gsize i = 0; i < G_N_ELEMENTS(tests); i++) {
        char *const *patterns = *(char **const *)((const char *)rule + tests[i].list);
        if (patterns && *patterns && !any_holds(view, patterns, tests[i].holds))
            return FALSE;
    }
    return TRUE;
}

#define SETS(field) offsetof(struct rule, sets.field)
static const gsize fields[RULE_FIELDS] = {
    [RULE_CATEGORY] = SETS(category),
    [RULE_SEVERITY] = SETS(severity),
    [RULE_HANDLER] = SETS(handler),
    [RULE_TEAM] = SETS(team),
    [RULE_LABEL] = SETS(label),
    [RULE_TEMPLATE] = SETS(template),
    [RULE_LEDGER] = SETS(ledger),
    [RULE_ESCALATION] = SETS(escalation),
    [RULE_NOTE] = SETS(note),
};

static void fill(struct ruling *ruling, const struct rule *rule)
{
    g_ptr_array_add(ruling->hits, (gpointer)rule);
    for (int i = 0; i < RULE_FIELDS; i++) {
        const char *value = *(char *const *)((const char *)rule + fields[i]);
        if (ruling->value[i] || !value || !*value)
            continue;
        ruling->value[i] = value;
        ruling->by[i] = reason_make(REASON_RULE, rule->name, NULL);
    }
}

static struct ruling *ruling_new(void)
{
    struct ruling *ruling = g_new0(struct ruling, 1);

    ruling->hits = g_ptr_array_new();
    return ruling;
}

void ruling_free(struct ruling *ruling)
{
    if (!ruling)
        return;
    for (int i = 0; i < RULE_FIELDS; i++)
        g_free(ruling->by[i]);
    g_ptr_array_unref(ruling->hits);
    g_free(ruling);
}

static void view_open(struct view *view, const char *default_label)
{
    g_autoptr(mado_handling) handling = desk_handling(view->message->report, default_label, TRUE);

    view->subject = fold_text(view->message->subject, LIMIT_RULE_TEXT);
    view->label = fold_text(handling->label, LIMIT_RULE_TEXT);
}

struct ruling *rules_apply(
    const struct message *message, const struct crypto *crypto, const struct settings *settings)
{
    struct ruling *ruling = ruling_new();
    const GPtrArray *rules = settings->rules;
    struct view view = {.message = message, .crypto = crypto};

    if (!rules || !rules->len)
        return ruling;
    view_open(&view, settings->handling.default_in);
    for (guint i = 0; i < rules->len; i++) {
        const struct rule *rule = rules->pdata[i];
        if (!hits(rule, &view))
            continue;
        fill(ruling, rule);
        if (g_strcmp0(rule->last, "yes") == 0)
            break;
    }
    g_free(view.subject);
    g_free(view.label);
    g_free(view.text);
    return ruling;
}

/* -- in plans -- */

static void forget(struct ruling *ruling, enum rule_field field)
{
    ruling->value[field] = NULL;
    g_clear_pointer(&ruling->by[field], g_free);
}

/* Who sends S/MIME that was sealed to us is not to learn from our answer, or from its place,
 * whether it could be opened: no rule may tell by what is inside. */
struct ruling *rules_weigh(const struct matter *matter)
{
    const struct crypto *crypto = matter->crypto;
    struct ruling *ruling = crypto && crypto->left != OPENED_DONE
                                ? ruling_new()
                                : rules_apply(matter->message, crypto, matter->settings);

    if (crypto && crypto->quiet) {
        forget(ruling, RULE_TEMPLATE);
        forget(ruling, RULE_LEDGER);
    }
    return ruling;
}

gboolean rules_settle(const struct matter *matter, struct plan *plan)
{
    const char *place = matter->rules->value[RULE_LEDGER];
    const char *why = matter->rules->by[RULE_LEDGER];

    if (!place || ledger_from_name(place) == LEDGER_INCIDENT)
        return FALSE;
    plan->ledger = ledger_from_name(place);
    if (plan->ledger == LEDGER_PENDING)
        plan_add(plan, ACTION_PENDING, why, "", NULL);
    else
        plan_add(plan, ACTION_NO_ACK, why, NULL);
    rules_tell(matter, plan);
    return TRUE;
}

static void set(
    const struct matter *matter, enum rule_field field, const char *name, struct plan *plan)
{
    const struct ruling *rules = matter->rules;

    if (rules->value[field])
        plan_add(
            plan, ACTION_SET, rules->by[field], name, rules->value[field], rules->by[field], NULL);
}

void rules_assign(const struct matter *matter, struct plan *plan)
{
    set(matter, RULE_HANDLER, "handler", plan);
    set(matter, RULE_TEAM, "team", plan);
}

void rules_tell(const struct matter *matter, struct plan *plan)
{
    set(matter, RULE_ESCALATION, "escalation", plan);
    set(matter, RULE_NOTE, "note", plan);
}

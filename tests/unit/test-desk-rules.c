/* What the team's rules make of a mail, and how it comes by its category. */
#include "desk-case.h"

/* -- one test of a rule -- */

static void put_words(char ***list, const char *words)
{
    g_strfreev(*list);
    *list = g_strsplit(words, "|", -1);
}

#define IF(field) G_STRUCT_OFFSET(struct rule, tests.field)

/* A mail with something of everything. */
static struct message *rich(void)
{
    struct message *message = report_from("Hanako.Y@Yamabuki.EXAMPLE", "【至急】ﾌｨｯｼﾝｸﾞ Site");
    struct report *found = message->report;

    put(&message->text, "Ｌｏｇｉｎ page:\nhttps://bank.example/login\n");
    put_list(&message->delivered_to, "abuse@sakura.example");
    put_list(&message->fields, "X-Mailer: Bulk Mailer 7");
    report_add_format(found, "xarf-4");
    report_add_indicator(found, INDICATOR_IPV4, "192.0.2.17", "192.0.2[.]17", "text");
    report_add_indicator(found, INDICATOR_CIDR, "198.51.100.128/25", "", "text");
    report_add_indicator(
        found, INDICATOR_URL, "https://www.bank.example:8443/Login?a=1", "", "text");
    report_add_indicator(found, INDICATOR_MAIL, "a@mail.kinko.example", "", "text");
    report_add_indicator(
        found, INDICATOR_URL, "http://[2001:db8::1]/x", "http://[2001:db8::1]/x", "text");
    report_add_indicator(found, INDICATOR_CVE, "CVE-2026-0001", "", "text");
    report_add_marking(found, &(struct marking){(char *)"TLP", (char *)"GREEN", (char *)"TLP:GREEN",
                                  (char *)"subject", FALSE});
    return message;
}

static const struct {
    gsize list;
    const char *words;
    gboolean hits;
} rows[] = {
    {IF(from), "hanako.y@yamabuki.example", TRUE},
    {IF(from), "*@YAMABUKI.example", TRUE},
    {IF(from), "yamabuki.example", FALSE},
    {IF(from), "*@bank.example|hanako*", TRUE},
    {IF(to), "csirt@*", TRUE},
    {IF(to), "abuse@sakura.example", TRUE},
    {IF(to), "soc@sakura.example", FALSE},
    {IF(subject), "フィッシング", TRUE},
    {IF(subject), "ＳＩＴＥ", TRUE},
    {IF(subject), "bank", FALSE},
    {IF(text), "login PAGE", TRUE},
    {IF(text), "*", FALSE},
    {IF(header), "X-Mailer: *bulk*", TRUE},
    {IF(header), "x-mailer: bulk", FALSE},
    {IF(header), "X-Other: *bulk*", FALSE},
    {IF(format), "xarf-*", TRUE},
    {IF(format), "arf", FALSE},
    {IF(signed_by), "*", FALSE},
    {IF(language), "ja", TRUE},
    {IF(language), "en", FALSE},
    {IF(label), "TLP:GREEN", TRUE},
    {IF(label), "TLP:AMBER*", FALSE},
    {IF(indicator), "192.0.2.17", TRUE},
    {IF(indicator), "192.0.2.0/24", TRUE},
    {IF(indicator), "192.0.3.0/24", FALSE},
    {IF(indicator), "198.51.100.0/24", TRUE},
    {IF(indicator), "198.51.100.192/26", FALSE},
    {IF(indicator), "2001:db8::/32", TRUE},
    {IF(indicator), "bank.example", TRUE},
    {IF(indicator), "ank.example", FALSE},
    {IF(indicator), "kinko.example", TRUE},
    {IF(indicator), "cve-2026-0001", TRUE},
    {IF(indicator), "CVE-2026-000", FALSE},
    {IF(indicator), "https://www.bank.example:8443/Login?a=1", TRUE},
    {IF(machine), "no", TRUE},
    {IF(machine), "list|notification", FALSE},
};

static void rule_clear(struct rule *rule)
{
    char ***lists = (char ***)&rule->tests;

    for (gsize i = 0; i < sizeof rule->tests / sizeof *lists; i++)
        g_strfreev(lists[i]);
}

static void test_each_test_of_a_rule(void)
{
    struct settings settings = team();

    settings.rules = g_ptr_array_new();
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct rule rule = {.name = (char *)"r"};
        g_autoptr(mado_message) message = rich();
        g_autoptr(mado_ruling) ruling = NULL;
        put_words((char ***)((char *)&rule + rows[i].list), rows[i].words);
        g_ptr_array_set_size(settings.rules, 0);
        g_ptr_array_add(settings.rules, &rule);
        ruling = rules_apply(message, NULL, &settings);
        g_test_message("row %" G_GSIZE_FORMAT ": %s", i, rows[i].words);
        g_assert_cmpuint(ruling->hits->len, ==, rows[i].hits);
        rule_clear(&rule);
    }
    g_ptr_array_unref(settings.rules);
}

/* A signature counts if it is good, covers all, and is somebody's whom we know. */
static void test_who_signed(void)
{
    static const struct {
        enum extent extent;
        const char *by;
        gboolean hits;
    } cases[] = {{EXTENT_FULL, "JPCERT/CC", TRUE}, {EXTENT_PARTIAL, "JPCERT/CC", FALSE},
        {EXTENT_FULL, NULL, FALSE}, {EXTENT_FULL, "Other", FALSE}};
    struct settings settings = team();
    struct rule rule = {.name = (char *)"r"};

    put_words(&rule.tests.signed_by, "jpcert*");
    settings.rules = g_ptr_array_new();
    g_ptr_array_add(settings.rules, &rule);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(mado_message) message = report();
        g_autoptr(mado_crypto) crypto = crypto_new();
        g_autoptr(mado_ruling) ruling = NULL;
        crypto->is_signed = cases[i].extent;
        crypto->signed_by = g_strdup(cases[i].by);
        ruling = rules_apply(message, crypto, &settings);
        g_assert_cmpuint(ruling->hits->len, ==, cases[i].hits);
    }
    rule_clear(&rule);
    g_ptr_array_unref(settings.rules);
}

/* A pattern with many stars costs no more than the product of the lengths. */
static void test_stars_take_no_time(void)
{
    struct settings settings = team();
    struct rule rule = {.name = (char *)"r"};
    g_autoptr(mado_message) message = report();
    g_autoptr(mado_ruling) ruling = NULL;
    g_autofree char *line = g_strnfill(100000, 'a');
    gint64 began = g_get_monotonic_time();

    put_words(&rule.tests.header, "*a*a*a*a*a*a*a*a*a*a*b");
    put_list(&message->fields, line);
    settings.rules = g_ptr_array_new();
    g_ptr_array_add(settings.rules, &rule);
    ruling = rules_apply(message, NULL, &settings);
    g_assert_cmpuint(ruling->hits->len, ==, 0);
    g_assert_cmpint(g_get_monotonic_time() - began, <, 2 * G_USEC_PER_SEC);
    rule_clear(&rule);
    g_ptr_array_unref(settings.rules);
}

/* -- several rules -- */

#define W(word) ((char *)(word))
static char *in_subject[] = {W("phishing"), NULL};
static char *not_there[] = {W("nothing of it"), NULL};
static char *of_machines[] = {W("list"), W("notification"), W("feedback"), NULL};

static struct settings team_with(struct rule *rules, gsize count)
{
    struct settings settings = team();

    settings.rules = g_ptr_array_new();
    for (gsize i = 0; i < count; i++)
        g_ptr_array_add(settings.rules, &rules[i]);
    return settings;
}

static struct plan *decide_by(const struct message *message, const struct crypto *crypto,
    const struct history *history, struct rule *rules, gsize count)
{
    struct settings settings = team_with(rules, count);
    g_autoptr(mado_question) question = desk_ask(message, crypto, &settings);
    struct plan *plan = desk_decide(message, crypto, question, history, &settings);

    g_ptr_array_unref(settings.rules);
    return plan;
}

static const struct action *set_of(const struct plan *plan, const char *field)
{
    for (guint i = 0; i < plan->actions->len; i++) {
        const struct action *action = plan->actions->pdata[i];
        if (action->kind == ACTION_SET && g_str_equal(action->value[0], field))
            return action;
    }
    return NULL;
}

static void assert_set(
    const struct plan *plan, const char *field, const char *value, const char *by)
{
    const struct action *action = set_of(plan, field);

    g_assert_nonnull(action);
    g_assert_cmpstr(action->value[1], ==, value);
    g_assert_cmpstr(action->why, ==, by);
}

static void test_later_rules_fill_what_is_open(void)
{
    struct rule rules[] = {
        {W("none"), {.subject = not_there}, {.category = W("dos"), .note = W("never")}},
        {W("one"), {.subject = in_subject}, {.severity = W("critical"), .handler = W("tanaka")}},
        {W("two"), {.subject = in_subject},
            {.category = W("targeted"),
                .severity = W("low"),
                .team = W("soc"),
                .escalation = W("duty"),
                .note = W("ask them")},
            W("yes")},
        {W("three"), {.subject = in_subject}, {.category = W("scan"), .template = W("own-x")}},
    };
    g_autoptr(mado_message) message = report_from("hanako@yamabuki.example", "Phishing");
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_plan) plan = decide_by(message, NULL, history, rules, G_N_ELEMENTS(rules));

    g_assert_cmpint(plan->ledger, ==, LEDGER_INCIDENT);
    g_assert_cmpstr(value_of(plan, ACTION_OPEN, 0), ==, "targeted");
    g_assert_cmpstr(value_of(plan, ACTION_OPEN, 1), ==, "critical");
    g_assert_cmpstr(value_of(plan, ACTION_OPEN, 3), ==, "rule two");
    g_assert_cmpstr(value_of(plan, ACTION_OPEN, 4), ==, "rule one");
    g_assert_cmpstr(plan_find(plan, ACTION_OPEN)->why, ==, "rule two");
    assert_set(plan, "handler", "tanaka", "rule one");
    assert_set(plan, "team", "soc", "rule two");
    assert_set(plan, "escalation", "duty", "rule two");
    assert_set(plan, "note", "ask them", "rule two");
    g_assert_cmpstr(value_of(plan, ACTION_ACK, 0), ==, "ack-new");
}

static void test_a_rule_names_the_template(void)
{
    struct rule rule = {W("r"), {.subject = in_subject}, {.template = W("own-phishing")}};
    g_autoptr(mado_message) message = report_from("hanako@yamabuki.example", "Phishing");
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_plan) plan = decide_by(message, NULL, history, &rule, 1);

    g_assert_cmpstr(value_of(plan, ACTION_ACK, 0), ==, "own-phishing");
}

static void test_places_of_the_ledger(void)
{
    static const struct {
        const char *word;
        enum ledger ledger;
        enum action_kind has, lacks;
    } cases[] = {
        {"incident", LEDGER_INCIDENT, ACTION_ACK, ACTION_NO_ACK},
        {"feed", LEDGER_FEED, ACTION_NO_ACK, ACTION_OPEN},
        {"spam", LEDGER_SPAM, ACTION_NO_ACK, ACTION_ACK},
        {"machine", LEDGER_MACHINE, ACTION_NO_ACK, ACTION_NOTICE},
        {"pending", LEDGER_PENDING, ACTION_PENDING, ACTION_ACK},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct rule rule = {W("r"), {.subject = in_subject}, {.ledger = W(cases[i].word)}};
        g_autoptr(mado_message) message = report_from("hanako@yamabuki.example", "Phishing");
        g_autoptr(mado_history) history = asked();
        g_autoptr(mado_plan) plan = decide_by(message, NULL, history, &rule, 1);
        g_assert_cmpint(plan->ledger, ==, cases[i].ledger);
        g_assert_nonnull(plan_find(plan, cases[i].has));
        g_assert_null(plan_find(plan, cases[i].lacks));
        if (plan->ledger != LEDGER_INCIDENT)
            g_assert_cmpstr(((struct action *)plan->actions->pdata[0])->why, ==, "rule r");
    }
}

/* -- what no rule can do -- */

static void test_no_rule_answers_a_machine(void)
{
    struct rule rule = {W("r"), {.machine = of_machines},
        {.ledger = W("incident"), .template = W("own-x"), .category = W("scan")}};
    static const enum machine kinds[] = {MACHINE_LIST, MACHINE_NOTIFICATION, MACHINE_FEEDBACK};

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(mado_message) message = report();
        g_autoptr(mado_history) history = asked();
        g_autoptr(mado_plan) plan = NULL;
        message->machine = kinds[i];
        plan = decide_by(message, NULL, history, &rule, 1);
        g_assert_cmpstr(value_of(plan, ACTION_OPEN, 0), ==, "scan");
        assert_no_ack(plan, "automatic mail");
    }
}

static void test_a_rule_only_raises_the_label(void)
{
    static const struct {
        const char *of_mail, *of_rule, *label, *by;
    } cases[] = {
        {"GREEN", "TLP:AMBER", "TLP:AMBER", "rule r"},
        {"RED", "TLP:AMBER", "TLP:RED", "report"},
        {NULL, "TLP:CLEAR", "TLP:AMBER", "default"},
        {NULL, "TLP:RED", "TLP:RED", "rule r"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct rule rule = {W("r"), {.subject = in_subject}, {.label = W(cases[i].of_rule)}};
        g_autoptr(mado_message) message = report_from("hanako@yamabuki.example", "Phishing");
        g_autoptr(mado_history) history = asked();
        g_autoptr(mado_plan) plan = NULL;
        if (cases[i].of_mail)
            report_add_marking(message->report,
                &(struct marking){W("TLP"), W(cases[i].of_mail), W("TLP"), W("subject"), FALSE});
        plan = decide_by(message, NULL, history, &rule, 1);
        g_assert_cmpstr(value_of(plan, ACTION_OPEN, 2), ==, cases[i].label);
        g_assert_cmpstr(value_of(plan, ACTION_OPEN, 5), ==, cases[i].by);
    }
}

/* What proves that it belongs to an incident joins it, whatever a rule says; its label may rise. */
static void test_no_rule_takes_mail_from_its_incident(void)
{
    struct rule rule = {W("r"), {.subject = in_subject},
        {.ledger = W("spam"),
            .category = W("dos"),
            .handler = W("tanaka"),
            .label = W("TLP:RED"),
            .escalation = W("duty"),
            .template = W("own-x")}};
    g_autoptr(mado_message) message = report_from("hanako@yamabuki.example", "Re: phishing");
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_plan) plan = NULL;

    put_list(&message->references, OURS);
    know(history, "2026-0042-K7", TRUE, TRUE);
    ((struct known_incident *)history->incidents->pdata[0])->label = g_strdup("TLP:AMBER");
    plan = decide_by(message, NULL, history, &rule, 1);
    g_assert_cmpint(plan->ledger, ==, LEDGER_INCIDENT);
    g_assert_cmpstr(value_of(plan, ACTION_JOIN, 0), ==, "2026-0042-K7");
    g_assert_null(set_of(plan, "category"));
    g_assert_null(set_of(plan, "handler"));
    assert_set(plan, "label", "TLP:RED", "rule r");
    assert_set(plan, "escalation", "duty", "rule r");
    g_assert_cmpstr(value_of(plan, ACTION_ACK, 0), ==, "ack-followup");
}

/* By the answer nobody is to learn whether S/MIME could be opened, or what is in it. */
static void test_no_rule_tells_what_is_sealed(void)
{
    struct rule rule = {W("r"), {.subject = in_subject},
        {.ledger = W("spam"), .template = W("own-x"), .category = W("dos")}};
    g_autoptr(mado_message) message = report_from("hanako@yamabuki.example", "Phishing");
    g_autoptr(mado_crypto) crypto = crypto_new();
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_plan) plan = NULL;

    crypto->quiet = TRUE;
    crypto->encrypted = EXTENT_FULL;
    put(&crypto->outer_subject, "...");
    put(&crypto->outer_language, "ja");
    plan = decide_by(message, crypto, history, &rule, 1);
    g_assert_cmpint(plan->ledger, ==, LEDGER_INCIDENT);
    g_assert_cmpstr(value_of(plan, ACTION_OPEN, 0), ==, "dos");
    g_assert_cmpstr(value_of(plan, ACTION_ACK, 0), ==, "ack-new");
}

/* -- categories -- */

static void test_how_a_category_is_found(void)
{
    static const struct {
        const char *subject, *text, *class, *category, *by;
    } cases[] = {
        {"report", "x", "", "other", "default"},
        {"ＰＨＩＳＨＩＮＧ", "ddos", "", "phishing", "proposal"},
        {"report", "ｽｷｬﾝを検知", "", "scan", "proposal"},
        {"phishing", "x", "malicious-code/c2-server", "malware-site", "report"},
        {"phishing", "x", "malicious-code/other-thing", "infection", "report"},
        {"phishing", "x", "no-such/thing", "phishing", "proposal"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(mado_message) message = report_from("hanako@yamabuki.example", cases[i].subject);
        g_autoptr(mado_history) history = asked();
        g_autoptr(mado_plan) plan = NULL;
        put(&message->text, cases[i].text);
        put(&message->report->category, cases[i].class);
        plan = decide(message, history);
        g_assert_cmpstr(value_of(plan, ACTION_OPEN, 0), ==, cases[i].category);
        g_assert_cmpstr(value_of(plan, ACTION_OPEN, 3), ==, cases[i].by);
        g_assert_cmpstr(value_of(plan, ACTION_OPEN, 4), ==, cases[i].by);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rules/each test of a rule", test_each_test_of_a_rule);
    g_test_add_func("/rules/who signed", test_who_signed);
    g_test_add_func("/rules/stars take no time", test_stars_take_no_time);
    g_test_add_func("/rules/later rules fill what is open", test_later_rules_fill_what_is_open);
    g_test_add_func("/rules/a rule names the template", test_a_rule_names_the_template);
    g_test_add_func("/rules/places of the ledger", test_places_of_the_ledger);
    g_test_add_func("/rules/no rule answers a machine", test_no_rule_answers_a_machine);
    g_test_add_func("/rules/a rule only raises the label", test_a_rule_only_raises_the_label);
    g_test_add_func(
        "/rules/no rule takes mail from its incident", test_no_rule_takes_mail_from_its_incident);
    g_test_add_func("/rules/no rule tells what is sealed", test_no_rule_tells_what_is_sealed);
    g_test_add_func("/rules/how a category is found", test_how_a_category_is_found);
    return g_test_run();
}

/* What the labels of a mail mean for it, and for its incident. */
#include "desk-case.h"

struct found {
    const char *scheme, *label, *from;
    gboolean weak;
};
#define MOST 4

static void add_found(struct report *report, const struct found *found)
{
    for (gsize i = 0; i < MOST && found[i].scheme; i++) {
        g_autofree char *written =
            g_strconcat(found[i].scheme, ":", *found[i].label ? found[i].label : "PURPLE", NULL);
        report_add_marking(
            report, &(struct marking){(char *)found[i].scheme, (char *)found[i].label, written,
                        (char *)found[i].from, found[i].weak});
    }
}

static void test_the_strictest_counts(void)
{
    static const struct {
        struct found found[MOST];
        gboolean joins;
        const char *label, *where;
        gboolean look;
    } rows[] = {
        {{{NULL}}, FALSE, "TLP:AMBER", "", FALSE},
        {{{"TLP", "GREEN", "subject"}}, FALSE, "TLP:GREEN", "subject", FALSE},
        {{{"TLP", "GREEN", "subject"}, {"TLP", "RED", "text"}}, FALSE, "TLP:RED", "text", FALSE},
        {{{"TLP", "AMBER+STRICT", "text"}, {"TLP", "AMBER", "subject"}}, FALSE, "TLP:AMBER+STRICT",
            "text", FALSE},
        {{{"TLP", "AMBER", "subject"}, {"TLP", "AMBER", "text"}}, FALSE, "TLP:AMBER", "subject",
            FALSE},
        {{{"TLP", "", "text"}, {"TLP", "GREEN", "subject"}}, FALSE, "TLP:RED", "text", TRUE},
        {{{"TLP", "RED", "legend", TRUE}, {"TLP", "GREEN", "text"}}, FALSE, "TLP:GREEN", "text",
            FALSE},
        {{{"TLP", "RED", "legend", TRUE}, {"TLP", "CLEAR", "legend", TRUE}}, FALSE, "TLP:AMBER", "",
            FALSE},
        {{{"TLP", "CLEAR", "quotation", TRUE}}, FALSE, "TLP:AMBER", "", FALSE},
        {{{"TLP", "RED", "quotation", TRUE}}, FALSE, "TLP:RED", "quotation", FALSE},
        {{{"TLP", "GREEN", "subject"}, {"TLP", "AMBER", "quotation", TRUE}}, FALSE, "TLP:AMBER",
            "quotation", FALSE},
        {{{"TLP", "RED", "quotation", TRUE}}, TRUE, "TLP:AMBER", "", FALSE},
        {{{"TLP", "", "quotation", TRUE}}, TRUE, "TLP:AMBER", "", FALSE},
        {{{"PAP", "RED", "text"}}, FALSE, "TLP:AMBER", "", FALSE},
        /* what says that a file is public does not say so of the letter around it */
        {{{"TLP", "CLEAR", "advisory.txt"}}, FALSE, "TLP:AMBER", "", FALSE},
        {{{"TLP", "CLEAR", "message/rfc822"}, {"TLP", "GREEN", "a.json"}}, FALSE, "TLP:AMBER", "",
            FALSE},
        {{{"TLP", "RED", "a.json"}}, FALSE, "TLP:RED", "a.json", FALSE},
        {{{"TLP", "CLEAR", "text"}, {"TLP", "GREEN", "a.json"}}, FALSE, "TLP:GREEN", "a.json",
            FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mado_report) report = report_new();
        g_autoptr(mado_handling) handling = NULL;
        add_found(report, rows[i].found);
        handling = desk_handling(report, "TLP:AMBER", !rows[i].joins);
        g_test_message("row %" G_GSIZE_FORMAT, i);
        g_assert_cmpstr(handling->label, ==, rows[i].label);
        g_assert_cmpstr(handling->where, ==, rows[i].where);
        g_assert_cmpint(handling->look, ==, rows[i].look);
    }
}

static void test_all_are_told_each_once(void)
{
    static const struct found found[MOST] = {{"TLP", "GREEN", "subject"}, {"TLP", "GREEN", "text"},
        {"TLP", "", "text"}, {"PAP", "GREEN", "text"}};
    g_autoptr(mado_report) report = report_new();
    g_autoptr(mado_handling) handling = NULL;
    g_autofree char *all = NULL;

    add_found(report, found);
    handling = desk_handling(report, "TLP:AMBER", TRUE);
    all = g_strjoinv(" ", handling->all);
    g_assert_cmpstr(all, ==, "TLP:GREEN TLP:PURPLE");
    g_assert_cmpstr(handling->pap, ==, "PAP:GREEN");
}

static void test_the_order_of_strictness(void)
{
    static const char *const order[] = {
        "TLP:RED", "TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR"};

    for (gsize i = 0; i < G_N_ELEMENTS(order); i++)
        for (gsize k = 0; k < G_N_ELEMENTS(order); k++)
            g_assert_cmpint(label_is_stricter(order[i], order[k]), ==, i < k);
    g_assert_false(label_is_stricter("TLP:RED", "TLP:PURPLE"));
}

/* -- in plans -- */

static const struct action *set_of(const struct plan *plan, const char *field)
{
    for (guint i = 0; i < plan->actions->len; i++) {
        const struct action *action = plan->actions->pdata[i];
        if (action->kind == ACTION_SET && g_str_equal(action->value[0], field))
            return action;
    }
    return NULL;
}

static void test_a_new_incident_has_the_label_of_its_mail(void)
{
    static const struct {
        struct found found;
        const char *label;
        gboolean flagged;
    } rows[] = {
        {{NULL}, "TLP:AMBER", FALSE},
        {{"TLP", "RED", "text"}, "TLP:RED", FALSE},
        {{"TLP", "CLEAR", "subject"}, "TLP:CLEAR", FALSE},
        {{"TLP", "", "subject"}, "TLP:RED", TRUE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct found found[MOST] = {rows[i].found};
        g_autoptr(mado_message) message = report();
        g_autoptr(mado_history) history = asked();
        g_autoptr(mado_plan) plan = NULL;
        add_found(message->report, found);
        plan = decide(message, history);
        g_assert_cmpstr(value_of(plan, ACTION_OPEN, 2), ==, rows[i].label);
        g_assert_cmpint(set_of(plan, "flag") != NULL, ==, rows[i].flagged);
        if (rows[i].flagged)
            g_assert_cmpstr(set_of(plan, "flag")->value[1], ==, "unknown-label");
    }
}

/* Of an incident that is `now`. */
static void test_a_mail_raises_its_incident_and_never_lowers_it(void)
{
    static const struct {
        const char *now;
        struct found found;
        const char *set;
        gboolean flagged;
    } rows[] = {
        {"TLP:AMBER", {"TLP", "RED", "text"}, "TLP:RED"},
        {"TLP:GREEN", {"TLP", "AMBER+STRICT", "subject"}, "TLP:AMBER+STRICT"},
        {"TLP:AMBER", {"TLP", "GREEN", "text"}, NULL},
        {"TLP:AMBER", {"TLP", "AMBER", "text"}, NULL},
        {"TLP:GREEN", {NULL}, NULL},
        {"TLP:AMBER", {"TLP", "", "text"}, "TLP:RED", TRUE},
        {"TLP:AMBER", {"TLP", "RED", "quotation", TRUE}, NULL},
        {"TLP:RED", {"TLP", "", "text"}, NULL, TRUE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct found found[MOST] = {rows[i].found};
        g_autoptr(mado_message) message = report();
        g_autoptr(mado_history) history = asked();
        g_autoptr(mado_plan) plan = NULL;
        put_list(&message->references, OURS);
        know(history, "2026-0042-K7", TRUE, TRUE);
        ((struct known_incident *)history->incidents->pdata[0])->label = g_strdup(rows[i].now);
        add_found(message->report, found);
        plan = decide(message, history);
        g_assert_nonnull(plan_find(plan, ACTION_JOIN));
        g_assert_cmpstr(
            set_of(plan, "label") ? set_of(plan, "label")->value[1] : NULL, ==, rows[i].set);
        g_assert_cmpint(set_of(plan, "flag") != NULL, ==, rows[i].flagged);
    }
}

static struct plan *decide_closed(const char *label, enum opened_state left, const char *own_label)
{
    const struct found found[MOST] = {{"TLP", label, "subject"}};
    struct settings settings = team();
    g_autoptr(mado_message) message = report();
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_crypto) crypto = crypto_new();
    g_autoptr(mado_question) question = NULL;

    crypto->left = left;
    add_found(message->report, found);
    if (own_label) {
        put(&history->own_ticket, "2026-0042-K7");
        put(&history->own_label, own_label);
    }
    question = desk_ask(message, crypto, &settings);
    return desk_decide(message, crypto, question, history, &settings);
}

/* What is inside may ask for more than what stands outside. */
static void test_what_stays_closed_is_not_less_than_the_default(void)
{
    g_autoptr(mado_plan) clear = decide_closed("CLEAR", OPENED_NO_KEY, NULL);
    g_autoptr(mado_plan) red = decide_closed("RED", OPENED_NO_KEY, NULL);
    g_autoptr(mado_plan) opened = decide_closed("RED", OPENED_DONE, "TLP:AMBER");
    g_autoptr(mado_plan) lower = decide_closed("GREEN", OPENED_DONE, "TLP:AMBER");

    g_assert_cmpstr(value_of(clear, ACTION_OPEN, 2), ==, "TLP:AMBER");
    g_assert_cmpstr(value_of(red, ACTION_OPEN, 2), ==, "TLP:RED");
    g_assert_cmpstr(set_of(opened, "label")->value[1], ==, "TLP:RED");
    g_assert_null(set_of(lower, "label"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/desk-label/the strictest counts", test_the_strictest_counts);
    g_test_add_func("/desk-label/all are told, each once", test_all_are_told_each_once);
    g_test_add_func("/desk-label/the order of strictness", test_the_order_of_strictness);
    g_test_add_func("/desk-label/a new incident has the label of its mail",
        test_a_new_incident_has_the_label_of_its_mail);
    g_test_add_func("/desk-label/a mail raises its incident, and never lowers it",
        test_a_mail_raises_its_incident_and_never_lowers_it);
    g_test_add_func("/desk-label/what stays closed is not less than the default",
        test_what_stays_closed_is_not_less_than_the_default);
    return g_test_run();
}

/* What operators do to tickets: take, set, note, close, reopen. */
#include "control-answers.h"
#include "control-house.h"
#include "desk.h"

static const struct asker askers[] = {
    {"vera", CTL_VIEWER},
    {"haru", CTL_HANDLER},
    {"cora", CTL_COMMANDER},
    {"root", CTL_ADMIN},
};
enum { HARU = 1, CORA = 2, STATES = 6 };

#define NOTHING "Nothing was changed"

#define MUST(call)                                                                                 \
    do {                                                                                           \
        g_autoptr(GError) error = NULL;                                                            \
        if (!(call))                                                                               \
            g_error("%s: %s", #call, error ? error->message : "no");                               \
    } while (0)

static void add_operator(struct house *house, const char *user, const char *role)
{
    struct member *member = g_new0(struct member, 1);

    member->user = g_strdup(user);
    member->name = g_strdup(user);
    member->role = g_strdup(role);
    g_ptr_array_add(house->settings->operators, member);
}

static void open_house(struct house *house, int tickets)
{
    house_open(house, 0);
    add_operator(house, "vera", "viewer");
    add_operator(house, "haru", "handler");
    add_operator(house, "cora", "commander");
    open_tickets(house, tickets);
}

static void put(struct house *house, guint64 incident, const char *field, const char *value)
{
    MUST(store_begin(house->store, &error));
    MUST(store_set_incident(house->store, incident, field, value, 1795131060, &error));
    MUST(store_commit(house->store, &error));
}

/* The first row of the answer, or the error; the caller frees it. */
static json_t *order(
    const struct house *house, const struct asker *asker, const char *command, const char *args)
{
    g_autoptr(GString) lines = g_string_new(NULL);
    json_t *given = json_loads(args, 0, NULL);
    json_t *row;

    g_assert_nonnull(given);
    control_answer(&house->context, asker, ctl_find(command), given, lines);
    json_decref(given);
    row = json_loads(lines->str, JSON_DISABLE_EOF_CHECK, NULL);
    g_assert_nonnull(row);
    return row;
}

static const char *refusal(const json_t *row)
{
    return json_string_value(json_object_get(json_object_get(row, "error"), "message"));
}

/* What it is called now, by the field of the store's row; the caller frees it. */
static struct incident *ticket(const struct house *house, guint64 id)
{
    g_autoptr(GError) error = NULL;
    struct incident *incident = store_incident_show(house->store, id, &error);

    g_assert_no_error(error);
    return incident;
}

static guint count_events(const struct house *house, guint64 id)
{
    g_autoptr(GPtrArray) events = store_events(house->store, id, 0, 1000, NULL);

    return events->len;
}

static gboolean has_event(
    const struct house *house, guint64 id, const char *actor, const char *kind, const char *text)
{
    g_autoptr(GPtrArray) events = store_events(house->store, id, 0, 1000, NULL);

    for (guint i = 0; i < events->len; i++) {
        const struct event *one = events->pdata[i];
        if (g_str_equal(one->actor, actor) && g_str_equal(one->kind, kind) &&
            g_str_equal(one->text, text))
            return TRUE;
    }
    return FALSE;
}

/* -- each command, by each role, in each state -- */

/* `then`: the state behind it for each of incident_states; NULL: it is refused. */
static const struct {
    const char *command, *args;
    const char *then[STATES];
} deeds[] = {
    {"take", "{\"ids\":[\"1\"]}", {"open", "open", "waiting", "embargo", NULL, NULL}},
    {"note", "{\"id\":\"1\",\"text\":\"x\"}",
        {"new", "open", "waiting", "embargo", "closed", "rejected"}},
    {"close", "{\"id\":\"1\"}", {"closed", "closed", "closed", NULL, "closed", NULL}},
    {"reopen", "{\"id\":\"1\"}", {"new", "open", "waiting", "embargo", "open", "open"}},
    {"set", "{\"id\":\"1\",\"set\":[\"severity=low\"]}",
        {"new", "open", "waiting", "embargo", "closed", "rejected"}},
    {"set", "{\"id\":\"1\",\"set\":[\"state=new\"]}", {"new", NULL, NULL, NULL, NULL, NULL}},
    {"set", "{\"id\":\"1\",\"set\":[\"state=open\"]}",
        {"open", "open", "open", "open", "open", "open"}},
    {"set", "{\"id\":\"1\",\"set\":[\"state=waiting:peer\"]}",
        {"waiting", "waiting", "waiting", "waiting", NULL, NULL}},
    {"set", "{\"id\":\"1\",\"set\":[\"state=embargo:2999-12-01\"]}",
        {"embargo", "embargo", "embargo", "embargo", NULL, NULL}},
    {"set", "{\"id\":\"1\",\"set\":[\"state=closed\"]}",
        {"closed", "closed", "closed", NULL, "closed", NULL}},
    {"set", "{\"id\":\"1\",\"set\":[\"state=rejected\"],\"reason\":\"x\"}",
        {"rejected", "rejected", "rejected", NULL, NULL, "rejected"}},
};

static void try_deed(gsize d, gsize s, const struct asker *asker)
{
    struct house house;
    struct incident *now;
    guint events;
    json_t *row;

    open_house(&house, 1);
    put(&house, 1, "state", incident_states[s]);
    events = count_events(&house, 1);
    row = order(&house, asker, deeds[d].command, deeds[d].args);
    now = ticket(&house, 1);
    if ((refusal(row) != NULL) != (deeds[d].then[s] == NULL) ||
        !g_str_equal(now->state, deeds[d].then[s] ? deeds[d].then[s] : incident_states[s]))
        g_error("%s %s of what is %s: now %s, %s", deeds[d].command, deeds[d].args,
            incident_states[s], now->state, refusal(row) ? refusal(row) : "done");
    if (refusal(row)) {
        g_assert_nonnull(strstr(refusal(row), NOTHING));
        g_assert_cmpuint(count_events(&house, 1), ==, events + 1); /* that it was refused */
    }
    g_assert_cmpint(now->closed_at > 0, ==, state_is_over(now->state));
    incident_free(now);
    json_decref(row);
    house_close(&house);
}

static void test_each_state_has_its_steps(void)
{
    for (gsize d = 0; d < G_N_ELEMENTS(deeds); d++)
        for (gsize s = 0; s < STATES; s++)
            for (gsize a = HARU; a < G_N_ELEMENTS(askers); a++)
                if (a == HARU || s == d % STATES) /* of the higher roles a sample */
                    try_deed(d, s, &askers[a]);
}

/* The socket refuses whoever has less than a command's role, and writes that down. */
static void test_viewers_change_nothing(void)
{
    for (gsize d = 0; d < G_N_ELEMENTS(deeds); d++)
        g_assert_cmpint(ctl_find(deeds[d].command)->role, >, CTL_VIEWER);
}

/* -- take -- */

static void test_a_ticket_that_is_taken_is_not_taken_by_mistake(void)
{
    struct house house;
    json_t *row;
    struct incident *now;

    open_house(&house, 2);
    json_decref(order(&house, &askers[HARU], "take", "{\"ids\":[\"1\"]}"));
    g_assert_true(has_event(&house, 1, "haru", "set", "handler=haru (was -)"));
    g_assert_true(has_event(&house, 1, "haru", "set", "state=open (was new)"));
    row = order(&house, &askers[CORA], "take", "{\"ids\":[\"2\",\"1\"]}");
    g_assert_nonnull(strstr(refusal(row), "has a handler: haru. " NOTHING));
    g_assert_nonnull(strstr(refusal(row), "--over"));
    json_decref(row);
    now = ticket(&house, 2);
    g_assert_cmpstr(now->handler, ==, ""); /* the other one was not taken either */
    incident_free(now);
    row = order(&house, &askers[CORA], "take", "{\"ids\":[\"1\"],\"over\":true}");
    g_assert_null(refusal(row));
    json_decref(row);
    g_assert_true(has_event(&house, 1, "cora", "set", "handler=cora (was haru)"));
    house_close(&house);
}

static void test_taking_twice_is_taking_once(void)
{
    struct house house;
    json_t *row;
    guint events;

    open_house(&house, 1);
    json_decref(order(&house, &askers[HARU], "take", "{\"ids\":[\"1\"]}"));
    events = count_events(&house, 1);
    row = order(&house, &askers[HARU], "take", "{\"ids\":[\"1\"]}");
    g_assert_cmpint((int)json_array_size(json_object_get(row, "changes")), ==, 0);
    g_assert_cmpuint(count_events(&house, 1), ==, events);
    json_decref(row);
    house_close(&house);
}

/* -- set -- */

static void test_what_is_mistyped_is_told_with_what_there_is(void)
{
    static const struct {
        const char *words, *told;
    } rows[] = {
        {"severity=hihg", "did you mean \"high\"? There are: critical, high, medium, low. "},
        {"severty=high", "no field \"severty\": did you mean \"severity\"?"},
        {"severity", "sets no field"},
        {"category=phishin", "did you mean \"phishing\"?"},
        {"label=PURPLE", "There are: TLP:RED, "},
        {"state=done", "There are: new, open, "},
        {"handler=hary", "did you mean \"haru\"?"},
        {"handler=vera", "vera is a viewer"},
        {"subject=", "has a subject"},
        {"subject=a\\u202eb", "cannot be seen"},
        {"team=123456789012345678901234567890123456789012345678901", "longer than 50"},
        {"duo=tomorrow", "There are: severity, "},
        {"due=someday", "is no time"},
        {"state=waiting", "for whom"},
        {"state=waiting:godot", "for whom"},
        {"state=embargo", "until when"},
        {"state=embargo:2020-01-01", "until when"},
        {"state=rejected", "The journal keeps why"},
        {"severity=low\",\"sev=medium", "twice"},
        {"severity=low\",\"state=new", "new twice"},
        {"severity=low\",\"label=GREEN", "The journal keeps why"},
    };
    struct house house;

    open_house(&house, 1);
    put(&house, 1, "state", "open");
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *args = g_strdup_printf("{\"id\":\"1\",\"set\":[\"%s\"]}", rows[i].words);
        guint events = count_events(&house, 1);
        json_t *row = order(&house, &askers[HARU], "set", args);
        struct incident *now = ticket(&house, 1);
        if (!refusal(row) || !strstr(refusal(row), rows[i].told) || !strstr(refusal(row), NOTHING))
            g_error("%s: %s", rows[i].words, refusal(row) ? refusal(row) : "done");
        g_assert_cmpstr(now->severity, ==, "high");                /* all of it or nothing */
        g_assert_cmpuint(count_events(&house, 1), ==, events + 1); /* that it was refused */
        incident_free(now);
        json_decref(row);
    }
    house_close(&house);
}

static void test_several_fields_are_set_and_each_is_in_the_journal(void)
{
    static const char *const told[] = {"severity=critical (was high)",
        "category=dos (was phishing)", "handler=cora (was -)", "team=network (was -)",
        "label=TLP:RED (was TLP:AMBER)", "state=waiting (was new)", "waits_for=peer (was -)",
        "subject=another one (was a subject)"};
    struct house house;
    struct incident *now;
    json_t *row;

    open_house(&house, 1);
    row = order(&house, &askers[HARU], "set",
        "{\"id\":\"1\",\"set\":[\"sev=critical\",\"cat=dos\",\"handler=cora\",\"team=network\","
        "\"tlp=red\",\"state=waiting:peer\",\"subject=another one\"]}");
    g_assert_null(refusal(row));
    g_assert_cmpint((int)json_array_size(json_object_get(row, "changes")), ==, 8);
    json_decref(row);
    for (gsize i = 0; i < G_N_ELEMENTS(told); i++)
        if (!has_event(&house, 1, "haru", "set", told[i]))
            g_error("not in the journal: %s", told[i]);
    now = ticket(&house, 1);
    g_assert_cmpstr(now->severity_by, ==, "haru");
    g_assert_cmpstr(now->category_by, ==, "haru");
    g_assert_cmpstr(now->label_by, ==, "haru");
    incident_free(now);
    house_close(&house);
}

static void test_the_same_category_confirms_a_proposal(void)
{
    static const char args[] = "{\"id\":\"1\",\"set\":[\"category=phishing\"]}";
    struct house house;
    struct incident *now;
    guint events;

    open_house(&house, 1);
    put(&house, 1, "category_by", "proposal");
    json_decref(order(&house, &askers[HARU], "set", args));
    now = ticket(&house, 1);
    g_assert_cmpstr(now->category_by, ==, "haru");
    incident_free(now);
    g_assert_true(
        has_event(&house, 1, "haru", "set", "category=phishing (was phishing, by proposal)"));
    events = count_events(&house, 1);
    json_decref(order(&house, &askers[CORA], "set", args)); /* a person has said it already */
    g_assert_cmpuint(count_events(&house, 1), ==, events);
    house_close(&house);
}

static void test_lowering_a_label_takes_a_reason(void)
{
    struct house house;
    struct incident *now;
    json_t *row;

    open_house(&house, 1);
    row = order(&house, &askers[HARU], "set",
        "{\"id\":\"1\",\"set\":[\"label=WHITE\"],\"reason\":\"it is in the papers\"}");
    g_assert_null(refusal(row));
    json_decref(row);
    now = ticket(&house, 1);
    g_assert_cmpstr(now->label, ==, "TLP:CLEAR");
    incident_free(now);
    g_assert_true(has_event(
        &house, 1, "haru", "set", "label=TLP:CLEAR (was TLP:AMBER): it is in the papers"));
    house_close(&house);
}

static void test_a_handler_is_one_who_sees_the_ticket(void)
{
    struct house house;
    json_t *row;

    open_house(&house, 1);
    MUST(store_begin(house.store, &error));
    MUST(store_restrict_incident(house.store, 1, TRUE, 1795131060, &error));
    MUST(store_commit(house.store, &error));
    row = order(&house, &askers[CORA], "set", "{\"id\":\"1\",\"set\":[\"handler=haru\"]}");
    g_assert_nonnull(strstr(refusal(row), "haru may not see"));
    json_decref(row);
    row = order(&house, &askers[CORA], "set", "{\"id\":\"1\",\"set\":[\"handler=me\"]}");
    g_assert_null(refusal(row));
    json_decref(row);
    row = order(&house, &askers[CORA], "set", "{\"id\":\"1\",\"set\":[\"handler=\"]}");
    g_assert_true(json_is_null(json_object_get(row, "handler")));
    json_decref(row);
    house_close(&house);
}

/* -- note -- */

static void test_a_note_stays_in_the_journal(void)
{
    struct house house;
    json_t *row;
    g_autofree char *text = g_strnfill(16 * 1024 + 1, 'x');
    g_autofree char *args = g_strdup_printf("{\"id\":\"1\",\"text\":\"%s\"}", text);
    g_autoptr(GPtrArray) letters = NULL;

    open_house(&house, 1);
    json_decref(order(&house, &askers[HARU], "note", "{\"id\":\"1\",\"text\":\" one\\ntwo \"}"));
    json_decref(
        order(&house, &askers[HARU], "note", "{\"id\":\"1\",\"text\":\"wait\",\"advice\":true}"));
    g_assert_true(has_event(&house, 1, "haru", "note", "one\ntwo"));
    g_assert_true(has_event(&house, 1, "haru", "note", "advice: wait"));
    row = order(&house, &askers[HARU], "note", "{\"id\":\"1\",\"text\":\"  \"}");
    g_assert_nonnull(strstr(refusal(row), "no text"));
    json_decref(row);
    row = order(&house, &askers[HARU], "note", args);
    g_assert_nonnull(strstr(refusal(row), "longer than"));
    json_decref(row);
    letters = store_letters_of_incident(house.store, 1, NULL);
    g_assert_cmpuint(letters->len, ==, 0);
    house_close(&house);
}

/* -- close, reopen -- */

static void test_a_result_is_that_of_the_last_time(void)
{
    struct house house;
    json_t *row;

    open_house(&house, 1);
    row = order(&house, &askers[HARU], "close", "{\"id\":\"1\",\"result\":\"site is down\"}");
    g_assert_cmpstr(json_string_value(json_object_get(row, "result")), ==, "site is down");
    g_assert_true(json_is_string(json_object_get(row, "closed")));
    json_decref(row);
    row = order(&house, &askers[HARU], "close", "{\"id\":\"1\"}"); /* once more changes nothing */
    g_assert_cmpstr(json_string_value(json_object_get(row, "result")), ==, "site is down");
    json_decref(row);
    row = order(&house, &askers[HARU], "reopen", "{\"id\":\"1\",\"reason\":\"up again\"}");
    g_assert_true(json_is_null(json_object_get(row, "result")));
    json_decref(row);
    g_assert_true(has_event(&house, 1, "haru", "set", "state=open (was closed): up again"));
    row = order(&house, &askers[HARU], "close", "{\"id\":\"1\"}");
    g_assert_true(json_is_null(json_object_get(row, "result")));
    json_decref(row);
    put(&house, 1, "result", "down");
    put(&house, 1, "state", "open"); /* as by a mail */
    row = order(&house, &askers[HARU], "show", "{\"id\":\"1\"}");
    g_assert_true(json_is_null(json_object_get(row, "result")));
    json_decref(row);
    row = order(&house, &askers[HARU], "close", "{\"id\":\"1\",\"result\":\"down\"}");
    g_assert_cmpstr(json_string_value(json_object_get(row, "result")), ==, "down");
    json_decref(row);
    house_close(&house);
}

static void test_closing_says_that_the_category_is_a_proposal(void)
{
    struct house house;
    json_t *row;
    const char *hint;

    open_house(&house, 1);
    put(&house, 1, "category_by", "proposal");
    row = order(&house, &askers[HARU], "close", "{\"id\":\"1\"}");
    hint = json_string_value(json_array_get(json_object_get(row, "hints"), 0));
    g_assert_nonnull(strstr(hint, "is a proposal"));
    g_assert_cmpstr(json_string_value(json_object_get(row, "state")), ==, "closed");
    json_decref(row);
    house_close(&house);
}

/* What the view "night" is, and of whom, once somebody has set it. */
static void test_a_view_of_somebody_else_is_replaced_on_purpose(void)
{
    static const struct {
        int asker;
        const char *args, *query, *by; /* behind it */
        gboolean refused;
    } rows[] = {
        {HARU, "\"query\":\"sev:>=high\"", "sev:>=high", "haru", FALSE},
        {HARU, "\"query\":\"sev:>=low\"", "sev:>=low", "haru", FALSE},
        {CORA, "\"query\":\"state:new\"", "sev:>=low", "haru", TRUE},
        {CORA, "\"query\":\"sev:>=low\"", "sev:>=low", "haru", FALSE},
        {CORA, "\"query\":\"state:new\",\"replace\":true", "state:new", "cora", FALSE},
        {HARU, "\"query\":\"sev:>=low\"", "state:new", "cora", TRUE},
        {CORA, "\"query\":\"sev:>=high\"", "sev:>=high", "cora", FALSE},
    };
    struct house house;

    open_house(&house, 1);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *args = g_strdup_printf("{\"name\":\"night\",%s}", rows[i].args);
        json_t *row = order(&house, &askers[rows[i].asker], "view set", args), *kept;
        const char *why = refusal(row);
        g_assert_cmpint(why != NULL, ==, rows[i].refused);
        if (why)
            g_assert_true(strstr(why, NOTHING) && strstr(why, rows[i].by) &&
                          strstr(why, rows[i].query) && strstr(why, "--replace"));
        json_decref(row);
        kept = order(&house, &askers[HARU], "view", "{}");
        g_assert_cmpstr(json_string_value(json_object_get(kept, "query")), ==, rows[i].query);
        g_assert_cmpstr(json_string_value(json_object_get(kept, "by")), ==, rows[i].by);
        json_decref(kept);
    }
    house_close(&house);
}

static void test_rows_have_the_fields_of_the_table(void)
{
    for (gsize d = 0; d < 5; d++) {
        struct house house;
        g_auto(GStrv) forms = g_strsplit(ctl_find(deeds[d].command)->fields, "; ", -1);
        g_autofree char *wanted = g_strconcat("schema ", *forms, NULL);
        g_autoptr(GString) names = g_string_new(NULL);
        const char *name;
        json_t *row, *value;
        open_house(&house, 1);
        row = order(&house, &askers[HARU], deeds[d].command, deeds[d].args);
        json_object_foreach(row, name, value)
            g_string_append_printf(names, "%s%s", names->len ? " " : "", name);
        g_assert_cmpstr(names->str, ==, wanted);
        json_decref(row);
        house_close(&house);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/control-work/each state has its steps", test_each_state_has_its_steps);
    g_test_add_func("/control-work/viewers change nothing", test_viewers_change_nothing);
    g_test_add_func("/control-work/a ticket that is taken is not taken by mistake",
        test_a_ticket_that_is_taken_is_not_taken_by_mistake);
    g_test_add_func("/control-work/taking twice is taking once", test_taking_twice_is_taking_once);
    g_test_add_func("/control-work/what is mistyped is told with what there is",
        test_what_is_mistyped_is_told_with_what_there_is);
    g_test_add_func("/control-work/several fields are set and each is in the journal",
        test_several_fields_are_set_and_each_is_in_the_journal);
    g_test_add_func("/control-work/the same category confirms a proposal",
        test_the_same_category_confirms_a_proposal);
    g_test_add_func(
        "/control-work/lowering a label takes a reason", test_lowering_a_label_takes_a_reason);
    g_test_add_func("/control-work/a handler is one who sees the ticket",
        test_a_handler_is_one_who_sees_the_ticket);
    g_test_add_func("/control-work/a note stays in the journal", test_a_note_stays_in_the_journal);
    g_test_add_func(
        "/control-work/a result is that of the last time", test_a_result_is_that_of_the_last_time);
    g_test_add_func("/control-work/closing says that the category is a proposal",
        test_closing_says_that_the_category_is_a_proposal);
    g_test_add_func("/control-work/a view of somebody else",
        test_a_view_of_somebody_else_is_replaced_on_purpose);
    g_test_add_func(
        "/control-work/rows have the fields of the table", test_rows_have_the_fields_of_the_table);
    return g_test_run();
}

/* The operators' socket: what is answered. */
#include "control-house.h"

static gboolean mentions(const json_t *rows, const char *words)
{
    g_autofree char *text = ctl_dump(rows);
    return strstr(text, words) != NULL;
}

static void check_fields(const char *command, const json_t *row, int form)
{
    g_auto(GStrv) forms = g_strsplit(ctl_find(command)->fields, "; ", -1);
    g_autofree char *expected = g_strconcat("schema ", forms[form], NULL);
    g_autoptr(GString) keys = g_string_new(NULL);
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)row, key, value)
        g_string_append_printf(keys, "%s%s", keys->len ? " " : "", key);
    g_assert_cmpstr(keys->str, ==, expected);
}

static void test_rows_have_the_fields_of_the_table(void)
{
    static const struct {
        const char *command, *args;
    } rows[] = {
        {"status", "{}"},
        {"list", "{}"},
        {"show", "{\"id\":\"1\"}"},
        {"history", "{\"id\":\"1\"}"},
        {"ledger", "{}"},
        {"doctor", "{}"},
        {"config show", "{}"},
        {"audit verify", "{}"},
    };
    struct house house;

    house_open(&house, 0);
    open_tickets(&house, 1);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        json_t *answer = ask(&house, rows[i].command, rows[i].args);
        g_assert_cmpint(error_code(answer), ==, 0);
        check_fields(rows[i].command, json_array_get(answer, 0), 0);
        json_decref(answer);
    }
    house_close(&house);
}

/* What is told must be there after a power cut too; else its number could go to another mail. */
static void test_an_answer_tells_only_what_is_committed(void)
{
    struct house house;
    json_t *answer;

    house_open(&house, 0);
    g_assert_true(store_begin(house.store, NULL));
    g_assert_true(store_journal(house.store, 1, "mado", "opened", 0, 0, "a turn", NULL));
    answer = ask(&house, "list", "{}");
    g_assert_cmpint(error_code(answer), ==, 0);
    g_assert_false(store_in_turn(house.store));
    json_decref(answer);
    house_close(&house);
}

static gsize count_listed(struct house *house, const char *severity)
{
    g_autofree char *args = g_strdup_printf("{\"severity\":\"%s\"}", severity);
    json_t *answer = ask(house, "list", args);
    gsize rows = json_array_size(answer) - 1;

    g_assert_cmpint(error_code(answer), ==, 0);
    json_decref(answer);
    return rows;
}

static void test_a_list_is_of_one_severity_or_of_all_above_it(void)
{
    static const char *const severities[] = {"critical", "high", "medium", "low"};
    static const struct {
        const char *wanted;
        gsize rows;
    } rows[] = {{"high", 1}, {">=critical", 1}, {">=high", 2}, {">=medium", 3}, {">=low", 4}};
    struct house house;

    house_open(&house, 0);
    open_tickets(&house, 4);
    g_assert_true(store_begin(house.store, NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(severities); i++)
        g_assert_true(
            store_set_incident(house.store, i + 1, "severity", severities[i], 1795131060, NULL));
    g_assert_true(store_commit(house.store, NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpuint(count_listed(&house, rows[i].wanted), ==, rows[i].rows);
    house_close(&house);
}

static void test_a_long_story_says_that_it_goes_on(void)
{
    struct house house;

    house_open(&house, 0);
    open_tickets(&house, 1);
    for (int events = 1; events <= 101; events++) {
        json_t *answer = ask(&house, "show", "{\"id\":\"1\"}");
        json_t *row = json_array_get(answer, 0);
        g_assert_cmpuint(json_array_size(json_object_get(row, "events")), ==, MIN(events, 100));
        g_assert_cmpint(json_is_true(json_object_get(row, "events_left_out")), ==, events > 100);
        json_decref(answer);
        g_assert_true(store_begin(house.store, NULL));
        g_assert_true(store_journal(house.store, 1795131061, "mado", "ack", 1, 0, "x", NULL));
        g_assert_true(store_commit(house.store, NULL));
    }
    house_close(&house);
}

static void test_a_long_list_comes_in_pages(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *args = g_strdup("{}");
    struct house house;
    int pages = 0;
    gboolean more = TRUE;

    house_open(&house, 0);
    open_tickets(&house, 250);
    for (; more; pages++) {
        json_t *rows = ask(&house, "list", args);
        json_t *last = json_array_get(rows, json_array_size(rows) - 1);
        g_autofree char *next = NULL;
        for (gsize i = 0; i + 1 < json_array_size(rows); i++)
            g_assert_true(g_hash_table_add(seen,
                g_strdup(json_string_value(json_object_get(json_array_get(rows, i), "ticket")))));
        more = json_object_get(last, "next") != NULL;
        next = ctl_dump(json_object_get(last, "next"));
        g_free(args);
        args = g_strdup_printf("{\"page\":%s}", next);
        json_decref(rows);
    }
    g_assert_cmpuint(g_hash_table_size(seen), ==, 250);
    g_assert_cmpint(pages, ==, 3);
    house_close(&house);
}

static void test_a_ticket_is_found_by_what_people_type(void)
{
    struct house house;
    g_autofree char *number = number_format(2026, 1);
    const char *forms[] = {"1", "2026-1", number, "Re: [%s#%s] a subject"};

    house_open(&house, 0);
    open_tickets(&house, 1);
    for (gsize i = 0; i < G_N_ELEMENTS(forms); i++) {
        g_autofree char *id =
            i < 3 ? g_strdup(forms[i])
                  : g_strdup_printf("Re: [%s#%s] a subject", house.settings->tickets.tag, number);
        g_autofree char *args = g_strdup_printf("{\"id\":\"%s\"}", id);
        json_t *rows = ask(&house, "show", args);
        g_assert_cmpstr(
            json_string_value(json_object_get(json_array_get(rows, 0), "ticket")), ==, number);
        json_decref(rows);
    }
    house_close(&house);
}

static void test_bad_arguments_are_refused_with_a_reason(void)
{
    static const struct {
        const char *command, *args;
        int code;
        const char *words;
    } rows[] = {
        {"show", "{\"id\":\"9\"}", MADO_E_NO_SUCH, "There is no ticket 9"},
        {"show", "{\"id\":\"2026-0001-XX\"}", MADO_E_NO_SUCH, "mistyped"},
        {"show", "{\"id\":\"mail:9\"}", MADO_E_NO_SUCH, "There is no mail 9"},
        {"show", "{\"id\":\"hello\"}", MADO_E_USAGE, "no ticket number"},
        {"show", "{\"id\":7}", MADO_E_USAGE, "wrong type"},
        {"show", "{\"id\":\"1\\u0000\"}", MADO_E_BAD_DATA, "not a request"},
        {"show", "{\"idd\":\"7\"}", MADO_E_USAGE, "did you mean \\\"id\\\"?"},
        {"show", "{}", MADO_E_USAGE, "no ticket number"},
        {"list", "{\"state\":\"nwe\"}", MADO_E_USAGE, "there are: new, open"},
        {"list", "{\"severity\":\"x\"}", MADO_E_USAGE, "critical, high"},
        {"list", "{\"severity\":\">=x\"}", MADO_E_USAGE, "critical, high"},
        {"list", "{\"severity\":\"\"}", MADO_E_USAGE, "critical, high"},
        {"list", "{\"all\":\"yes\"}", MADO_E_USAGE, "wrong type"},
        {"ledger", "{\"place\":\"x\"}", MADO_E_USAGE, "no place"},
        {"outbox", "{\"state\":\"x\"}", MADO_E_USAGE, "queued"},
        {"search", "{}", MADO_E_USAGE, "No words"},
        {"consult", "{\"question\":{}}", MADO_E_BAD_DATA, "no question"},
    };
    struct house house;

    house_open(&house, 0);
    open_tickets(&house, 1);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        json_t *answer = ask(&house, rows[i].command, rows[i].args);
        g_assert_cmpint(error_code(answer), ==, rows[i].code);
        if (!mentions(answer, rows[i].words))
            g_test_fail_printf(
                "%s %s: not a word of \"%s\"", rows[i].command, rows[i].args, rows[i].words);
        g_assert_cmpuint(json_array_size(answer), ==, 1);
        json_decref(answer);
    }
    house_close(&house);
}

static void test_explain_may_ask_for_history(void)
{
    struct house house;
    json_t *rows;
    struct history *history;

    house_open(&house, 0);
    rows = ask(&house, "consult",
        "{\"question\":{\"address\":\"a@x.example\",\"domain\":\"x.example\",\"message_id\":\"\","
        "\"text_sha256\":\"\",\"claims\":[],\"bounce\":true,\"returned_ids\":[\"1@x.example\"],"
        "\"payload_sha256\":\"\",\"sealed_sha256\":\"\",\"alike\":\"\",\"alike_within\":0,"
        "\"sender\":{\"signed_by\":\"\",\"references\":[\"JPCERT#1\"],\"reopen_for\":1}}}");
    history = ctl_history_from_json(json_object_get(json_array_get(rows, 0), "history"));
    g_assert_nonnull(history);
    g_assert_true(history->consulted);
    history_free(history);
    json_decref(rows);
    house_close(&house);
}

static void test_the_journal_is_verified(void)
{
    struct house house;
    json_t *rows;

    house_open(&house, 0);
    open_tickets(&house, 7);
    rows = ask(&house, "audit verify", "{}");
    g_assert_true(json_is_true(json_object_get(json_array_get(rows, 0), "intact")));
    g_assert_cmpint(json_integer_value(json_object_get(json_array_get(rows, 0), "checked")), ==, 7);
    json_decref(rows);
    house_close(&house);
}

static void add_alarm(struct house *house, const char *condition, gboolean over)
{
    const struct alarm_found found = {(char *)condition, (char *)"a reason", 1795131060};
    g_autoptr(GPtrArray) rows = NULL;

    g_assert_true(store_begin(house->store, NULL));
    g_assert_true(store_alarm_begin(house->store, &found, NULL));
    rows = store_alarms_now(house->store, NULL);
    if (over)
        g_assert_true(store_alarm_over(house->store,
            ((struct alarm *)rows->pdata[rows->len - 1])->id, 1795131070, FALSE, NULL));
    g_assert_true(store_commit(house->store, NULL));
}

static void test_alarms_are_those_that_last_or_all(void)
{
    struct house house;
    json_t *now, *all, *status;

    house_open(&house, 0);
    add_alarm(&house, "relay", TRUE);
    add_alarm(&house, "source inbox", FALSE);
    now = ask(&house, "alarms", "{}");
    all = ask(&house, "alarms", "{\"all\":true}");
    status = ask(&house, "status", "{}");
    check_fields("alarms", json_array_get(now, 0), 0);
    g_assert_cmpuint(json_array_size(now), ==, 2);
    g_assert_true(mentions(now, "\"source inbox\"") && mentions(now, "\"over\":null"));
    g_assert_cmpuint(json_array_size(all), ==, 3);
    g_assert_true(mentions(status, "\"source inbox\""));
    g_assert_false(mentions(status, "\"condition\":\"relay\""));
    json_decref(now);
    json_decref(all);
    json_decref(status);
    house_close(&house);
}

/* Neither the daemon waits for the servers, nor does it answer before they have. */
static int proofs_to_come;

static gboolean prove(gpointer desk, gboolean begin)
{
    if (begin)
        proofs_to_come = 3;
    return --proofs_to_come <= 0;
}

static void test_doctor_comes_in_pages_until_the_servers_have_answered(void)
{
    struct house house;
    g_autoptr(GString) checks = g_string_new(NULL);
    json_t *rows;
    const char *args = "{}";
    gboolean more = TRUE;
    int pages = 0;

    house_open(&house, 0);
    house.context.prove = prove;
    for (; more; pages++) {
        rows = ask(&house, "doctor", args);
        more = mentions(rows, "\"again_ms\"");
        g_string_append_printf(checks, "%d%s ", mentions(rows, "\"check\":\"store\""),
            mentions(rows, "\"check\":\"source inbox\"") ? "+" : "-");
        json_decref(rows);
        args = "{\"page\":{\"asked\":true}}";
    }
    g_assert_cmpstr(checks->str, ==, "1- 0- 0+ ");
    g_assert_cmpint(pages, ==, 3);
    house_close(&house);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/control/fields of the table", test_rows_have_the_fields_of_the_table);
    g_test_add_func("/control/committed", test_an_answer_tells_only_what_is_committed);
    g_test_add_func("/control/list/severity", test_a_list_is_of_one_severity_or_of_all_above_it);
    g_test_add_func("/control/show/left out", test_a_long_story_says_that_it_goes_on);
    g_test_add_func("/control/pages", test_a_long_list_comes_in_pages);
    g_test_add_func("/control/ids", test_a_ticket_is_found_by_what_people_type);
    g_test_add_func("/control/bad arguments", test_bad_arguments_are_refused_with_a_reason);
    g_test_add_func("/control/consult", test_explain_may_ask_for_history);
    g_test_add_func("/control/alarms", test_alarms_are_those_that_last_or_all);
    g_test_add_func("/control/doctor", test_doctor_comes_in_pages_until_the_servers_have_answered);
    g_test_add_func("/control/audit", test_the_journal_is_verified);
    return g_test_run();
}

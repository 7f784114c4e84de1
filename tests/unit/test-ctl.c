#include "ctl.h"
#include "error.h"
#include <string.h>

static void test_each_command_is_described(void)
{
    for (const struct ctl_command *command = ctl_commands; command->name; command++) {
        g_assert_true(ctl_find(command->name) == command);
        g_assert_nonnull(command->args);
        g_assert_cmpstr(command->help, !=, "");
        g_assert_nonnull(command->fields);
        if (command->group) {
            g_assert_cmpint((int)strlen(command->help), <=, 51); /* help fits 80 columns */
            g_assert_true(g_str_has_prefix(command->examples, "madoctl "));
            g_assert_nonnull(strchr(command->examples, '\n'));
        }
    }
    g_assert_null(ctl_find("shwo"));
}

static void test_a_mistyped_command_is_guessed(void)
{
    static const struct {
        const char *typed, *meant;
    } rows[] = {
        {"shwo", "show"}, {"statsu", "status"}, {"lst", "list"}, {"ledgr", "ledger"},
        {"audit verfy", "audit verify"}, {"checkconfig", "check-config"}, {"xyzzy", NULL},
        {"", NULL}, {"consul", NULL}, /* not for people */
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpstr(ctl_guess(rows[i].typed), ==, rows[i].meant);
}

static void test_roles_have_an_order(void)
{
    g_assert_cmpint(ctl_role_from_name("viewer"), <, ctl_role_from_name("handler"));
    g_assert_cmpint(ctl_role_from_name("commander"), <, ctl_role_from_name("admin"));
    g_assert_cmpint(ctl_role_from_name("nobody"), ==, CTL_ROLE_NONE);
    g_assert_cmpint(ctl_role_from_name("root"), ==, CTL_ROLE_NONE);
    g_assert_cmpstr(ctl_role_name(CTL_COMMANDER), ==, "commander");
}

static void test_ages_read_well(void)
{
    static const struct {
        gint64 seconds;
        const char *age, *longer;
    } rows[] = {
        {-5, "0s", "0s"},
        {0, "0s", "0s"},
        {59, "59s", "59s"},
        {60, "1m", "1m"},
        {41 * 60 + 7, "41m", "41m"},
        {3600, "1h", "1h"},
        {2 * 3600 + 120, "2h", "2h 2m"},
        {3 * 86400 + 2 * 3600, "3d", "3d 2h"},
        {12 * 86400 + 59, "12d", "12d"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *age = ctl_age(rows[i].seconds);
        g_autofree char *longer = ctl_age_long(rows[i].seconds);
        g_assert_cmpstr(age, ==, rows[i].age);
        g_assert_cmpstr(longer, ==, rows[i].longer);
    }
}

static void test_sizes_and_counts_read_well(void)
{
    static const struct {
        guint64 value;
        const char *size, *count;
    } rows[] = {
        {0, "0 B", "0"},
        {999, "999 B", "999"},
        {1000, "1 kB", "1,000"},
        {12345, "12 kB", "12,345"},
        {142000000, "142 MB", "142,000,000"},
        {G_MAXUINT64, "18446744 TB", "18,446,744,073,709,551,615"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *size = ctl_bytes(rows[i].value);
        g_autofree char *count = ctl_count(rows[i].value);
        g_assert_cmpstr(size, ==, rows[i].size);
        g_assert_cmpstr(count, ==, rows[i].count);
    }
}

static void test_a_request_survives_the_wire(void)
{
    json_t *sent = ctl_request("list", json_pack("{s:b}", "all", TRUE));
    g_autofree char *line = ctl_dump(sent);
    const struct ctl_command *command;
    json_t *args;
    json_t *got = ctl_parse_request(line, strlen(line), &command, &args, NULL);

    g_assert_nonnull(got);
    g_assert_cmpstr(
        line, ==, "{\"schema\":\"mado/1\",\"command\":\"list\",\"args\":{\"all\":true}}");
    g_assert_cmpstr(command->name, ==, "list");
    g_assert_true(json_is_true(json_object_get(args, "all")));
    json_decref(sent);
    json_decref(got);
}

static void test_what_is_no_request_is_refused(void)
{
    static const struct {
        const char *line;
        int code;
    } rows[] = {
        {"", MADO_E_BAD_DATA},
        {"\xff\xfe", MADO_E_BAD_DATA},
        {"[]", MADO_E_BAD_DATA},
        {"{\"schema\":\"mado/1\",\"command\":\"list\"}", MADO_E_BAD_DATA},
        {"{\"schema\":\"mado/1\",\"command\":7,\"args\":{}}", MADO_E_BAD_DATA},
        {"{\"schema\":\"mado/1\",\"command\":\"list\",\"args\":[]}", MADO_E_BAD_DATA},
        {"{\"schema\":\"mado/1\",\"command\":\"list\",\"args\":{},\"x\":1}", MADO_E_BAD_DATA},
        {"{\"schema\":\"mado/1\",\"command\":\"list\",\"args\":{},\"args\":{}}", MADO_E_BAD_DATA},
        {"{\"schema\":\"mado/2\",\"command\":\"list\",\"args\":{}}", MADO_E_BAD_DATA},
        {"{\"schema\":\"mado/1\",\"command\":\"shwo\",\"args\":{}}", MADO_E_UNKNOWN_COMMAND},
        {"{\"schema\":\"mado/1\",\"command\":\"explain\",\"args\":{}}", MADO_E_UNKNOWN_COMMAND},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        const struct ctl_command *command;
        json_t *args;
        g_assert_null(
            ctl_parse_request(rows[i].line, strlen(rows[i].line), &command, &args, &error));
        g_assert_error(error, MADO_ERROR, rows[i].code);
    }
}

static void test_lines_of_an_answer_are_told_apart(void)
{
    g_autoptr(GError) sent = g_error_new(MADO_ERROR, MADO_E_NO_SUCH, "There is no ticket 9.");
    g_autoptr(GError) got = NULL;
    g_autoptr(GError) odd = NULL;
    json_t *lines[] = {
        ctl_row(), ctl_end(NULL), ctl_end(json_integer(7)), ctl_error(sent), json_array()};
    json_t *next;

    g_assert_cmpint(ctl_sort_line(lines[0], &next, NULL), ==, CTL_LINE_ROW);
    g_assert_cmpint(ctl_sort_line(lines[1], &next, NULL), ==, CTL_LINE_END);
    g_assert_null(next);
    g_assert_cmpint(ctl_sort_line(lines[2], &next, NULL), ==, CTL_LINE_END);
    g_assert_cmpint(json_integer_value(next), ==, 7);
    g_assert_cmpint(ctl_sort_line(lines[3], &next, &got), ==, CTL_LINE_ERROR);
    g_assert_error(got, MADO_ERROR, MADO_E_NO_SUCH);
    g_assert_cmpstr(got->message, ==, "There is no ticket 9.");
    g_assert_cmpint(ctl_sort_line(lines[4], &next, &odd), ==, CTL_LINE_ERROR);
    g_assert_error(odd, MADO_ERROR, MADO_E_INTERNAL);
    for (gsize i = 0; i < G_N_ELEMENTS(lines); i++)
        json_decref(lines[i]);
}

static void test_json_is_harmless_on_a_terminal_and_loses_nothing(void)
{
    static const char text[] = "改ざん \x1b[31m\x7f\xc2\x9b\xe2\x80\xae\xf3\xa0\x80\x81 end";
    json_t *value = ctl_string(text);
    g_autofree char *line = ctl_dump(value);
    json_t *again = json_loads(line, JSON_DECODE_ANY, NULL);

    g_assert_cmpstr(line, ==, "\"改ざん \\u001B[31m\\u007F\\u009B\\u202E\\uDB40\\uDC01 end\"");
    g_assert_cmpstr(json_string_value(again), ==, text);
    json_decref(value);
    json_decref(again);
}

static void test_broken_utf8_becomes_replacement_characters(void)
{
    json_t *value = ctl_string("a\xff"
                               "b");
    g_assert_cmpstr(json_string_value(value), ==,
        "a\xef\xbf\xbd"
        "b");
    json_decref(value);
}

static void test_times_carry_their_offset(void)
{
    g_autoptr(GTimeZone) tokyo = g_time_zone_new_offset(9 * 3600);
    json_t *there = ctl_time(1795131060, tokyo);
    json_t *utc = ctl_time(1795131060, NULL);
    json_t *never = ctl_time(0, tokyo);

    g_assert_cmpstr(json_string_value(there), ==, "2026-11-20T08:31:00+09:00");
    g_assert_cmpstr(json_string_value(utc), ==, "2026-11-19T23:31:00Z");
    g_assert_true(json_is_null(never));
    json_decref(there);
    json_decref(utc);
    json_decref(never);
}

static void test_a_question_survives_the_wire(void)
{
    g_autoptr(mado_question) sent = question_new();
    g_autoptr(mado_question) got = NULL;
    json_t *wire;
    const struct claim *claim;

    sent->address = g_strdup("hanako@yamabuki.example");
    sent->domain = g_strdup("yamabuki.example");
    sent->message_id = g_strdup("");
    sent->text_sha256 = g_strdup("00");
    g_ptr_array_add(sent->claims, claim_new(2026, 42, "2026-0042-K7", TRUE, NULL));
    sent->bounce = TRUE;
    g_strfreev(sent->returned_ids);
    sent->returned_ids = g_strsplit("1@sakura.example 2@sakura.example", " ", -1);
    wire = ctl_question_to_json(sent);
    got = ctl_question_from_json(wire);
    g_assert_nonnull(got);
    g_assert_cmpstr(got->address, ==, sent->address);
    claim = g_ptr_array_index(got->claims, 0);
    g_assert_cmpint(claim->sequence, ==, 42);
    g_assert_true(claim->check_ok);
    g_assert_null(claim->token);
    g_assert_true(got->bounce);
    g_assert_cmpuint(g_strv_length(got->returned_ids), ==, 2);
    g_assert_cmpstr(got->returned_ids[1], ==, "2@sakura.example");
    json_object_set_new(wire, "more", json_null());
    g_assert_null(ctl_question_from_json(wire));
    json_decref(wire);
}

#define REST                                                                                       \
    "\"domain\":\"\",\"message_id\":\"\",\"text_sha256\":\"\",\"bounce\":true,"                    \
    "\"returned_ids\":[]"
#define IDS "\"domain\":\"\",\"message_id\":\"\",\"text_sha256\":\"\",\"bounce\":true,\"claims\":[]"
#define CLAIM "{\"year\":-1,\"sequence\":1,\"number\":\"\",\"check_ok\":true,\"token\":null}"

static void test_a_question_of_another_shape_is_refused(void)
{
    static const char *const shapes[] = {"{}", "[]", "7", "{\"address\":7," REST ",\"claims\":[]}",
        "{\"address\":\"\"," REST ",\"claims\":7}",
        "{\"address\":\"\"," REST ",\"claims\":[" CLAIM "]}",
        "{\"address\":\"\"," IDS ",\"returned_ids\":7}",
        "{\"address\":\"\"," IDS ",\"returned_ids\":[7]}",
        "{\"address\":\"\"," IDS ",\"returned_ids\":[\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\","
        "\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\"]}"};

    for (gsize i = 0; i < G_N_ELEMENTS(shapes); i++) {
        json_t *value = json_loads(shapes[i], JSON_DECODE_ANY, NULL);
        g_assert_null(ctl_question_from_json(value));
        json_decref(value);
    }
}

static void test_a_history_survives_the_wire(void)
{
    g_autoptr(mado_history) sent = history_new();
    g_autoptr(mado_history) got = NULL;
    struct known_incident *known = g_new0(struct known_incident, 1);
    const struct known_letter *letter;
    json_t *wire;

    known->id = 7;
    known->number = g_strdup("2026-0042-K7");
    known->state = g_strdup("open");
    known->label = g_strdup("TLP:GREEN");
    known->correspondent = TRUE;
    known->waits_for = g_strdup("vendor: ACME");
    known->asked = TRUE;
    known->coordinated = TRUE;
    g_free(sent->contact);
    sent->contact = g_strdup("Jiro");
    g_free(sent->organisation);
    sent->organisation = g_strdup("ACME");
    g_ptr_array_add(sent->incidents, known);
    g_ptr_array_add(sent->letters, known_letter_new(12, NULL, "hanako@yamabuki.example", "sent"));
    sent->acks_this_hour = 3;
    wire = ctl_history_to_json(sent);
    got = ctl_history_from_json(wire);
    g_assert_nonnull(got);
    g_assert_true(got->consulted);
    g_assert_cmpint(got->acks_this_hour, ==, 3);
    known = g_ptr_array_index(got->incidents, 0);
    g_assert_cmpstr(known->number, ==, "2026-0042-K7");
    g_assert_cmpstr(known->label, ==, "TLP:GREEN");
    g_assert_true(known->correspondent);
    g_assert_false(known->token_ok);
    g_assert_cmpstr(known->waits_for, ==, "vendor: ACME");
    g_assert_true(known->asked);
    g_assert_true(known->coordinated);
    g_assert_cmpstr(got->contact, ==, "Jiro");
    g_assert_cmpstr(got->organisation, ==, "ACME");
    letter = g_ptr_array_index(got->letters, 0);
    g_assert_cmpuint(letter->id, ==, 12);
    g_assert_cmpstr(letter->number, ==, "");
    g_assert_cmpstr(letter->recipient, ==, "hanako@yamabuki.example");
    g_assert_cmpstr(letter->state, ==, "sent");
    json_decref(wire);
    g_assert_null(ctl_history_from_json(NULL));
}

/* The manual's text with the commands of the table between its two marks; NULL: no marks. */
static char *with_commands(const char *manual)
{
    static const char begin[] = ".\\\" Written from the table in lib/ctl/command.c: begin\n";
    static const char end[] = ".\\\" Written from the table in lib/ctl/command.c: end\n";
    const char *from = strstr(manual, begin);
    const char *to = strstr(manual, end);
    g_autofree char *head = from ? g_strndup(manual, (gsize)(from - manual)) : NULL;
    g_autofree char *commands = ctl_commands_to_manual();

    return from && to ? g_strconcat(head, begin, commands, to, NULL) : NULL;
}

/* With MADO_WRITE_GENERATED set it writes what it else compares. */
static void test_the_manual_has_the_table(void)
{
    g_autofree char *path = g_build_filename(g_getenv("MADO_SOURCE"), "man/madoctl.1", NULL);
    g_autofree char *manual = NULL, *fresh = NULL;

    g_assert_true(g_file_get_contents(path, &manual, NULL, NULL));
    fresh = with_commands(manual);
    g_assert_nonnull(fresh);
    if (g_getenv("MADO_WRITE_GENERATED"))
        g_assert_true(
            g_file_set_contents_full(path, fresh, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0644, NULL));
    else if (strcmp(manual, fresh) != 0)
        g_error("%s is stale: run MADO_WRITE_GENERATED=1 meson test -C BUILD 'unit ctl'", path);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ctl/table/each command is described", test_each_command_is_described);
    g_test_add_func("/ctl/table/a mistyped command is guessed", test_a_mistyped_command_is_guessed);
    g_test_add_func("/ctl/table/the manual has it", test_the_manual_has_the_table);
    g_test_add_func("/ctl/table/roles have an order", test_roles_have_an_order);
    g_test_add_func("/ctl/words/ages read well", test_ages_read_well);
    g_test_add_func("/ctl/words/sizes and counts read well", test_sizes_and_counts_read_well);
    g_test_add_func("/ctl/wire/a request survives", test_a_request_survives_the_wire);
    g_test_add_func("/ctl/wire/no request is refused", test_what_is_no_request_is_refused);
    g_test_add_func("/ctl/wire/lines are told apart", test_lines_of_an_answer_are_told_apart);
    g_test_add_func("/ctl/wire/JSON is harmless and loses nothing",
        test_json_is_harmless_on_a_terminal_and_loses_nothing);
    g_test_add_func("/ctl/wire/broken UTF-8", test_broken_utf8_becomes_replacement_characters);
    g_test_add_func("/ctl/wire/times carry their offset", test_times_carry_their_offset);
    g_test_add_func("/ctl/consult/a question survives", test_a_question_survives_the_wire);
    g_test_add_func(
        "/ctl/consult/another shape is refused", test_a_question_of_another_shape_is_refused);
    g_test_add_func("/ctl/consult/a history survives", test_a_history_survives_the_wire);
    return g_test_run();
}

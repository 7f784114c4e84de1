/* Contacts and keys over the operators' socket; what needs the keys role is begun here by a desk of
 * the test's own. */
#include "control-house.h"
#include "control-answers.h"
#include <mado/limits.h>
#include <mado/contact.h>
#include <mado/limits.h>

static gboolean mentions(const json_t *rows, const char *words)
{
    g_autofree char *text = ctl_dump(rows);
    return strstr(text, words) != NULL;
}

static const char *field(const json_t *rows, const char *name)
{
    return json_string_value(json_object_get(json_array_get(rows, 0), name));
}

static void check_fields(const char *command, const json_t *row)
{
    g_autofree char *expected = g_strconcat("schema ", ctl_find(command)->fields, NULL);
    g_autoptr(GString) keys = g_string_new(NULL);
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)row, key, value)
        g_string_append_printf(keys, "%s%s", keys->len ? " " : "", key);
    g_assert_cmpstr(keys->str, ==, expected);
}

/* -- a desk that says "done" when it is asked the third time -- */

struct fake {
    struct house *house;
    guint begun, asked;
    struct order order;
    GPtrArray *lines;
    GError *error;
};

static struct order_line line = {
    (char *)"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", (char *)"pinned"};

static gboolean begin(gpointer desk, const struct order *order, guint64 *task, GError **error)
{
    struct fake *fake = desk;

    fake->begun++;
    fake->order = *order;
    fake->order.how = g_intern_string(order->how);
    fake->order.name = g_intern_string(order->name);
    fake->order.address = g_intern_string(order->address);
    *task = 77;
    return TRUE;
}

static gboolean end(gpointer desk, guint64 task, const char *user, struct order_end *end)
{
    struct fake *fake = desk;

    if (task != 77)
        return FALSE;
    *end = (struct order_end){++fake->asked >= 3, fake->error, fake->lines, NULL};
    return TRUE;
}

static void tell_nothing(gpointer desk, struct status_facts *facts)
{
    tell_facts(desk, facts);
}

static void fake_open(struct fake *fake, struct house *house)
{
    house_open(house, 0);
    *fake = (struct fake){.house = house, .lines = g_ptr_array_new()};
    g_ptr_array_add(fake->lines, &line);
    house->context.begin = begin;
    house->context.end = end;
    house->context.facts = tell_nothing;
    house->context.desk = fake;
}

static void fake_close(struct fake *fake)
{
    g_ptr_array_unref(fake->lines);
    g_clear_error(&fake->error);
    house_close(fake->house);
}

static void add_key(struct house *house, char digit, const char *place)
{
    struct key_info *info = key_info_new();

    g_free(info->fingerprint);
    info->fingerprint = g_strnfill(40, digit);
    info->can_sign = info->can_encrypt = TRUE;
    info->bytes = g_bytes_new_static("bytes", 5);
    g_assert_true(store_begin(house->store, NULL));
    g_assert_true(store_add_key(house->store, info, place, "test", 1, NULL));
    g_assert_true(store_commit(house->store, NULL));
    key_info_free(info);
}

#define A40 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define B40 "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
#define ALICE "{\"name\":\"Alice\",\"set\":[\"address+=alice@x.example\"]}"

static void test_rows_have_the_fields_of_the_table(void)
{
    static const struct {
        const char *command, *args;
    } rows[] = {
        {"contact add", ALICE},
        {"contact", "{}"},
        {"contact show", "{\"contact\":\"Alice\"}"},
        {"contact edit", "{\"contact\":\"Alice\",\"set\":[\"note=x\"]}"},
        {"contact import",
            "{\"lines\":[{\"line\":2,\"name\":\"Bob\",\"set\":[]}],\"dry_run\":false}"},
        {"key", "{}"},
        {"key show", "{\"key\":\"" A40 "\"}"},
        {"key export", "{\"key\":\"" A40 "\"}"},
        {"key pin", "{\"page\":{\"task\":77}}"},
        {"key check", "{\"page\":{\"task\":77}}"},
    };
    struct house house;
    struct fake fake;

    fake_open(&fake, &house);
    add_key(&house, 'A', "offered");
    fake.asked = 10;
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        json_t *answer = ask(&house, rows[i].command, rows[i].args);
        g_assert_cmpint(error_code(answer), ==, 0);
        check_fields(rows[i].command, json_array_get(answer, 0));
        json_decref(answer);
    }
    fake_close(&fake);
}

static void test_bad_arguments_are_refused_with_a_reason(void)
{
    static const struct {
        const char *command, *args;
        int code;
        const char *words;
    } rows[] = {
        {"contact show", "{}", MADO_E_USAGE, "Which contact?"},
        {"contact show", "{\"contact\":\"Bob\"}", MADO_E_NO_SUCH, "There is no contact"},
        {"contact show", "{\"contact\":\"99\"}", MADO_E_NO_SUCH, "There is no contact"},
        {"contact add", "{\"name\":\"Bob\",\"set\":\"x\"}", MADO_E_USAGE, "wrong type"},
        {"contact add", "{\"name\":\"Bob\",\"set\":[7]}", MADO_E_USAGE, "wrong type"},
        {"contact add", "{\"name\":\"\"}", MADO_E_BAD_DATA, "has a name"},
        {"contact add", "{\"name\":\"Bob\",\"set\":[\"address=alice@x.example\"]}", MADO_E_BAD_DATA,
            "belongs to Alice already"},
        {"contact import", "{\"lines\":[7]}", MADO_E_USAGE, "wrong type"},
        {"contact import", "{\"lines\":[{\"name\":{}}]}", MADO_E_USAGE, "wrong type"},
        {"contact import", "{\"lines\":[{\"line\":3,\"set\":[]}]}", MADO_E_BAD_DATA, "line 3"},
        {"key show", "{}", MADO_E_USAGE, "Which key?"},
        {"key pin", "{}", MADO_E_USAGE, "40 digits"},
        {"key pin", "{\"key\":\"AAAA\"}", MADO_E_USAGE, "forged"},
        {"key pin", "{\"key\":\"" B40 "\",\"contact\":\"Alice\",\"how\":\"x\"}", MADO_E_NO_SUCH,
            "Bring it in first"},
        {"key pin", "{\"key\":\"" A40 "\",\"contact\":\"Alice\",\"how\":\" \"}", MADO_E_USAGE,
            "--how"},
        {"key pin", "{\"key\":\"" A40 "\",\"how\":\"x\"}", MADO_E_USAGE, "Which contact?"},
        {"key unpin", "{\"key\":\"" A40 "\",\"reason\":\"x\"}", MADO_E_BAD_DATA, "not pinned"},
        {"key import", "{\"file\":\"\"}", MADO_E_BAD_DATA, "empty"},
        {"key extend", "{}", MADO_E_NO_SUCH, "no key that signs"},
        {"key extend", "{\"key\":\"" A40 "\"}", MADO_E_BAD_DATA, "no OpenPGP key of ours"},
        {"key init", "{\"days\":\"x\"}", MADO_E_USAGE, "number of days"},
        {"key init", "{\"until\":\"2020-01-01\"}", MADO_E_USAGE, "over"},
        {"key export", "{}", MADO_E_NO_SUCH, "madoctl key init"},
        {"key check", "{\"page\":{\"task\":5}}", MADO_E_NO_SUCH, "not known any more"},
    };
    struct house house;
    struct fake fake;
    json_t *alice;

    fake_open(&fake, &house);
    add_key(&house, 'A', "offered");
    alice = ask(&house, "contact add", ALICE);
    json_decref(alice);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        json_t *answer = ask(&house, rows[i].command, rows[i].args);
        g_assert_cmpint(error_code(answer), ==, rows[i].code);
        if (!mentions(answer, rows[i].words))
            g_test_fail_printf(
                "%s %s: not a word of \"%s\"", rows[i].command, rows[i].args, rows[i].words);
        g_assert_cmpuint(json_array_size(answer), ==, 1);
        json_decref(answer);
    }
    g_assert_cmpuint(fake.begun, ==, 0);
    fake_close(&fake);
}

/* The command is answered at once, and tells where to ask again. */
static void test_an_order_is_begun_once_and_asked_for(void)
{
    struct house house;
    struct fake fake;
    json_t *answer;

    fake_open(&fake, &house);
    add_key(&house, 'A', "offered");
    answer = ask(&house, "contact add", ALICE);
    json_decref(answer);
    answer =
        ask(&house, "key pin", "{\"key\":\"" A40 "\",\"contact\":\"Alice\",\"how\":\"telephone\"}");
    for (int asked = 1; asked < 3; asked++) {
        g_assert_cmpuint(json_array_size(answer), ==, 1);
        g_assert_true(mentions(answer, "\"next\":{\"task\":77,\"again_ms\":100}"));
        json_decref(answer);
        answer = ask(&house, "key pin", "{\"page\":{\"task\":77,\"again_ms\":100}}");
    }
    g_assert_cmpstr(field(answer, "result"), ==, "pinned");
    g_assert_cmpstr(field(answer, "fingerprint"), ==, A40);
    g_assert_cmpuint(fake.begun, ==, 1);
    g_assert_cmpint(fake.order.kind, ==, ORDER_PIN);
    g_assert_cmpstr(fake.order.how, ==, "telephone");
    g_assert_cmpuint(fake.order.contact, ==, 1);
    json_decref(answer);
    fake_close(&fake);
}

static void test_what_goes_wrong_is_told_at_the_end(void)
{
    struct house house;
    struct fake fake;
    json_t *answer;

    fake_open(&fake, &house);
    fake.asked = 10;
    g_set_error(&fake.error, MADO_ERROR, MADO_E_KEYS_REFUSED, "gpg says no");
    answer = ask(&house, "key init", "{}");
    g_assert_cmpint(error_code(answer), ==, MADO_E_KEYS_REFUSED);
    g_assert_true(mentions(answer, "gpg says no"));
    g_assert_cmpstr(fake.order.name, ==, house.settings->team.name);
    g_assert_cmpstr(fake.order.address, ==, house.settings->team.address);
    json_decref(answer);
    fake_close(&fake);
}

static void test_a_second_key_of_ours_needs_a_word_more(void)
{
    struct house house;
    struct fake fake;
    json_t *answer;

    fake_open(&fake, &house);
    add_key(&house, 'A', "own");
    answer = ask(&house, "key init", "{}");
    g_assert_cmpint(error_code(answer), ==, MADO_E_BAD_DATA);
    g_assert_true(mentions(answer, "--replace"));
    json_decref(answer);
    answer = ask(&house, "key init", "{\"replace\":true}");
    g_assert_cmpint(error_code(answer), ==, 0);
    g_assert_cmpuint(fake.begun, ==, 1);
    json_decref(answer);
    fake_close(&fake);
}

static void test_a_key_of_ours_is_an_administrators_affair(void)
{
    static const struct {
        enum ctl_role role;
        const char *args;
        gboolean forbidden;
    } rows[] = {
        {CTL_HANDLER, "{\"file\":\"eHg=\"}", FALSE},
        {CTL_HANDLER, "{\"file\":\"eHg=\",\"own\":true}", TRUE},
        {CTL_COMMANDER, "{\"file\":\"eHg=\",\"own\":true}", TRUE},
        {CTL_ADMIN, "{\"file\":\"eHg=\",\"own\":true}", FALSE},
    };
    struct house house;
    struct fake fake;

    fake_open(&fake, &house);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct asker asker = {"somebody", rows[i].role};
        g_autoptr(GString) lines = g_string_new(NULL);
        json_t *args = json_loads(rows[i].args, 0, NULL);
        fake.asked = 0;
        control_answer(&house.context, &asker, ctl_find("key import"), args, lines);
        g_assert_cmpint(strstr(lines->str, "administrator") != NULL, ==, rows[i].forbidden);
        json_decref(args);
    }
    g_assert_cmpuint(fake.begun, ==, 2);
    fake_close(&fake);
}

/* Only a file makes a request long, and only from who may change something. */
static void test_a_long_request_is_one_with_a_file(void)
{
    static const struct {
        const char *command;
        gboolean much;
    } rows[] = {{"key import", TRUE}, {"contact import", TRUE}, {"key pin", FALSE},
        {"contact add", FALSE}, {"list", FALSE}, {"no such", FALSE}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct ctl_command command = {.name = rows[i].command};
        g_assert_cmpint(control_longest(&command) > LIMIT_CONTROL_REQUEST, ==, rows[i].much);
    }
}

static void test_a_trial_of_an_import_leaves_nothing(void)
{
    struct house house;
    json_t *answer;
    guint64 id;

    house_open(&house, 0);
    answer = ask(&house, "contact import",
        "{\"lines\":[{\"line\":2,\"name\":\"Bob\",\"set\":[\"kind=peer\"]}],\"dry_run\":true}");
    g_assert_cmpstr(field(answer, "result"), ==, "added");
    json_decref(answer);
    g_assert_true(store_find_contact(house.store, "Bob", &id, NULL));
    g_assert_cmpuint(id, ==, 0);
    house_close(&house);
}

static int looks_at_held;

static void count_look(gpointer desk)
{
    looks_at_held++;
}

/* It may be the address, or the key, for which a letter waits. */
static void test_what_changes_contacts_has_held_letters_looked_at(void)
{
    static const struct {
        const char *command, *args;
        int looks;
    } rows[] = {
        {"contact add", ALICE, 1},
        {"contact add", ALICE, 0}, /* refused */
        {"contact edit", "{\"contact\":\"Alice\",\"set\":[\"address+=a@y.example\"]}", 1},
        {"contact import", "{\"lines\":[{\"line\":1,\"name\":\"Bob\",\"set\":[]}]}", 1},
        {"contact import",
            "{\"lines\":[{\"line\":1,\"name\":\"Carol\",\"set\":[]}],\"dry_run\":true}", 0},
        {"contact list", "{}", 0},
    };
    struct house house;

    house_open(&house, 0);
    house.context.look_at_held = count_look;
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        looks_at_held = 0;
        json_decref(ask(&house, rows[i].command, rows[i].args));
        g_assert_cmpint(looks_at_held, ==, rows[i].looks);
    }
    house_close(&house);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/people/held letters", test_what_changes_contacts_has_held_letters_looked_at);
    g_test_add_func("/people/fields", test_rows_have_the_fields_of_the_table);
    g_test_add_func("/people/refusals", test_bad_arguments_are_refused_with_a_reason);
    g_test_add_func("/people/an order", test_an_order_is_begun_once_and_asked_for);
    g_test_add_func("/people/an order that fails", test_what_goes_wrong_is_told_at_the_end);
    g_test_add_func("/people/a second key", test_a_second_key_of_ours_needs_a_word_more);
    g_test_add_func("/people/ours", test_a_key_of_ours_is_an_administrators_affair);
    g_test_add_func("/people/a long request", test_a_long_request_is_one_with_a_file);
    g_test_add_func("/people/a trial", test_a_trial_of_an_import_leaves_nothing);
    return g_test_run();
}

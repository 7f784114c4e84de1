#include "store-help.h"

#define HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* A mail of a new incident that says so many addresses, and has a file. */
static guint64 says(
    struct store *store, const char *subject, const char *const *addresses, const char *sha256)
{
    g_autoptr(mado_report) found = report_new();
    g_autofree char *text = g_strdup_printf("text of %s", subject);
    guint64 incident = 0, mail = report(store, subject, text, "TLP:AMBER", &incident);

    for (; *addresses; addresses++)
        report_add_indicator(found, INDICATOR_IPV4, *addresses, *addresses, "text");
    MUST(store_keep_report(store, mail, found, &error));
    if (sha256) {
        g_autoptr(mado_message) message = letter_from("a@b.example", subject, text);
        g_ptr_array_add(
            message->attachments, attachment_new("a.zip", "application/zip", 5, sha256));
        MUST(store_keep_message(store, mail, message, "00", &error));
    }
    return incident;
}

#define THESE(...) ((const char *const[]){__VA_ARGS__, NULL})

/* "3: ipv4 192.0.2.1, 1: attachment e3b..." */
static char *related(struct store *store, guint64 incident, guint most)
{
    g_autoptr(GPtrArray) all = NULL;
    GString *out = g_string_new(NULL);

    MUST(all = store_related(store, incident, most, &error));
    for (guint i = 0; i < all->len; i++) {
        const struct related *one = all->pdata[i];
        g_string_append_printf(out, "%s%d:", i ? "; " : "", (int)one->incident);
        g_assert_cmpstr(one->state, ==, "new");
        g_assert_nonnull(strstr(one->number, "2026-"));
        for (guint k = 0; k < one->shared->len; k++) {
            const struct shared *shared = one->shared->pdata[k];
            g_string_append_printf(out, " %s %.12s", shared->kind, shared->value);
        }
    }
    return g_string_free(out, FALSE);
}

static void check_related(struct store *store, guint64 incident, guint most, const char *wanted)
{
    g_autofree char *found = related(store, incident, most);
    g_assert_cmpstr(found, ==, wanted);
}

static void test_the_same_elsewhere_is_related(void)
{
    struct place place = place_new();
    guint64 first, second, third, alone;

    MUST(store_begin(place.store, &error));
    first = says(place.store, "one", THESE("192.0.2.1", "192.0.2.2"), HASH);
    second = says(place.store, "two", THESE("192.0.2.2", "192.0.2.3"), NULL);
    third = says(place.store, "three", THESE("192.0.2.3", "192.0.2.1", "192.0.2.2"), HASH);
    alone = says(place.store, "four", THESE("192.0.2.4"), NULL);
    g_assert_cmpint(first, ==, 1);
    check_related(place.store, first, 20,
        "3: ipv4 192.0.2.1 ipv4 192.0.2.2 attachment e3b0c44298fc; 2: ipv4 192.0.2.2");
    check_related(
        place.store, first, 1, "3: ipv4 192.0.2.1 ipv4 192.0.2.2 attachment e3b0c44298fc");
    check_related(place.store, second, 20, "3: ipv4 192.0.2.2 ipv4 192.0.2.3; 1: ipv4 192.0.2.2");
    g_assert_cmpint(third, ==, 3);
    check_related(place.store, alone, 20, "");
    MUST(store_commit(place.store, &error));
    place_clear(&place);
}

static void test_what_everybody_has_says_nothing(void)
{
    struct place place = place_new();
    guint64 first = 0;

    MUST(store_begin(place.store, &error));
    for (int i = 0; i < 52; i++) {
        g_autofree char *subject = g_strdup_printf("number %d", i);
        guint64 incident = says(place.store, subject,
            i < 2 ? THESE("192.0.2.1", "192.0.2.9") : THESE("192.0.2.1"), NULL);
        first = first ? first : incident;
    }
    check_related(place.store, first, 20, "2: ipv4 192.0.2.9");
    MUST(store_commit(place.store, &error));
    place_clear(&place);
}

static void test_an_incident_has_each_once_in_order(void)
{
    struct place place = place_new();
    g_autoptr(GPtrArray) all = NULL;
    g_autoptr(GPtrArray) files = NULL;
    g_autoptr(GPtrArray) others = NULL;
    g_autoptr(mado_report) again = report_new();
    guint64 incident, mail;

    MUST(store_begin(place.store, &error));
    incident = says(place.store, "one", THESE("192.0.2.7", "192.0.2.2"), HASH);
    mail = report(place.store, "later", "again", "TLP:AMBER", &incident);
    report_add_indicator(again, INDICATOR_IPV4, "192.0.2.2", "192[.]0[.]2[.]2", "text");
    report_add_indicator(again, INDICATOR_DOMAIN, "a.example", "a[.]example", "x.txt");
    MUST(store_keep_report(place.store, mail, again, &error));
    MUST(all = store_indicators_of_incident(place.store, incident, 10, &error));
    g_assert_cmpuint(all->len, ==, 3);
    g_assert_cmpstr(((struct shared *)all->pdata[0])->value, ==, "192.0.2.7");
    g_assert_cmpstr(((struct shared *)all->pdata[1])->as_written, ==, "192.0.2.2");
    g_assert_cmpstr(((struct shared *)all->pdata[2])->origin, ==, "x.txt");
    MUST(files = store_artifacts(place.store, incident, 10, &error));
    g_assert_cmpuint(files->len, ==, 1);
    g_assert_cmpstr(((struct artifact *)files->pdata[0])->name, ==, "a.zip");
    says(place.store, "two", THESE("192.0.2.99"), HASH);
    MUST(others = store_incidents_with_file(place.store, HASH, incident, 10, &error));
    g_assert_cmpuint(others->len, ==, 1);
    g_assert_cmpint(((struct related *)others->pdata[0])->incident, ==, 2);
    MUST(store_commit(place.store, &error));
    place_clear(&place);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/the same elsewhere is related", test_the_same_elsewhere_is_related);
    g_test_add_func("/store/what everybody has says nothing", test_what_everybody_has_says_nothing);
    g_test_add_func(
        "/store/an incident has each once, in order", test_an_incident_has_each_once_in_order);
    return g_test_run();
}

/* What the store knows that bears on a mail. */
#include "store-help.h"
#include "token.h"

static struct question *ask(const char *address, const char *message_id, const char *text_sha256)
{
    struct question *question = question_new();
    const char *sign = strchr(address, '@');

    question->address = g_strdup(address);
    question->domain = g_strdup(sign ? sign + 1 : "");
    question->message_id = g_strdup(message_id);
    question->text_sha256 = g_strdup(text_sha256);
    return question;
}

static void test_a_claim_is_weighed(void)
{
    struct place place = place_new();
    g_autoptr(GBytes) secret = store_secret(place.store, "token", 32, NULL);
    g_autofree char *right = token_make(secret, 2026, 1, "hanako@yamabuki.example");
    static const struct {
        const char *address;
        int sequence;
        gboolean with_token, token_ok, correspondent;
    } rows[] = {
        {"hanako@yamabuki.example", 1, TRUE, TRUE, TRUE},
        {"hanako@yamabuki.example", 1, FALSE, FALSE, TRUE},
        {"mallory@evil.example", 1, TRUE, FALSE, FALSE},    /* a token of somebody else */
        {"hanako@yamabuki.example", 2, TRUE, FALSE, FALSE}, /* of another incident */
        {"", 1, TRUE, FALSE, FALSE},
    };

    MUST(store_begin(place.store, &error));
    open_incident(place.store, "one", "TLP:AMBER", NOW);
    open_incident(place.store, "two", "TLP:AMBER", NOW);
    MUST(store_add_correspondent(place.store, 1, "Hanako@Yamabuki.example", &error));
    MUST(store_add_correspondent(place.store, 1, "hanako@yamabuki.example", &error));
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mado_question) question = ask(rows[i].address, "", "");
        g_autoptr(mado_history) history = NULL;
        const struct known_incident *known;
        g_ptr_array_add(question->claims, claim_new(2026, 77, "2026-0077-K7", TRUE, NULL));
        g_ptr_array_add(question->claims, claim_new(2026, 2, "2026-0002-K7", FALSE, NULL));
        g_ptr_array_add(question->claims, claim_new(2026, rows[i].sequence, "2026-0001-K7", TRUE,
                                              rows[i].with_token ? right : NULL));
        history = store_consult(place.store, question, secret, NOW, NULL);
        g_assert_true(history->consulted);
        g_assert_cmpint(history->incidents->len, ==, 1); /* one does not exist, one is mistyped */
        known = history->incidents->pdata[0];
        g_assert_cmpint(known->id, ==, rows[i].sequence);
        g_assert_cmpstr(known->state, ==, "new");
        g_assert_cmpint(known->token_ok, ==, rows[i].token_ok);
        g_assert_cmpint(known->correspondent, ==, rows[i].correspondent);
    }
    place_clear(&place);
}

static void test_a_copy_is_told_from_another_text(void)
{
    static const struct {
        const char *address, *message_id, *text;
        gboolean copy, other;
    } rows[] = {
        {"hanako@yamabuki.example", "1@x", "bb", TRUE, FALSE},
        {"mallory@evil.example", "1@x", "bb", FALSE, FALSE},
        {"hanako@yamabuki.example", "1@x", "aa", FALSE, TRUE},
        {"hanako@yamabuki.example", "1@x", "cc", FALSE, TRUE},
        {"hanako@yamabuki.example", "2@x", "bb", FALSE, FALSE},
        {"hanako@yamabuki.example", "", "bb", FALSE, FALSE},
    };
    struct place place = place_new();
    g_autoptr(mado_message) message = letter_from("Hanako@Yamabuki.example", "s", "t");
    g_autoptr(mado_message) bare = letter_from("Hanako@Yamabuki.example", "s", "t");
    g_autoptr(GBytes) secret = store_secret(place.store, "token", 32, NULL);
    guint64 first;

    message->message_id = g_strdup("1@x");
    MUST(store_begin(place.store, &error));
    first = take(place.store, "a");
    MUST(store_keep_message(place.store, first, message, "bb", &error));
    MUST(store_keep_message(place.store, take(place.store, "b"), message, "bb", &error));
    MUST(store_keep_message(place.store, take(place.store, "c"), bare, "bb", &error));
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mado_question) question = ask(rows[i].address, rows[i].message_id, rows[i].text);
        g_autoptr(mado_history) history = store_consult(place.store, question, secret, NOW, NULL);
        g_assert_cmpint(history->copy_of, ==, rows[i].copy ? first : 0);
        g_assert_cmpint(history->same_id_other_text, ==, rows[i].other);
    }
    place_clear(&place);
}

static guint64 queue_ack(struct store *store, const char *cause, const char *to, guint64 incident,
    gboolean opens, gint64 at)
{
    g_autoptr(GBytes) bytes = g_bytes_new("x", 1);
    struct new_letter letter = {.kind = "ack",
        .cause = cause,
        .sender = "",
        .recipient = to,
        .subject = "s",
        .message_id = "m",
        .bytes = bytes,
        .incident = incident,
        .opens = opens,
        .at = at};
    gboolean queued;

    MUST(store_queue_letter(store, &letter, &queued, &error));
    g_assert_true(queued);
    return (guint64)sqlite3_last_insert_rowid(store->db);
}

static void check_caps(struct store *store, GBytes *secret, gint64 now, const gint64 expected[4])
{
    g_autoptr(mado_question) question = ask("hanako@yamabuki.example", "", "");
    g_autoptr(mado_history) history = NULL;

    g_ptr_array_add(question->claims, claim_new(2026, 1, "2026-0001-K7", TRUE, NULL));
    history = store_consult(store, question, secret, now, NULL);
    g_assert_cmpint(history->new_acks_to_address_today, ==, expected[0]);
    g_assert_cmpint(history->acks_in_ticket_today, ==, expected[1]);
    g_assert_cmpint(history->acks_to_domain_this_hour, ==, expected[2]);
    g_assert_cmpint(history->acks_this_hour, ==, expected[3]);
}

static void test_acks_are_counted_for_the_caps(void)
{
    struct place place = place_new();
    g_autoptr(GBytes) secret = store_secret(place.store, "token", 32, NULL);
    gint64 failed;

    MUST(store_begin(place.store, &error));
    open_incident(place.store, "one", "TLP:AMBER", NOW);
    check_caps(place.store, secret, NOW, (gint64[]){0, 0, 0, 0});
    queue_ack(place.store, "1", "Hanako@Yamabuki.example", 1, TRUE, NOW);
    check_caps(place.store, secret, NOW, (gint64[]){1, 0, 1, 1});
    queue_ack(place.store, "2", "hanako@yamabuki.example", 1, FALSE, NOW);
    check_caps(place.store, secret, NOW, (gint64[]){1, 1, 2, 2});
    queue_ack(place.store, "3", "taro@yamabuki.example", 0, TRUE, NOW);
    queue_ack(place.store, "4", "taro@other.example", 0, TRUE, NOW);
    check_caps(place.store, secret, NOW, (gint64[]){1, 1, 3, 4});
    check_caps(place.store, secret, NOW + 3500, (gint64[]){1, 1, 3, 4});
    check_caps(place.store, secret, NOW + 3700, (gint64[]){1, 1, 0, 0});
    check_caps(place.store, secret, NOW + 86399, (gint64[]){1, 1, 0, 0});
    check_caps(place.store, secret, NOW + 86400, (gint64[]){0, 0, 0, 0});
    /* one that failed reached nobody */
    failed = (gint64)queue_ack(place.store, "5", "hanako@yamabuki.example", 1, TRUE, NOW);
    check_caps(place.store, secret, NOW, (gint64[]){2, 1, 4, 5});
    for (int i = 0; i < 2; i++) {
        MUST(store_letter_settled(place.store, (guint64)failed, "failed", "550", 0, NOW, &error));
        check_caps(place.store, secret, NOW, (gint64[]){1, 1, 3, 4});
    }
    MUST(store_letter_settled(place.store, (guint64)failed, "queued", "", NOW, NOW, &error));
    check_caps(place.store, secret, NOW, (gint64[]){2, 1, 4, 5});
    place_clear(&place);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/history/a claim is weighed", test_a_claim_is_weighed);
    g_test_add_func("/history/a copy", test_a_copy_is_told_from_another_text);
    g_test_add_func("/history/caps", test_acks_are_counted_for_the_caps);
    return g_test_run();
}

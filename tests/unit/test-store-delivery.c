/* What came back, to which letter it belongs, and that who lets our letters bounce gains nothing.
 */
#include "store-help.h"
#include "token.h"

static guint64 letter(
    struct store *store, const char *kind, const char *id, const char *recipient, guint64 incident)
{
    return queue_letter(store, &(struct new_letter){.kind = kind,
                                   .cause = id,
                                   .recipient = recipient,
                                   .message_id = id,
                                   .incident = incident,
                                   .opens = TRUE,
                                   .at = NOW});
}

static void send(struct store *store, guint64 id, const char *state)
{
    MUST(store_letter_sending(store, id, &error));
    if (!g_str_equal(state, "sending"))
        MUST(store_letter_settled(store, id, state, "250 ok", 0, NOW, &error));
}

static void note(struct store *store, guint64 mail, guint64 letter_id, guint64 incident)
{
    struct new_delivery delivery = {.mail = mail,
        .letter = letter_id,
        .incident = incident,
        .recipient = "hanako@yamabuki.example",
        .outcome = "failed",
        .status = "5.1.1",
        .reply_code = "550",
        .reason = "userunknown",
        .permanent = TRUE,
        .at = NOW};

    MUST(store_add_delivery(store, &delivery, &error));
}

static void test_what_came_back_is_found_again(void)
{
    struct place place = place_new();
    g_autoptr(GPtrArray) of_incident = NULL;
    g_autoptr(GPtrArray) of_letter = NULL;
    g_autoptr(GPtrArray) newest = NULL;
    const struct delivery *row;
    guint64 incident, mail, id;

    MUST(store_begin(place.store, &error));
    incident = open_incident(place.store, "s", "TLP:AMBER", NOW);
    mail = take(place.store, "a");
    id = letter(place.store, "ack", "1@sakura.example", "hanako@yamabuki.example", incident);
    note(place.store, mail, id, incident);
    note(place.store, mail, id, incident);
    note(place.store, mail, 0, 0);
    of_incident = store_deliveries_of_incident(place.store, incident, 10, NULL);
    of_letter = store_deliveries_of_letter(place.store, id, 10, NULL);
    newest = store_deliveries_of_incident(place.store, incident, 1, NULL);
    g_assert_cmpuint(of_incident->len, ==, 2);
    g_assert_cmpuint(of_letter->len, ==, 2);
    g_assert_cmpuint(newest->len, ==, 1);
    g_assert_cmpuint(((const struct delivery *)newest->pdata[0])->id, ==, 2);
    g_assert_cmpuint(((const struct delivery *)of_letter->pdata[0])->id, ==, 1);
    row = of_incident->pdata[0];
    g_assert_cmpuint(row->mail, ==, mail);
    g_assert_cmpuint(row->letter, ==, id);
    g_assert_cmpuint(row->incident, ==, incident);
    g_assert_cmpstr(row->recipient, ==, "hanako@yamabuki.example");
    g_assert_cmpstr(row->outcome, ==, "failed");
    g_assert_cmpstr(row->status, ==, "5.1.1");
    g_assert_cmpstr(row->reply_code, ==, "550");
    g_assert_cmpstr(row->reason, ==, "userunknown");
    g_assert_true(row->permanent);
    g_assert_cmpint(row->at, ==, NOW);
    place_clear(&place);
}

static void test_only_a_letter_that_went_out_comes_back(void)
{
    static const struct {
        const char *state;
        gboolean fails;
    } rows[] = {{"queued", FALSE}, {"sending", TRUE}, {"deferred", FALSE}, {"failed", FALSE},
        {"sent", TRUE}, {"unknown", TRUE}};
    struct place place = place_new();

    MUST(store_begin(place.store, &error));
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        guint64 id = letter(place.store, "notice", rows[i].state, "a@b.example", 0);
        struct outbox_row *row;
        gboolean failed;
        if (i > 0)
            send(place.store, id, rows[i].state);
        MUST(store_letter_returned(place.store, id, "came back", NOW + 9, &failed, &error));
        row = store_letter_show(place.store, id, NULL);
        g_assert_cmpint(failed, ==, rows[i].fails);
        g_assert_cmpstr(row->state, ==, rows[i].fails ? "failed" : rows[i].state);
        g_assert_cmpint(g_str_equal(row->reply, "came back"), ==, rows[i].fails);
        outbox_row_free(row);
        MUST(store_letter_returned(place.store, id, "again", NOW + 9, &failed, &error));
        g_assert_false(failed);
    }
    place_clear(&place);
}

/* A bounce that is faster than the courier: the letter is not waited for. */
static void test_one_that_comes_back_on_its_way_makes_way(void)
{
    struct place place = place_new();
    g_autoptr(GPtrArray) before = NULL;
    g_autoptr(GPtrArray) after = NULL;
    gint64 lost;
    guint64 first, second;
    gboolean failed;

    MUST(store_begin(place.store, &error));
    first = letter(place.store, "ack", "1", "a@b.example", 0);
    second = letter(place.store, "ack", "2", "A@b.example", 0);
    send(place.store, first, "sending");
    before = store_due_letters(place.store, NOW, 10, NULL);
    g_assert_cmpuint(before->len, ==, 0);
    MUST(store_letter_returned(place.store, first, "came back", NOW, &failed, &error));
    g_assert_true(failed);
    after = store_due_letters(place.store, NOW, 10, NULL);
    g_assert_cmpuint(after->len, ==, 1);
    g_assert_cmpuint(((const struct due_letter *)after->pdata[0])->id, ==, second);
    MUST(store_count_lost_letters(place.store, 10, &lost, &error));
    g_assert_cmpint(lost, ==, 1);
    place_clear(&place);
}

static struct history *consult(struct store *store, struct question *question)
{
    g_autoptr(GBytes) secret = g_bytes_new_static("secret", 6);
    g_autoptr(GError) error = NULL;
    struct history *history = store_consult(store, question, secret, NOW, &error);

    g_assert_no_error(error);
    return history;
}

static void ask_for(struct question *question, const char *const *ids)
{
    g_strfreev(question->returned_ids);
    question->returned_ids = g_strdupv((char **)ids);
    question->bounce = TRUE;
}

static struct question *about(const char *address)
{
    struct question *question = question_new();

    question->address = g_strdup(address);
    question->domain = g_strdup("mx.example");
    question->message_id = g_strdup("");
    question->text_sha256 = g_strdup("");
    return question;
}

static void test_a_letter_is_found_by_its_very_id(void)
{
    static const struct {
        const char *const ids[3];
        guint found;
    } rows[] = {
        {{"Abc@sakura.example", NULL}, 1},
        {{"abc@sakura.example", NULL}, 0},
        {{"Abc@sakura.example ", NULL}, 0},
        {{"%", NULL}, 0},
        {{"", NULL}, 0},
        {{"Abc@sakura.example", "Abc@sakura.example", NULL}, 1},
        {{"x@y.example", "Abc@sakura.example", NULL}, 1},
    };
    struct place place = place_new();
    guint64 incident, id;

    MUST(store_begin(place.store, &error));
    incident = open_incident(place.store, "s", "TLP:AMBER", NOW);
    id = letter(place.store, "ack", "Abc@sakura.example", "hanako@yamabuki.example", incident);
    letter(place.store, "ack", "", "hanako@yamabuki.example", incident);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mado_question) question = about("mailer-daemon@mx.example");
        g_autoptr(mado_history) history = NULL;
        const struct known_letter *known;
        ask_for(question, rows[i].ids);
        history = consult(place.store, question);
        g_assert_cmpuint(history->letters->len, ==, rows[i].found);
        if (!rows[i].found)
            continue;
        known = history->letters->pdata[0];
        g_assert_cmpuint(known->id, ==, id);
        g_assert_cmpstr(known->number, ==, "2026-0001-K7");
        g_assert_cmpstr(known->recipient, ==, "hanako@yamabuki.example");
        g_assert_cmpstr(known->state, ==, "queued");
    }
    place_clear(&place);
}

static void claim_with(struct question *question, const char *token)
{
    g_ptr_array_add(question->claims, claim_new(2026, 1, "2026-0001-K7", TRUE, token));
    question->bounce = TRUE;
}

/* VERP: the token in the address to which it came back names the incident and the recipient. */
static void test_a_letter_is_found_by_the_token_of_its_recipient(void)
{
    g_autoptr(GBytes) secret = g_bytes_new_static("secret", 6);
    g_autofree char *token = token_make(secret, 2026, 1, "hanako@yamabuki.example");
    struct place place = place_new();
    g_autoptr(mado_question) right = about("mailer-daemon@mx.example");
    g_autoptr(mado_question) wrong = about("mailer-daemon@mx.example");
    g_autoptr(mado_history) none_yet = NULL;
    g_autoptr(mado_history) found = NULL;
    g_autoptr(mado_history) strange = NULL;
    g_autoptr(mado_history) several = NULL;
    guint64 incident, id;

    MUST(store_begin(place.store, &error));
    incident = open_incident(place.store, "s", "TLP:AMBER", NOW);
    letter(place.store, "ack", "1", "taro@yamabuki.example", incident);
    id = letter(place.store, "ack", "2", "Hanako@Yamabuki.example", incident);
    claim_with(right, token);
    claim_with(wrong, "0123456789abcdef");
    none_yet = consult(place.store, right);
    send(place.store, 1, "sent");
    send(place.store, id, "sent");
    found = consult(place.store, right);
    strange = consult(place.store, wrong);
    letter(place.store, "ack", "3", "hanako@yamabuki.example", incident);
    send(place.store, 3, "sent");
    several = consult(place.store, right);
    g_assert_cmpuint(none_yet->letters->len, ==, 0); /* nothing went out yet */
    g_assert_cmpuint(found->letters->len, ==, 1);
    g_assert_cmpuint(((const struct known_letter *)found->letters->pdata[0])->id, ==, id);
    g_assert_cmpuint(strange->letters->len, ==, 0);
    g_assert_cmpuint(several->letters->len, ==, 0); /* which of the two is not known */
    g_assert_true(((struct known_incident *)several->incidents->pdata[0])->token_ok);
    g_assert_false(((struct known_incident *)strange->incidents->pdata[0])->token_ok);
    place_clear(&place);
}

static void test_letters_are_looked_for_by_a_bounce_alone(void)
{
    static const char *const ids[] = {"1@sakura.example", NULL};
    struct place place = place_new();
    g_autoptr(mado_question) question = about("hanako@yamabuki.example");
    g_autoptr(mado_history) history = NULL;

    MUST(store_begin(place.store, &error));
    letter(place.store, "ack", "1@sakura.example", "hanako@yamabuki.example", 0);
    ask_for(question, ids);
    question->bounce = FALSE;
    history = consult(place.store, question);
    g_assert_cmpuint(history->letters->len, ==, 0);
    place_clear(&place);
}

/* Else somebody could have any number of acknowledgements sent, by letting each of them bounce. */
static void test_an_acknowledgement_that_came_back_still_counts(void)
{
    struct place place = place_new();
    g_autoptr(mado_question) question = about("hanako@yamabuki.example");
    g_autoptr(mado_history) sent = NULL;
    g_autoptr(mado_history) back = NULL;
    guint64 incident, mail, id;
    gboolean failed;

    g_free(question->domain);
    question->domain = g_strdup("yamabuki.example");
    MUST(store_begin(place.store, &error));
    incident = open_incident(place.store, "s", "TLP:AMBER", NOW);
    mail = take(place.store, "a");
    id = letter(place.store, "ack", "1@sakura.example", "hanako@yamabuki.example", incident);
    send(place.store, id, "sent");
    sent = consult(place.store, question);
    note(place.store, mail, id, incident);
    MUST(store_letter_returned(place.store, id, "came back", NOW, &failed, &error));
    back = consult(place.store, question);
    g_assert_true(failed);
    g_assert_cmpint(sent->new_acks_to_address_today, ==, 1);
    g_assert_cmpint(back->new_acks_to_address_today, ==, 1);
    g_assert_cmpint(back->acks_to_domain_this_hour, ==, 1);
    g_assert_cmpint(back->acks_this_hour, ==, 1);
    place_clear(&place);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/delivery/found again", test_what_came_back_is_found_again);
    g_test_add_func("/delivery/what went out", test_only_a_letter_that_went_out_comes_back);
    g_test_add_func("/delivery/on its way", test_one_that_comes_back_on_its_way_makes_way);
    g_test_add_func("/delivery/by its id", test_a_letter_is_found_by_its_very_id);
    g_test_add_func("/delivery/by the token", test_a_letter_is_found_by_the_token_of_its_recipient);
    g_test_add_func("/delivery/a bounce alone", test_letters_are_looked_for_by_a_bounce_alone);
    g_test_add_func("/delivery/caps", test_an_acknowledgement_that_came_back_still_counts);
    return g_test_run();
}

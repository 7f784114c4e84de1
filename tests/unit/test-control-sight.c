/* Who is told what: each command that tells of incidents, asked by each role. */
#include "control-answers.h"
#include "control-house.h"
#include "coordination.h"
#include "now.h"
#include "sight.h"
#include "store-help.h"

#define MONTH "2026-09" /* that of NOW */

/* Five incidents; whatever belongs to one has its word in it. */
static const struct {
    const char *word, *label;
    gboolean restricted, embargo;
} kept[] = {
    {"aardvark", "TLP:AMBER", FALSE},
    {"bumblebee", "TLP:RED", FALSE},
    {"chinchilla", "TLP:AMBER", TRUE},
    {"dragonfly", "TLP:RED", TRUE},
    {"earthworm", "TLP:AMBER", FALSE, TRUE},
};
enum { KEPT = G_N_ELEMENTS(kept), NOBODY = 90 };

static const struct asker askers[] = {
    {"vera", CTL_VIEWER}, {"haru", CTL_HANDLER}, {"mika", CTL_HANDLER}, /* of the restricted ones */
    {"miki", CTL_VIEWER},                                               /* likewise */
    {"cora", CTL_COMMANDER}, {"root", CTL_ADMIN}, {"nina", CTL_NIGHT},
    {"mira", CTL_NIGHT}, /* likewise */
};

static char *fingerprint_of(gsize i)
{
    return g_strdup_printf("%040" G_GSIZE_MODIFIER "X", 0xabc0 + i);
}

static void add_key(struct store *store, guint64 mail, gsize i, const char *address)
{
    struct key_info *info = key_info_new();
    g_autofree char *origin = g_strdup_printf("mail:%" G_GUINT64_FORMAT, mail);

    g_free(info->fingerprint);
    info->fingerprint = fingerprint_of(i);
    g_strfreev(info->user_ids);
    info->user_ids = g_strsplit(address, " ", -1);
    MUST(store_add_key(store, info, "offered", origin, NOW, &error));
    key_info_free(info);
}

static void ask_party(struct store *store, guint64 incident, gsize i)
{
    g_autofree char *name = g_strdup_printf("party of %s", kept[i].word);
    g_autoptr(mado_contact) contact = contact_new(name);
    struct coordination wanted = {.year = 2026,
        .incident = incident,
        .address = (char *)"party@peer.example",
        .label = (char *)kept[i].label,
        .language = (char *)"en",
        .opened_by = (char *)"haru",
        .opened_at = NOW};

    MUST(store_add_contact(store, contact, NOW, &error));
    wanted.contact = contact->id;
    MUST(store_open_coordination(store, &wanted, coordination_format, &error));
    g_free(wanted.number);
}

static void keep_one(struct store *store, gsize i)
{
    g_autofree char *address = g_strdup_printf("%s@peer.example", kept[i].word);
    const struct new_incident wanted = {.year = 2026,
        .severity = "high",
        .category = "phishing",
        .label = kept[i].label,
        .subject = kept[i].word,
        .reporter_name = kept[i].word,
        .reporter_addr = address,
        .at = NOW + (gint64)i};
    g_autoptr(mado_message) message = letter_from(address, kept[i].word, kept[i].word);
    guint64 incident = 0, mail = take(store, kept[i].word);
    g_autofree char *number = NULL;
    int sequence;

    g_free(message->message_id);
    message->message_id = g_strdup_printf("%s@peer.example", kept[i].word);
    MUST(store_open_incident(store, &wanted, number_format, &incident, &sequence, &number, &error));
    MUST(store_add_correspondent(store, incident, address, &error));
    MUST(store_keep_message(store, mail, message, kept[i].word, &error));
    MUST(store_settle_mail(store, mail, LEDGER_INCIDENT, incident, "", "a report", NOW, &error));
    MUST(store_journal(store, NOW, "mado", "opened", incident, mail, kept[i].word, &error));
    ask_party(store, incident, i);
    queue_letter(store, &(struct new_letter){.kind = "ack",
                            .cause = kept[i].word,
                            .recipient = address,
                            .incident = incident,
                            .mail = mail,
                            .at = NOW});
    queue_letter(store, &(struct new_letter){.kind = "unreadable",
                            .cause = kept[i].word,
                            .recipient = address,
                            .incident = incident,
                            .mail = mail,
                            .seal = "seal",
                            .held = "no key",
                            .at = NOW});
    add_key(store, mail, i, address);
    if (kept[i].embargo)
        MUST(store_set_incident(store, incident, "state", "embargo", NOW, &error));
    if (!kept[i].restricted)
        return;
    MUST(store_restrict_incident(store, incident, TRUE, NOW, &error));
    MUST(store_add_member(store, incident, "mika", &error));
    MUST(store_add_member(store, incident, "miki", &error));
    MUST(store_add_member(store, incident, "mira", &error));
}

static void open_house(struct house *house)
{
    house_open(house, 0);
    MUST(store_begin(house->store, &error));
    for (gsize i = 0; i < KEPT; i++)
        keep_one(house->store, i);
    MUST(store_commit(house->store, &error));
}

static char *answer_to(
    const struct house *house, const struct asker *asker, const char *command, const char *args)
{
    GString *lines = g_string_new(NULL);
    json_t *given = json_loads(args, 0, NULL);

    g_assert_nonnull(given);
    control_answer(&house->context, asker, ctl_find(command), given, lines);
    json_decref(given);
    return g_string_free(lines, FALSE);
}

static gboolean may(const struct asker *asker, gsize i)
{
    static const char *const members[] = {"mika", "miki", "mira", NULL};
    const struct sight sight = {
        kept[i].label, kept[i].restricted, g_strv_contains(members, asker->user), kept[i].embargo};

    return gate_may_see(ctl_role_name(asker->role), &sight);
}

/* -- lists -- */

static struct rule *rule_for(gsize i)
{
    struct rule *rule = g_new0(struct rule, 1);

    rule->name = g_strdup_printf("rule-%" G_GSIZE_FORMAT, i);
    rule->tests.subject = g_strsplit(kept[i].word, " ", -1);
    rule->last = g_strdup("no");
    return rule;
}

static void test_lists_have_what_the_asker_may_see(void)
{
    static const struct {
        const char *command, *args;
    } rows[] = {
        {"list", "{}"},
        {"list", "{\"all\":true}"},
        {"list", "{\"query\":\"cat:phishing -state:closed\"}"},
        {"list", "{\"query\":\"from:@peer.example\"}"},
        {"search", "{\"text\":\"cat:phishing\"}"},
        {"ledger", "{\"place\":\"incident\"}"},
        {"outbox", "{}"},
        {"hold", "{}"},
        {"key", "{}"},
        {"rules test", "{}"},
        {"coord list", "{}"},
        {"watch", "{\"page\":{\"after\":0}}"},
    };
    struct house house;

    open_house(&house);
    for (gsize i = 0; i < KEPT; i++)
        g_ptr_array_add(house.settings->rules, rule_for(i));
    for (gsize r = 0; r < G_N_ELEMENTS(rows); r++)
        for (gsize a = 0; a < G_N_ELEMENTS(askers); a++) {
            g_autofree char *answer = answer_to(&house, &askers[a], rows[r].command, rows[r].args);
            for (gsize i = 0; i < KEPT; i++)
                if ((strstr(answer, kept[i].word) != NULL) != may(&askers[a], i))
                    g_error(
                        "%s to %s (%s): %s", rows[r].command, askers[a].user, kept[i].word, answer);
        }
    house_close(&house);
}

/* One rule for each of them, by its subject. */
static void test_rules_are_tried_on_what_the_asker_may_see(void)
{
    struct house house;
    struct rule rules[KEPT] = {{NULL}};
    char *words[KEPT][2] = {{NULL}};

    open_house(&house);
    g_ptr_array_set_size(house.settings->rules, 1);
    for (gsize i = 0; i < KEPT; i++) {
        words[i][0] = (char *)kept[i].word;
        rules[i].name = (char *)"r";
        rules[i].tests.subject = words[i];
    }
    for (gsize i = 0; i < KEPT; i++)
        for (gsize a = 0; a < G_N_ELEMENTS(askers); a++) {
            g_autofree char *answer = NULL;
            house.settings->rules->pdata[0] = &rules[i];
            answer = answer_to(&house, &askers[a], "rules test", "{}");
            g_assert_cmpint(strstr(answer, kept[i].word) != NULL, ==, may(&askers[a], i));
            g_assert_cmpint(strstr(answer, "\"hits\": 1") || strstr(answer, "\"hits\":1"), ==,
                may(&askers[a], i));
        }
    g_ptr_array_set_size(house.settings->rules, 0);
    house_close(&house);
}

static void test_a_search_finds_what_the_asker_may_see(void)
{
    struct house house;

    open_house(&house);
    for (gsize a = 0; a < G_N_ELEMENTS(askers); a++)
        for (gsize i = 0; i < KEPT; i++) {
            g_autofree char *args = g_strdup_printf("{\"text\":\"%s\"}", kept[i].word);
            g_autofree char *answer = answer_to(&house, &askers[a], "search", args);
            /* TLP:RED and restricted ones are in no index */
            g_assert_cmpint(strstr(answer, kept[i].word) != NULL, ==,
                i == 0 || (kept[i].embargo && may(&askers[a], i)));
        }
    house_close(&house);
}

/* A label that was raised without the index would show here. */
static void test_a_search_does_not_trust_its_index(void)
{
    struct house house;
    g_autofree char *hidden = NULL, *seen = NULL;

    open_house(&house);
    MUST(store_begin(house.store, &error));
    MUST(statement_run(house.store, "UPDATE incident SET label = 'TLP:RED'", NULL, &error));
    MUST(store_commit(house.store, &error));
    hidden = answer_to(&house, &askers[0], "search", "{\"text\":\"aardvark\"}");
    seen = answer_to(
        &house, &(struct asker){"haru", CTL_HANDLER}, "search", "{\"text\":\"aardvark\"}");
    g_assert_null(strstr(hidden, "aardvark"));
    g_assert_nonnull(strstr(seen, "aardvark"));
    house_close(&house);
}

static void test_status_counts_what_the_asker_may_see(void)
{
    struct house house;

    open_house(&house);
    for (gsize a = 0; a < G_N_ELEMENTS(askers); a++) {
        g_autofree char *answer = answer_to(&house, &askers[a], "status", "{}");
        json_t *row = json_loads(answer, JSON_DISABLE_EOF_CHECK, NULL);
        json_t *state;
        json_int_t seen = 0, counted = 0;
        gsize k;
        for (gsize i = 0; i < KEPT; i++)
            seen += may(&askers[a], i);
        json_array_foreach(json_object_get(row, "states"), k, state)
            counted += json_integer_value(json_object_get(state, "count"));
        g_assert_cmpint(counted, ==, seen);
        json_decref(row);
    }
    house_close(&house);
}

/* -- one of them -- */

/* %s is what names it: as a ticket, a mail, a letter, a letter that is held, or a key. */
enum named { TICKET, MAIL, LETTER, HELD, KEY };
static const struct {
    const char *command, *args;
    enum named named;
    enum ctl_role least;
} singles[] = {
    {"show", "{\"id\":\"%s\"}", TICKET, CTL_VIEWER},
    {"show", "{\"id\":\"%s\",\"mail\":true}", TICKET, CTL_VIEWER},
    {"show", "{\"id\":\"mail:%s\"}", MAIL, CTL_VIEWER},
    {"history", "{\"id\":\"%s\"}", TICKET, CTL_VIEWER},
    {"outbox show", "{\"id\":\"%s\"}", LETTER, CTL_VIEWER},
    {"hold show", "{\"id\":\"%s\"}", HELD, CTL_VIEWER},
    {"key show", "{\"key\":\"%s\"}", KEY, CTL_VIEWER},
    {"key export", "{\"key\":\"%s\"}", KEY, CTL_VIEWER},
    {"taint check", "{\"id\":\"%s\"}", TICKET, CTL_VIEWER},
    {"taint release", "{\"id\":\"%s\",\"facts\":[\"a fact\"],\"reason\":\"x\"}", TICKET,
        CTL_HANDLER},
    {"retry", "{\"id\":\"%s\"}", TICKET, CTL_HANDLER},
    {"retry", "{\"id\":\"mail:%s\"}", MAIL, CTL_HANDLER},
    {"outbox retry", "{\"id\":\"%s\"}", LETTER, CTL_HANDLER},
    {"outbox drop", "{\"id\":\"%s\",\"reason\":\"x\"}", LETTER, CTL_HANDLER},
    {"hold release", "{\"id\":\"%s\",\"reason\":\"x\"}", HELD, CTL_HANDLER},
    {"hold drop", "{\"id\":\"%s\",\"reason\":\"x\"}", HELD, CTL_HANDLER},
    {"restrict", "{\"id\":\"%s\"}", TICKET, CTL_HANDLER},
    {"artifact", "{\"id\":\"%s\"}", TICKET, CTL_VIEWER},
    {"artifact save", "{\"id\":\"%s\"}", TICKET, CTL_VIEWER},
    {"inbox show", "{\"mail\":\"%s\"}", MAIL, CTL_VIEWER},
    {"inbox accept", "{\"mail\":\"%s\"}", MAIL, CTL_NIGHT},
    {"inbox feed", "{\"mail\":\"%s\"}", MAIL, CTL_NIGHT},
    {"inbox spam", "{\"mail\":\"%s\"}", MAIL, CTL_NIGHT},
    {"inbox reject", "{\"mail\":\"%s\"}", MAIL, CTL_HANDLER},
    {"inbox attach", "{\"mail\":\"%s\",\"id\":\"1\"}", MAIL, CTL_NIGHT},
    {"take", "{\"ids\":[\"%s\"]}", TICKET, CTL_NIGHT},
    {"set", "{\"id\":\"%s\",\"set\":[\"severity=low\"]}", TICKET, CTL_NIGHT},
    {"note", "{\"id\":\"%s\",\"text\":\"x\"}", TICKET, CTL_NIGHT},
    {"close", "{\"id\":\"%s\"}", TICKET, CTL_HANDLER},
    {"reopen", "{\"id\":\"%s\"}", TICKET, CTL_HANDLER},
    {"similar", "{\"id\":\"%s\"}", TICKET, CTL_VIEWER},
    {"damage", "{\"id\":\"%s\"}", TICKET, CTL_VIEWER},
    {"merge", "{\"id\":\"%s\",\"target\":\"1\"}", TICKET, CTL_HANDLER},
    {"merge", "{\"id\":\"1\",\"target\":\"%s\"}", TICKET, CTL_HANDLER},
    {"merge undo", "{\"id\":\"%s\"}", TICKET, CTL_HANDLER},
    {"split", "{\"mail\":\"mail:%s\"}", MAIL, CTL_HANDLER},
    {"link", "{\"id\":\"%s\",\"other\":\"1\"}", TICKET, CTL_HANDLER},
    {"link", "{\"id\":\"1\",\"other\":\"%s\"}", TICKET, CTL_HANDLER},
    {"link drop", "{\"id\":\"%s\",\"other\":\"1\"}", TICKET, CTL_HANDLER},
    {"link drop", "{\"id\":\"1\",\"other\":\"%s\"}", TICKET, CTL_HANDLER},
    {"share", "{\"id\":\"%s\"}", TICKET, CTL_HANDLER},
    {"export", "{\"id\":\"%s\"}", TICKET, CTL_HANDLER},
    {"draft", "{\"purpose\":\"reply\",\"id\":\"%s\"}", TICKET, CTL_HANDLER},
    {"weigh", "{\"purpose\":\"reply\",\"id\":\"%s\"}", TICKET, CTL_HANDLER},
    {"send", "{\"purpose\":\"close\",\"id\":\"%s\"}", TICKET, CTL_HANDLER},
    {"hold undo", "{\"id\":\"%s\"}", HELD, CTL_HANDLER},
    {"named", "{\"id\":\"%s\"}", TICKET, CTL_VIEWER},
    {"named add", "{\"id\":\"%s\",\"contact\":\"x\",\"reason\":\"x\"}", TICKET, CTL_HANDLER},
    {"named remove", "{\"id\":\"%s\",\"contact\":\"x\",\"reason\":\"x\"}", TICKET, CTL_HANDLER},
    {"coord list", "{\"id\":\"%s\"}", TICKET, CTL_VIEWER},
    {"coord show", "{\"coordination\":\"%s\"}", TICKET, CTL_VIEWER},
    {"coord done", "{\"coordination\":\"%s\"}", TICKET, CTL_HANDLER},
    {"notify list", "{\"id\":\"%s\"}", TICKET, CTL_VIEWER},
    {"recipients", "{\"purpose\":\"coord\",\"id\":\"%s\",\"names\":[\"x\"]}", TICKET, CTL_HANDLER},
    {"draft", "{\"purpose\":\"coord\",\"id\":\"%s\",\"to\":\"x@peer.example\"}", TICKET,
        CTL_HANDLER},
    {"draft",
        "{\"purpose\":\"remind\",\"id\":\"1\",\"to\":\"x@peer.example\",\"coordination\":\"%s\"}",
        TICKET, CTL_HANDLER},
    {"escalate list", "{\"id\":\"%s\"}", TICKET, CTL_VIEWER},
    {"ack-escalation", "{\"id\":\"%s\",\"how\":\"x\"}", TICKET, CTL_NIGHT},
    {"log phone", "{\"id\":\"%s\",\"set\":[\"what=x\"]}", TICKET, CTL_NIGHT},
    {"log visit", "{\"id\":\"%s\",\"set\":[\"what=x\"]}", TICKET, CTL_NIGHT},
    {"log web", "{\"id\":\"%s\",\"set\":[\"what=x\"]}", TICKET, CTL_NIGHT},
};

static char *name_of(enum named named, gsize i)
{
    if (named == KEY)
        return fingerprint_of(i);
    if (named == LETTER || named == HELD)
        return g_strdup_printf("%" G_GSIZE_FORMAT, 2 * i + (named == HELD ? 2 : 1));
    return g_strdup_printf("%" G_GSIZE_FORMAT, i + 1);
}

static char *answer_about(
    const struct house *house, const struct asker *asker, gsize single, gsize i)
{
    g_autofree char *name = name_of(singles[single].named, i);
    g_auto(GStrv) halves = g_strsplit(singles[single].args, "%s", -1);
    g_autofree char *args = g_strjoinv(name, halves);
    g_autofree char *answer = answer_to(house, asker, singles[single].command, args);
    g_autofree char *word = g_strdup_printf("\\b%s\\b", name);
    g_autoptr(GRegex) pattern = g_regex_new(word, 0, 0, NULL);

    return g_regex_replace_literal(pattern, answer, -1, 0, "X", 0, NULL);
}

static void test_what_is_hidden_is_as_if_it_were_not_there(void)
{
    struct house house;

    open_house(&house);
    for (gsize s = 0; s < G_N_ELEMENTS(singles); s++)
        for (gsize a = 0; a < G_N_ELEMENTS(askers); a++)
            for (gsize i = 0; i < KEPT; i++) {
                g_autofree char *answer = NULL, *nobody = NULL;
                if (askers[a].role < singles[s].least || may(&askers[a], i))
                    continue;
                answer = answer_about(&house, &askers[a], s, i);
                nobody = answer_about(&house, &askers[a], s, NOBODY);
                if (!g_str_equal(answer, nobody))
                    g_error("%s to %s: %s, and not %s", singles[s].command, askers[a].user, answer,
                        nobody);
            }
    house_close(&house);
}

/* Or the test above would be passed by a daemon that says nothing at all. */
static void test_what_may_be_seen_is_there(void)
{
    struct house house;

    open_house(&house);
    for (gsize s = 0; s < G_N_ELEMENTS(singles); s++)
        for (gsize a = 0; a < G_N_ELEMENTS(askers); a++)
            for (gsize i = 0; i < KEPT; i++) {
                g_autofree char *answer = NULL, *nobody = NULL;
                if (singles[s].least > CTL_VIEWER || !may(&askers[a], i) ||
                    g_str_equal(singles[s].command, "key export"))
                    continue;
                answer = answer_about(&house, &askers[a], s, i);
                nobody = answer_about(&house, &askers[a], s, NOBODY);
                g_assert_cmpstr(answer, !=, nobody);
            }
    house_close(&house);
}

/* -- what was not given -- */

static struct event *last_refusal(const struct house *house)
{
    guint64 last = 0;
    g_autoptr(GPtrArray) events = NULL;

    MUST(store_last_event(house->store, &last, &error));
    events = last ? store_events(house->store, 0, last - 1, 1, NULL) : NULL;
    return events && events->len ? g_ptr_array_steal_index(events, 0) : NULL;
}

/* Each command of more than a viewer's, and each look at what is hidden, is noted with who asked,
 * for what, and why not; and once. The journal is English. */
static void test_a_refusal_is_in_the_journal(void)
{
    struct house house;

    open_house(&house);
    say_open();
    for (gsize s = 0; s < G_N_ELEMENTS(singles); s++)
        for (gsize i = 0; i < KEPT; i++) {
            const struct asker nina = {"nina", CTL_NIGHT};
            gboolean by_role = ctl_find(singles[s].command)->role > CTL_VIEWER;
            gboolean by_ticket = singles[s].named == TICKET &&
                                 !g_str_equal(singles[s].command, "coord show"); /* C-2026-0057 */
            g_autofree char *start = NULL;
            struct event *event;
            guint64 before = 0, behind = 0;
            if (may(&nina, i) || (!by_role && !by_ticket))
                continue;
            MUST(store_last_event(house.store, &before, &error));
            say_in("ja");
            g_free(answer_about(&house, &nina, s, i));
            say_in("en");
            MUST(store_last_event(house.store, &behind, &error));
            event = last_refusal(&house);
            start = g_strdup_printf("%s refused: MADO-0", singles[s].command);
            if (behind != before + 1 || !g_str_equal(event->actor, "nina") ||
                !g_str_equal(event->kind, "refused") || !g_str_has_prefix(event->text, start) ||
                !g_str_is_ascii(event->text))
                g_error("%s of %s: %s", singles[s].command, kept[i].word, event->text);
            if (by_ticket) /* so that none other sees it, unless it names none */
                g_assert_true(event->incident == 0 || event->incident == i + 1);
            event_free(event);
        }
    house_close(&house);
}

static void test_consulting_tells_of_no_hidden_incident(void)
{
    struct house house;

    open_house(&house);
    for (gsize a = 0; a < G_N_ELEMENTS(askers); a++)
        for (gsize i = 0; i < KEPT; i++) {
            g_autofree char *number = number_format(2026, (int)i + 1);
            g_autofree char *address = g_strdup_printf("%s@peer.example", kept[i].word);
            g_autoptr(mado_question) question = question_new();
            g_autofree char *args = NULL, *answer = NULL, *asked = NULL;
            json_t *wire;
            question->address = g_strdup(address);
            question->domain = g_strdup("peer.example");
            question->message_id = g_strdup("");
            question->text_sha256 = g_strdup("");
            g_ptr_array_add(question->claims, claim_new(2026, (int)i + 1, number, TRUE, NULL));
            wire = ctl_question_to_json(question);
            asked = ctl_dump(wire);
            json_decref(wire);
            args = g_strdup_printf("{\"question\":%s}", asked);
            answer = answer_to(&house, &askers[a], "consult", args);
            g_assert_cmpint(strstr(answer, number) != NULL, ==, may(&askers[a], i));
        }
    house_close(&house);
}

/* -- mail that is no part of an incident, and tells of one -- */

static guint64 keep_beside(struct store *store, gsize i, enum ledger place)
{
    g_autofree char *number = number_format(2026, (int)i + 1);
    g_autofree char *address = g_strdup_printf("%s@peer.example", kept[i].word);
    g_autofree char *bytes = g_strdup_printf("%s once more", kept[i].word);
    g_autoptr(mado_message) message = letter_from(address, kept[i].word, kept[i].word);
    guint64 mail = take(store, bytes);

    g_free(message->message_id);
    message->message_id = g_strdup_printf("%s@peer.example", kept[i].word);
    MUST(store_keep_message(store, mail, message, kept[i].word, &error));
    MUST(store_settle_mail(
        store, mail, place, 0, place == LEDGER_COPY ? "" : number, "why", NOW, &error));
    return mail;
}

/* Each as a copy, or as one that claims its incident. */
static void check_beside(enum ledger place)
{
    struct house house;
    guint64 first = 0;

    open_house(&house);
    MUST(store_begin(house.store, &error));
    for (gsize i = 0; i < KEPT; i++) {
        guint64 mail = keep_beside(house.store, i, place);
        first = first ? first : mail;
    }
    MUST(store_commit(house.store, &error));
    for (gsize a = 0; a < G_N_ELEMENTS(askers); a++)
        for (gsize i = 0; i < KEPT; i++) {
            g_autofree char *named =
                g_strdup_printf("{\"id\":\"mail:%" G_GUINT64_FORMAT "\"}", first + i);
            g_autofree char *in = g_strdup_printf("{\"place\":\"%s\"}", ledger_name(place));
            g_autofree char *one = answer_to(&house, &askers[a], "show", named);
            g_autofree char *all = answer_to(&house, &askers[a], "ledger", in);
            g_assert_cmpint(strstr(one, kept[i].word) != NULL, ==, may(&askers[a], i));
            g_assert_cmpint(strstr(all, kept[i].word) != NULL, ==, may(&askers[a], i));
        }
    house_close(&house);
}

static void test_a_copy_is_hidden_with_the_mail_that_it_repeats(void)
{
    check_beside(LEDGER_COPY);
}

static void test_who_may_not_see_an_incident_sees_no_mail_that_claims_it(void)
{
    check_beside(LEDGER_PENDING);
    check_beside(LEDGER_BOUNCE);
    check_beside(LEDGER_MACHINE);
}

static void test_consulting_confirms_no_guess_at_a_hidden_mail(void)
{
    struct house house;

    open_house(&house);
    for (gsize a = 0; a < G_N_ELEMENTS(askers); a++)
        for (gsize i = 0; i < KEPT; i++) {
            g_autofree char *args = NULL, *answer = NULL, *asked = NULL;
            g_autoptr(mado_question) question = question_new();
            g_autofree char *copy = g_strdup_printf("\"copy_of\":%" G_GSIZE_FORMAT, i + 1);
            json_t *wire;
            question->address = g_strdup_printf("%s@peer.example", kept[i].word);
            question->domain = g_strdup("peer.example");
            question->message_id = g_strdup_printf("%s@peer.example", kept[i].word);
            question->text_sha256 = g_strdup(kept[i].word);
            wire = ctl_question_to_json(question);
            asked = ctl_dump(wire);
            json_decref(wire);
            args = g_strdup_printf("{\"question\":%s}", asked);
            answer = answer_to(&house, &askers[a], "consult", args);
            g_assert_cmpint(strstr(answer, copy) != NULL, ==, may(&askers[a], i));
        }
    house_close(&house);
}

/* -- everything, as tables -- */

static json_t *next_of(const char *answer)
{
    g_auto(GStrv) lines = g_strsplit(g_strchomp((char *)answer), "\n", -1);
    guint count = g_strv_length(lines);
    json_t *last = count ? json_loads(lines[count - 1], 0, NULL) : NULL;
    json_t *next = json_incref(json_object_get(last, "next"));

    json_decref(last);
    return next;
}

/* All pages, but for the contacts, which everybody sees. */
static char *all_tables(const struct house *house, const struct asker *asker)
{
    GString *all = g_string_new(NULL);
    g_autofree char *args = g_strdup("{\"all\":true}");

    while (args) {
        g_autofree char *answer = answer_to(house, asker, "export", args);
        json_t *next = next_of(answer);
        g_autofree char *page = next ? json_dumps(next, 0) : NULL;
        if (!strstr(answer, "\"table\":\"contacts\"") &&
            !strstr(answer, "\"table\":\"coordinations\""))
            g_string_append(all, answer);
        g_free(args);
        args = page ? g_strdup_printf("{\"all\":true,\"page\":%s}", page) : NULL;
        json_decref(next);
    }
    return g_string_free(all, FALSE);
}

/* What was told of each, and a hand-over that speaks of them. */
static void tell_more(struct house *house)
{
    g_autoptr(mado_handover) handover = g_new0(struct handover, 1);

    handover->outgoing = g_strdup("haru");
    handover->incoming = g_strdup("mika");
    handover->text = g_strdup("all quiet");
    handover->at = G_MAXINT32;
    MUST(store_begin(house->store, &error));
    for (gsize i = 0; i < KEPT; i++) {
        struct told told = {i + 1, (char *)"phone", (char *)"haru", NOW, 0, {NULL}};
        for (int answer = 0; answer < TOLD_ANSWERS; answer++)
            told.answer[answer] = (char *)(answer == TOLD_WHAT ? kept[i].word : "");
        MUST(store_add_told(house->store, &told, &error));
    }
    MUST(store_write_handover(house->store, handover, 2026, &error));
    MUST(store_fill_handover(house->store, handover, G_MAXINT32, &error));
    MUST(store_commit(house->store, &error));
}

static void test_tables_have_what_an_administrator_may_see(void)
{
    struct house house;

    open_house(&house);
    tell_more(&house);
    for (gsize a = 0; a < G_N_ELEMENTS(askers); a++) {
        g_autofree char *all = all_tables(&house, &askers[a]);
        gboolean admin = askers[a].role == CTL_ADMIN;
        g_assert_true(admin == (strstr(all, "\"table\":\"journal\"") != NULL));
        g_assert_true(admin == (strstr(all, "all quiet") != NULL));
        for (gsize i = 0; i < KEPT; i++)
            if ((strstr(all, kept[i].word) != NULL) != (admin && may(&askers[a], i)))
                g_error("tables to %s (%s): %s", askers[a].user, kept[i].word, all);
    }
    house_close(&house);
}

/* -- figures: a count tells of what is counted -- */

static json_int_t counted_in(
    const struct house *house, const struct asker *asker, const char *command, const char *audience)
{
    g_autofree char *args = g_strdup_printf("{\"kind\":\"monthly\",\"period\":\"%s\","
                                            "\"format\":\"json\"%s%s%s}",
        MONTH, audience ? ",\"audience\":\"" : "", audience ? audience : "", audience ? "\"" : "");
    g_autofree char *answer = answer_to(house, asker, command, args);
    json_t *row = json_loads(answer, JSON_DISABLE_EOF_CHECK, NULL);
    json_t *figure = json_array_get(json_object_get(row, "figures"), 0);
    json_t *incidents = json_array_get(json_object_get(figure, "rows"), 1);
    json_t *value = json_array_get(json_object_get(incidents, "values"), 2);
    json_int_t count = json_is_null(value) ? 0 : json_integer_value(value);

    g_assert_nonnull(incidents);
    json_decref(row);
    return count;
}

static void test_figures_count_what_is_seen(void)
{
    struct house house;

    open_house(&house);
    for (gsize a = 0; a < G_N_ELEMENTS(askers); a++) {
        json_int_t seen = 0;
        for (gsize i = 0; i < KEPT; i++)
            seen += may(&askers[a], i);
        g_assert_cmpint(counted_in(&house, &askers[a], "stats", NULL), ==, seen);
    }
    house_close(&house);
}

/* But what is for members alone is in none. */
static void test_goals_count_what_is_seen(void)
{
    struct house house;

    open_house(&house);
    MUST(now_fix_from_text("2026-09-30T10:00:00Z", &error));
    g_free(answer_to(&house, &askers[4], "goal set",
        "{\"name\":\"serious\",\"set\":[\"severity=high\",\"at-most=0\"]}"));
    for (gsize a = 0; a < G_N_ELEMENTS(askers); a++) {
        g_autofree char *line = answer_to(&house, &askers[a], "goal", "{}"), *wanted = NULL;
        int seen = 0;
        for (gsize i = 0; i < KEPT; i++)
            seen += may(&askers[a], i) && !kept[i].restricted;
        wanted = g_strdup_printf("\"count\":%d,", seen);
        if (!strstr(line, wanted))
            g_error("goal to %s: %s, wanted %s", askers[a].user, line, wanted);
    }
    house_close(&house);
}

/* Who asks gives it to others: it tells them what the role of an audience sees, of what who asks
 * sees, and nothing of what is restricted. */
static void test_reports_count_what_those_see_who_read_them(void)
{
    static const struct {
        const char *audience;
        gboolean red, embargo;
    } audiences[] = {{"team", TRUE, TRUE}, {"departments", FALSE, TRUE}, {"company", FALSE, TRUE}};
    struct house house;

    open_house(&house);
    for (gsize a = 0; a < G_N_ELEMENTS(askers); a++)
        for (gsize r = 0; r < G_N_ELEMENTS(audiences); r++) {
            json_int_t seen = 0;
            for (gsize i = 0; i < KEPT; i++)
                seen += may(&askers[a], i) && !kept[i].restricted &&
                        (audiences[r].red || !g_str_equal(kept[i].label, "TLP:RED")) &&
                        (audiences[r].embargo || !kept[i].embargo);
            g_assert_cmpint(
                counted_in(&house, &askers[a], "report", audiences[r].audience), ==, seen);
        }
    /* one alone would be hidden as too few */
    g_assert_cmpint(counted_in(&house, &askers[4], "report", "public"), ==, 0);
    house_close(&house);
}

/* What one tells the next is read by others, too. */
static void test_a_hand_over_tells_of_what_its_reader_may_see(void)
{
    struct handover handover = {.outgoing = (char *)"tanaka",
        .incoming = (char *)"soc",
        .text = (char *)"",
        .at = G_MAXINT32};
    struct house house;

    open_house(&house);
    g_assert_true(store_begin(house.store, NULL));
    g_assert_true(store_write_handover(house.store, &handover, 2026, NULL));
    g_assert_true(store_fill_handover(house.store, &handover, G_MAXINT32, NULL));
    g_assert_true(store_commit(house.store, NULL));
    for (gsize a = 0; a < G_N_ELEMENTS(askers); a++) {
        g_autofree char *shown = answer_to(&house, &askers[a], "duty show", "{}");
        for (gsize i = 0; i < KEPT; i++)
            if ((strstr(shown, kept[i].word) != NULL) != may(&askers[a], i))
                g_error("duty show to %s (%s): %s", askers[a].user, kept[i].word, shown);
    }
    g_free(handover.number);
    house_close(&house);
}

/* Their words were written for one who may see all of it. */
static void test_words_of_a_hand_over_name_nothing_hidden(void)
{
    struct handover handover = {
        .outgoing = (char *)"tanaka", .incoming = (char *)"cora", .at = G_MAXINT32};
    struct incident *hidden;
    struct house house;

    open_house(&house);
    hidden = store_incident_show(house.store, 2, NULL);
    handover.text = g_strdup_printf("call the bank about %s", hidden->number);
    g_assert_true(store_begin(house.store, NULL));
    g_assert_true(store_write_handover(house.store, &handover, 2026, NULL));
    g_assert_true(store_commit(house.store, NULL));
    for (gsize a = 0; a < G_N_ELEMENTS(askers); a++) {
        g_autofree char *shown = answer_to(&house, &askers[a], "duty show", "{}");
        if ((strstr(shown, "call the bank") != NULL) != may(&askers[a], 1))
            g_error("duty show to %s: %s", askers[a].user, shown);
    }
    incident_free(hidden);
    g_free(handover.text);
    g_free(handover.number);
    house_close(&house);
}

/* -- every command is in one of the lists above, or tells of no incident -- */

static gboolean is_tried(const char *command)
{
    static const char *const others[] = {"list", "search", "status", "stats", "report", "ledger",
        "outbox", "hold", "key", "consult", "rules test", "watch", "duty show", "goal",
        "inbox" /* test-control-loose.c */, NULL};

    for (gsize s = 0; s < G_N_ELEMENTS(singles); s++)
        if (g_str_equal(singles[s].command, command))
            return TRUE;
    return g_strv_contains(others, command);
}

static void test_no_command_is_forgotten(void)
{
    /* alarms, contacts, our own keys, configuration; keys are pinned by whole fingerprint, which
     * answer_find_key() looks up for all; unrestrict is for those who see everything, and so is
     * the journal; what writes a letter asks for a draft; a file is told to who sees its letter,
     * test-control-enclose.c; purge tells of numbers alone */
    static const char *const tell_of_none[] = {"alarms", "contact", "contact show", "contact add",
        "contact edit", "contact import", "key import", "key pin", "key unpin", "key check",
        "key init", "key extend", "key publish", "doctor", "config show", "audit verify", "try",
        "unrestrict", "reply", "ask", "reject", "enclose", "contact verify", "view", "view set",
        "view drop", "import", "coord", "coord remind", "notify", "escalate", "backup",
        "audit export", "purge", "step", "duty", "duty week", "duty set", "duty swap",
        "duty handover", "duty accept", "contact review", "contact ask", "goal set", "goal drop",
        NULL};

    for (const struct ctl_command *command = ctl_commands; command->name; command++)
        if (command->role != CTL_ROLE_NONE && !is_tried(command->name) &&
            !g_strv_contains(tell_of_none, command->name))
            g_error(
                "who may see what \"%s\" tells? It stands in no list of this test", command->name);
}

/* -- merge: who could not see one of the two sees none of it -- */

static void test_a_part_is_as_hidden_as_what_it_is_a_part_of(void)
{
    static const char *const merges[] = {
        "{\"id\":\"1\",\"target\":\"%d\"}", "{\"id\":\"%d\",\"target\":\"1\"}"};

    for (gsize m = 0; m < G_N_ELEMENTS(merges); m++)
        for (gsize i = 1; i < KEPT && !kept[i].embargo; i++) { /* that merges with its like alone */
            struct house house;
            g_autofree char *number = g_strdup_printf("%" G_GSIZE_FORMAT, i + 1);
            g_auto(GStrv) halves = g_strsplit(merges[m], "%d", 2);
            g_autofree char *args = g_strjoinv(number, halves);
            g_autofree char *done = NULL;
            open_house(&house);
            done = answer_to(&house, &askers[4], "merge", args); /* a commander sees them all */
            g_assert_nonnull(strstr(done, "merged_into"));
            for (gsize a = 0; a < G_N_ELEMENTS(askers); a++)
                for (int id = 0; id < 2; id++) {
                    g_autofree char *asked = g_strdup_printf("{\"id\":\"%s\"}", id ? number : "1");
                    g_autofree char *shown = answer_to(&house, &askers[a], "show", asked);
                    g_assert_cmpint(strstr(shown, "\"ticket\"") != NULL, ==, may(&askers[a], i));
                }
            house_close(&house);
        }
}

/* -- restrict -- */

static struct member *operator_named(const char *user)
{
    struct member *member = g_new0(struct member, 1);

    member->user = g_strdup(user);
    member->name = g_strdup(user);
    member->role = g_strdup("handler");
    return member;
}

static void test_restricting_a_ticket_hides_it_from_all_but_its_members(void)
{
    struct house house;
    g_autofree char *unknown = NULL, *done = NULL, *hidden = NULL, *theirs = NULL, *own = NULL;
    g_autofree char *no_reason = NULL, *open = NULL, *again = NULL;

    open_house(&house);
    g_ptr_array_add(house.settings->operators, operator_named("haru"));
    g_ptr_array_add(house.settings->operators, operator_named("mika"));
    unknown = answer_to(&house, &askers[1], "restrict", "{\"id\":\"1\",\"members\":[\"nobody\"]}");
    g_assert_nonnull(strstr(unknown, "There is no operator"));
    done = answer_to(&house, &askers[1], "restrict", "{\"id\":\"1\",\"members\":[\"mika\"]}");
    g_assert_nonnull(strstr(done, "\"members\":[\"haru\",\"mika\"]"));
    hidden = answer_to(&house, &askers[0], "show", "{\"id\":\"1\"}");
    theirs = answer_to(&house, &askers[2], "show", "{\"id\":\"1\"}");
    own = answer_to(&house, &askers[1], "show", "{\"id\":\"1\"}");
    g_assert_nonnull(strstr(hidden, "There is no ticket"));
    g_assert_nonnull(strstr(theirs, "aardvark"));
    g_assert_nonnull(strstr(own, "aardvark"));
    no_reason = answer_to(&house, &askers[4], "unrestrict", "{\"id\":\"1\"}");
    g_assert_nonnull(strstr(no_reason, "The journal keeps why"));
    open = answer_to(&house, &askers[4], "unrestrict", "{\"id\":\"1\",\"reason\":\"over\"}");
    g_assert_nonnull(strstr(open, "\"members\":[]"));
    again = answer_to(&house, &askers[0], "show", "{\"id\":\"1\"}");
    g_assert_nonnull(strstr(again, "aardvark"));
    house_close(&house);
}

/* It was seen by all when that was written, and few see it now. */
static void test_a_ticket_does_not_tell_of_one_that_was_hidden_since(void)
{
    struct house house;

    open_house(&house);
    MUST(store_begin(house.store, &error));
    for (gsize i = 0; i < KEPT; i++) {
        g_autofree char *number = number_format(2026, (int)i + 1);
        g_autofree char *said = g_strdup_printf("related: %s: as %s", number, kept[i].word);
        g_autofree char *subject = g_strdup_printf("[SAKURA#%s] new %s", number, kept[i].word);
        g_autofree char *cause = g_strdup_printf("notice:%s", kept[i].word);
        g_autoptr(GBytes) bytes = g_bytes_new("x", 1);
        gboolean queued;
        MUST(store_journal(house.store, NOW, "haru", "link", 1, 0, said, &error));
        MUST(store_queue_letter(house.store,
            &(struct new_letter){.kind = "notice",
                .cause = cause,
                .sender = "",
                .recipient = "duty@sakura.example",
                .subject = subject,
                .message_id = cause,
                .bytes = bytes,
                .at = NOW},
            &queued, &error));
    }
    MUST(store_commit(house.store, &error));
    for (gsize a = 0; a < G_N_ELEMENTS(askers); a++) {
        g_autofree char *history = answer_to(&house, &askers[a], "history", "{\"id\":\"1\"}");
        g_autofree char *shown = answer_to(&house, &askers[a], "show", "{\"id\":\"1\"}");
        g_autofree char *letters = answer_to(&house, &askers[a], "outbox", "{}");
        for (gsize i = 0; i < KEPT; i++) {
            g_autofree char *said = g_strdup_printf("as %s", kept[i].word);
            g_autofree char *subject = g_strdup_printf("] new %s", kept[i].word);
            g_assert_cmpint(strstr(history, said) != NULL, ==, may(&askers[a], i));
            g_assert_cmpint(strstr(shown, said) != NULL, ==, may(&askers[a], i));
            g_assert_cmpint(strstr(letters, subject) != NULL, ==, may(&askers[a], i));
        }
    }
    house_close(&house);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/control-sight/figures count what is seen", test_figures_count_what_is_seen);
    g_test_add_func("/control-sight/reports count what those see who read them",
        test_reports_count_what_those_see_who_read_them);
    g_test_add_func("/control-sight/rules are tried on what the asker may see",
        test_rules_are_tried_on_what_the_asker_may_see);
    g_test_add_func(
        "/control-sight/lists have what the asker may see", test_lists_have_what_the_asker_may_see);
    g_test_add_func("/control-sight/a search finds what the asker may see",
        test_a_search_finds_what_the_asker_may_see);
    g_test_add_func(
        "/control-sight/a search does not trust its index", test_a_search_does_not_trust_its_index);
    g_test_add_func("/control-sight/status counts what the asker may see",
        test_status_counts_what_the_asker_may_see);
    g_test_add_func("/control-sight/what is hidden is as if it were not there",
        test_what_is_hidden_is_as_if_it_were_not_there);
    g_test_add_func("/control-sight/what may be seen is there", test_what_may_be_seen_is_there);
    g_test_add_func("/control-sight/consulting tells of no hidden incident",
        test_consulting_tells_of_no_hidden_incident);
    g_test_add_func("/control-sight/a copy is hidden with the mail that it repeats",
        test_a_copy_is_hidden_with_the_mail_that_it_repeats);
    g_test_add_func("/control-sight/who may not see an incident sees no mail that claims it",
        test_who_may_not_see_an_incident_sees_no_mail_that_claims_it);
    g_test_add_func("/control-sight/consulting confirms no guess at a hidden mail",
        test_consulting_confirms_no_guess_at_a_hidden_mail);
    g_test_add_func("/control-sight/hand-over", test_a_hand_over_tells_of_what_its_reader_may_see);
    g_test_add_func("/control-sight/words of a hand-over name nothing hidden",
        test_words_of_a_hand_over_name_nothing_hidden);
    g_test_add_func("/control-sight/no command is forgotten", test_no_command_is_forgotten);
    g_test_add_func("/control-sight/restricting a ticket hides it from all but its members",
        test_restricting_a_ticket_hides_it_from_all_but_its_members);
    g_test_add_func("/control-sight/a ticket does not tell of one that was hidden since",
        test_a_ticket_does_not_tell_of_one_that_was_hidden_since);
    g_test_add_func("/control-sight/a part is as hidden as its whole",
        test_a_part_is_as_hidden_as_what_it_is_a_part_of);
    g_test_add_func("/control-sight/tables have what an administrator may see",
        test_tables_have_what_an_administrator_may_see);
    g_test_add_func("/control-sight/goals count what is seen", test_goals_count_what_is_seen);
    g_test_add_func("/control-sight/a refusal is in the journal", test_a_refusal_is_in_the_journal);
    return g_test_run();
}

/* Mail of no incident is told as its own label allows: each command that tells of it, asked by each
 * role. */
#include "control-answers.h"
#include "control-house.h"
#include "store-help.h"

static const struct asker askers[] = {
    {"vera", CTL_VIEWER}, {"haru", CTL_HANDLER}, {"cora", CTL_COMMANDER}, {"root", CTL_ADMIN}};

static const struct {
    const char *word, *label, *from;
    gboolean weak, red;
} loose[] = {
    {"emu", "RED", "subject", FALSE, TRUE},
    {"falcon", "GREEN", "subject", FALSE, FALSE},
    {"gazelle", "", "text", FALSE, TRUE}, /* a word that is no label */
    {"hyena", "RED", "legend", TRUE, FALSE},
    {"ibex", "RED", "quotation", TRUE, TRUE},
    {"jackal", NULL, NULL, FALSE, FALSE},
};

static void add_key(struct store *store, guint64 mail, const char *address)
{
    struct key_info *info = key_info_new();
    g_autofree char *origin = g_strdup_printf("mail:%" G_GUINT64_FORMAT, mail);

    g_free(info->fingerprint);
    info->fingerprint = g_strdup_printf("%040X", 0xabc0);
    g_strfreev(info->user_ids);
    info->user_ids = g_strsplit(address, " ", -1);
    MUST(store_add_key(store, info, "offered", origin, NOW, &error));
    key_info_free(info);
}

static guint64 keep_loose(struct store *store, gsize i, enum ledger place)
{
    g_autofree char *address = g_strdup_printf("%s@peer.example", loose[i].word);
    g_autofree char *bytes = g_strdup_printf("%s %d", loose[i].word, (int)place);
    g_autoptr(mado_message) message = letter_from(address, loose[i].word, loose[i].word);
    const struct marking marking = {(char *)"TLP", (char *)loose[i].label, (char *)"TLP:X",
        (char *)loose[i].from, loose[i].weak};
    guint64 mail = take(store, bytes);

    if (loose[i].label)
        report_add_marking(message->report, &marking);
    MUST(store_keep_message(store, mail, message, bytes, &error));
    MUST(store_keep_report(store, mail, message->report, &error));
    MUST(store_settle_mail(store, mail, place, 0, "", "a person sorts it", NOW, &error));
    return mail;
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

static void check_loose(
    const struct house *house, const struct asker *asker, gsize i, guint64 mail, const char *place)
{
    g_autofree char *by_name = g_strdup_printf("{\"id\":\"mail:%" G_GUINT64_FORMAT "\"}", mail);
    g_autofree char *in_inbox = g_strdup_printf("{\"mail\":\"%" G_GUINT64_FORMAT "\"}", mail);
    g_autofree char *in_place = g_strdup_printf("{\"place\":\"%s\"}", place);
    const struct {
        const char *command, *args;
        const char *only, *never; /* in which place */
    } ways[] = {{"show", by_name}, {"inbox show", in_inbox}, {"ledger", in_place}, {"key", "{}"},
        {"rules test", "{}", NULL, "bounce"}, {"inbox", "{}", "pending", NULL}};
    gboolean sees = !loose[i].red || asker->role >= CTL_HANDLER;

    for (gsize w = 0; w < G_N_ELEMENTS(ways); w++) {
        g_autofree char *answer = answer_to(house, asker, ways[w].command, ways[w].args);
        gboolean there = (!ways[w].only || g_str_equal(place, ways[w].only)) &&
                         g_strcmp0(place, ways[w].never) != 0;
        if ((strstr(answer, loose[i].word) != NULL) != (sees && there))
            g_error("%s of %s mail to %s (%s): %s", ways[w].command, place, asker->user,
                loose[i].word, answer);
    }
}

static void test_mail_of_no_incident_is_seen_as_its_label_allows(void)
{
    static const enum ledger places[] = {
        LEDGER_PENDING, LEDGER_FEED, LEDGER_SPAM, LEDGER_MACHINE, LEDGER_BOUNCE};

    for (gsize p = 0; p < G_N_ELEMENTS(places); p++)
        for (gsize i = 0; i < G_N_ELEMENTS(loose); i++) {
            g_autofree char *address = g_strdup_printf("%s@peer.example", loose[i].word);
            struct rule *rule = g_new0(struct rule, 1);
            struct house house;
            guint64 mail;
            house_open(&house, 0);
            rule->name = g_strdup("r");
            rule->tests.subject = g_strsplit(loose[i].word, " ", -1);
            rule->last = g_strdup("no");
            g_ptr_array_add(house.settings->rules, rule);
            MUST(store_begin(house.store, &error));
            mail = keep_loose(house.store, i, places[p]);
            add_key(house.store, mail, address);
            MUST(store_commit(house.store, &error));
            for (gsize a = 0; a < G_N_ELEMENTS(askers); a++)
                check_loose(&house, &askers[a], i, mail, ledger_name(places[p]));
            house_close(&house);
        }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/control-loose/mail of no incident is seen as its label allows",
        test_mail_of_no_incident_is_seen_as_its_label_allows);
    return g_test_run();
}

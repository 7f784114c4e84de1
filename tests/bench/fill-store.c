/* Fills a store and times what operators wait for: fill-store FOLDER [MAILS [keep]]. Exits 1 where
 * a figure is missed. With "keep" the store stays behind, for who times commands. */
#include "fd.h"
#include "statement.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOW G_GINT64_CONSTANT(1790000000)
enum { A_TURN = 16, MAIL_BYTES = 4096 };

static void must(gboolean done, GError *error)
{
    if (done && !error)
        return;
    fprintf(stderr, "fill-store: %s\n", error ? error->message : "failed");
    exit(1);
}
#define MUST(call)                                                                                 \
    do {                                                                                           \
        GError *error = NULL;                                                                      \
        gboolean done = (call) != 0;                                                               \
        must(done, error);                                                                         \
    } while (0)

static char *number_of(int year, int sequence)
{
    return g_strdup_printf("%d-%04d-K7", year, sequence);
}

/* 300 bytes of report, a third of them of common words. */
static char *make_text(int i)
{
    return g_strdup_printf(
        "貴社Webサイト www.site%d.example (192.0.%d.%d) "
        "が改ざんされ、フィッシングページが設置されています。"
        "至急ご確認ください。ログ%d件を添付します。 phishing report no. %d, token %x",
        i, i / 250 % 250, i % 250, i % 97, i, (guint)i * 2654435761u);
}

static guint64 take(struct store *store, int i, const char *text)
{
    char bytes[MAIL_BYTES + 64];
    g_autofree char *sha256 = NULL;
    g_autofree char *uid = g_strdup_printf("%d.M1P1.host", i);
    struct arrival arrival = {"inbox", 0, uid, NOW + i};
    int fd = fd_new_memory("mail", NULL);
    guint64 mail, size;
    gboolean again;
    int attempts;

    memset(bytes, 'x', sizeof bytes);
    g_snprintf(bytes, sizeof bytes, "%d %s", i, text);
    sha256 = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (guchar *)bytes, MAIL_BYTES);
    MUST(fd_write_all(fd, bytes, MAIL_BYTES, &error));
    MUST(fd_seal(fd, MAIL_BYTES, &size, &error));
    MUST(store_take_mail(store, &arrival, fd, size, sha256, &mail, &again, &error));
    close(fd);
    MUST(store_count_attempt(store, mail, &attempts, &error));
    return mail;
}

static struct message *make_message(int i, const char *text)
{
    struct message *message = message_new();
    g_autofree char *addr = g_strdup_printf("user%d@site%d.example", i, i % 500);

    g_ptr_array_add(message->from, mailbox_new("山吹 花子", addr));
    g_free(message->subject);
    message->subject = g_strdup_printf("Webサイト改ざんの件 %d", i);
    message->message_id = g_strdup_printf("%d@site.example", i);
    g_free(message->text);
    message->text = g_strdup(text);
    return message;
}

static void consult(struct store *store, const struct message *message, GBytes *secret, gint64 now)
{
    g_autoptr(mado_question) question = question_new();
    const struct mailbox *from = message->from->pdata[0];
    g_autoptr(mado_history) history = NULL;

    question->address = g_strdup(from->addr);
    question->domain = g_strdup(strchr(from->addr, '@') + 1);
    question->message_id = g_strdup(message->message_id);
    question->text_sha256 = g_strdup("00");
    MUST(history = store_consult(store, question, secret, now, &error));
}

static guint64 open_one(struct store *store, int i, const struct message *message, char **number)
{
    const struct mailbox *from = message->from->pdata[0];
    struct new_incident wanted = {2026, i % 50 ? "medium" : "critical", "phishing", "TLP:AMBER",
        message->subject, from->name, from->addr, NOW + i};
    guint64 incident;
    int sequence;

    MUST(store_open_incident(store, &wanted, number_of, &incident, &sequence, number, &error));
    MUST(store_add_correspondent(store, incident, from->addr, &error));
    return incident;
}

static void acknowledge(
    struct store *store, int i, const struct message *message, guint64 incident, guint64 mail)
{
    const struct mailbox *from = message->from->pdata[0];
    g_autofree char *cause = g_strdup_printf("mail:%" G_GUINT64_FORMAT, mail);
    static char body[1500];
    g_autoptr(GBytes) bytes = g_bytes_new(body, sizeof body);
    struct new_letter letter = {.kind = "ack",
        .cause = cause,
        .sender = "",
        .recipient = from->addr,
        .subject = "受付のお知らせ",
        .message_id = "x@sakura.example",
        .bytes = bytes,
        .incident = incident,
        .mail = mail,
        .opens = TRUE,
        .at = NOW + i};
    gboolean queued;

    MUST(store_queue_letter(store, &letter, &queued, &error));
}

/* One in twenty is not over yet, and late. */
static void set_targets(struct store *store, int i, guint64 incident)
{
    gboolean over = incident % 20 != 0;

    for (int kind = TARGET_ACKNOWLEDGE; kind <= TARGET_UPDATE; kind++) {
        gboolean met = kind == TARGET_ACKNOWLEDGE || (over && kind == TARGET_TRIAGE);
        const struct target target = {.incident = incident,
            .kind = (char *)target_names[kind],
            .began_at = NOW + i,
            .due = kind == TARGET_UPDATE ? 0 : NOW + i + (kind + 1) * 3600,
            .met_at = met ? NOW + i + 10 : 0,
            .over = over && !met,
            .next_word = over || met || kind == TARGET_UPDATE ? 0 : NOW + i + 86400,
            .basis = (char *)"medium phishing",
            .span = (char *)"4h"};
        MUST(store_keep_target(store, &target, &error));
    }
}

/* All that one report does to the store. */
static void add_report(struct store *store, GBytes *secret, int i)
{
    g_autofree char *text = make_text(i);
    g_autoptr(mado_message) message = make_message(i, text);
    g_autofree char *number = NULL;
    guint64 mail = take(store, i, text);
    guint64 incident;
    static const char *const events[] = {"mail-in", "opened", "ack"};

    MUST(store_mark(store, &error));
    consult(store, message, secret, NOW + i);
    MUST(store_keep_message(store, mail, message, "00", &error));
    incident = open_one(store, i, message, &number);
    acknowledge(store, i, message, incident, mail);
    set_targets(store, i, incident);
    MUST(store_add_notice(store, mail, number, "new", "medium", "TLP:AMBER", NOW + i, &error));
    for (gsize k = 0; k < G_N_ELEMENTS(events); k++)
        MUST(store_journal(store, NOW + i, "mado", events[k], incident, mail, number, &error));
    MUST(store_settle_mail(store, mail, LEDGER_INCIDENT, incident, "", "report", NOW + i, &error));
    MUST(store_keep(store, &error));
}

/* As in a team's life: most are closed, most letters sent. */
static void grow_old(struct store *store, guint64 mails)
{
    for (guint64 id = 1; id <= mails; id++) {
        MUST(store_begin(store, &error));
        if (id % 20)
            MUST(store_set_incident(store, id, "state", "closed", NOW + (gint64)id, &error));
        if (id % 100)
            MUST(store_letter_settled(store, id, "sent", "250", 0, NOW + (gint64)id, &error));
        if (id % 500 == 0)
            MUST(store_commit(store, &error));
    }
    MUST(store_begin(store, &error));
    MUST(store_notices_told(store, mails - 10, 0, &error));
    MUST(store_commit(store, &error));
}

/* -- what operators wait for -- */

static void drop(GPtrArray *rows)
{
    g_assert_nonnull(rows);
    g_ptr_array_unref(rows);
}

/* -- the query language: each word, where it finds nothing on the way to its page's end -- */

static void query(
    struct store *store, gboolean finished, const struct query_term *terms, guint most)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new();
    g_autoptr(GPtrArray) rows = NULL;

    for (guint i = 0; i < most; i++)
        g_ptr_array_add(all, (gpointer)&terms[i]);
    MUST(rows = store_query_incidents(store,
             &(struct incident_query){.terms = all, .finished = finished, .most = 100}, &error));
}

#define QUERY(name, ...)                                                                           \
    static void name(struct store *store)                                                          \
    {                                                                                              \
        static const struct query_term terms[] = {__VA_ARGS__};                                    \
        query(store, TRUE, terms, G_N_ELEMENTS(terms));                                            \
    }
#define TERM(which, of, value)                                                                     \
    {                                                                                              \
        .field = (which), .negated = (of), .text = (char *)(value)                                 \
    }
#define BETWEEN(which, first, last)                                                                \
    {                                                                                              \
        .field = (which), .since = (first), .until = (last)                                        \
    }

static void list_unfinished(struct store *store)
{
    query(store, FALSE, NULL, 0);
}

QUERY(list_all_of_nobody, TERM(QUERY_HANDLER, FALSE, " nobody "))
QUERY(list_waiting, TERM(QUERY_STATE, FALSE, " waiting "), TERM(QUERY_HANDLER, FALSE, " nobody "))
QUERY(query_state, TERM(QUERY_STATE, FALSE, " waiting "))
QUERY(query_closed, TERM(QUERY_STATE, FALSE, " closed "))
QUERY(query_severity, TERM(QUERY_SEVERITY, FALSE, " high "))
QUERY(query_category, TERM(QUERY_CATEGORY, FALSE, " malware "))
QUERY(query_handler, TERM(QUERY_HANDLER, TRUE, "  "))
QUERY(query_team, TERM(QUERY_TEAM, FALSE, " network "))
QUERY(query_label, TERM(QUERY_LABEL, FALSE, " TLP:RED "))
QUERY(query_due, BETWEEN(QUERY_DUE, 0, NOW))
QUERY(query_overdue, BETWEEN(QUERY_DUE, 0, NOW + 1000000))
QUERY(query_opened, BETWEEN(QUERY_OPENED, NOW + 1000000, NOW + 2000000))
QUERY(query_from, TERM(QUERY_FROM, FALSE, "user4711@site211.example"))
QUERY(query_domain, TERM(QUERY_FROM, FALSE, "@site211.example"))
QUERY(query_no_domain, TERM(QUERY_FROM, FALSE, "@nowhere.example"))
QUERY(query_not_domain, TERM(QUERY_FROM, TRUE, "@example"), TERM(QUERY_STATE, FALSE, " waiting "))
QUERY(query_reference, TERM(QUERY_REFERENCE, FALSE, "JPCERT#90000123"))
QUERY(query_word, TERM(QUERY_WORDS, FALSE, "改ざん"))
QUERY(query_rare_word, TERM(QUERY_WORDS, FALSE, "www.site4711.example"))
QUERY(query_all, TERM(QUERY_STATE, TRUE, " new "), TERM(QUERY_SEVERITY, FALSE, " high "),
    TERM(QUERY_CATEGORY, FALSE, " malware "), TERM(QUERY_HANDLER, FALSE, " tanaka "),
    TERM(QUERY_LABEL, FALSE, " TLP:RED "), TERM(QUERY_FROM, FALSE, "@site211.example"),
    TERM(QUERY_WORDS, FALSE, "改ざん"), TERM(QUERY_WORDS, TRUE, "存在しない言葉"))

static void similar(struct store *store)
{
    drop(store_related(store, 500, 40, NULL));
    drop(store_search(store, "Webサイト改ざんの件 500", 40, NULL));
}

/* To and fro: the store is as it was. */
static void merge(struct store *store)
{
    const struct merge wanted = {
        500, 501, (char *)"tanaka", (char *)"", NOW, (char *)"TLP:AMBER", 0};
    gboolean kept;

    MUST(store_begin(store, &error));
    MUST(store_merge(store, &wanted, &error));
    MUST(store_merge_undo(store, &wanted, NOW, &kept, &error));
    MUST(store_commit(store, &error));
}

static void show(struct store *store)
{
    guint64 id = store_find_incident(store, 0, 500, NULL);

    drop(store_mails_of_incident(store, id, 0, 50, NULL));
    drop(store_events(store, id, 0, 50, NULL));
    drop(store_letters_of_incident(store, id, NULL));
    incident_free(store_incident_show(store, id, NULL));
    mail_row_free(store_mail_show(store, id, NULL));
}

static void search(struct store *store, const char *words)
{
    drop(store_search(store, words, 50, NULL));
}

static void search_common(struct store *store)
{
    search(store, "改ざん");
}

static void search_common_words(struct store *store)
{
    search(store, "改ざん phishing 至急");
}

static void search_one_kanji(struct store *store)
{
    search(store, "至");
}

static void search_one_kana(struct store *store)
{
    search(store, "さ");
}

static void search_address(struct store *store)
{
    search(store, "www.site4711.example");
}

static void search_nothing(struct store *store)
{
    search(store, "存在しない言葉");
}

static void count_states(struct store *store)
{
    drop(store_count_states(store, NULL));
}

static void count_letters(struct store *store)
{
    drop(store_count_letters(store, NULL));
}

static void ledger(struct store *store)
{
    struct ledger_sum sum;

    MUST(store_ledger(store, &sum, &error));
}

/* As `list` does: of each ticket of a page. */
static void list_with_targets(struct store *store)
{
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    g_autoptr(GPtrArray) rows = NULL;

    MUST(rows = store_query_incidents(
             store, &(struct incident_query){.terms = none, .most = 100}, &error));
    for (guint i = 0; i < rows->len; i++)
        drop(store_targets(store, ((const struct incident *)rows->pdata[i])->id, NULL));
}

static void count_due(struct store *store)
{
    struct store_counted counted;

    MUST(store_count_apart(store, NOW, NOW + 1000000, NOW + 1086400, &counted, &error));
}

static void next_moment(struct store *store)
{
    gint64 at;

    MUST(store_next_due(store, &at, &error));
    drop(store_due_targets(store, NOW - 1, 50, NULL));
}

static void today(struct store *store)
{
    guint64 in, out, failed;

    MUST(store_count_since(store, NOW + 14000, &in, &out, &failed, &error));
}

static void due(struct store *store)
{
    drop(store_due_letters(store, NOW + 1000000, 16, NULL));
    store_last_arrival(store, "inbox", NULL);
    store_count_untold(store, NULL);
}

static void count_fact(gpointer data, const struct fact_row *row)
{
    ++*(guint64 *)data;
}

static void facts(struct store *store)
{
    guint64 rows = 0;

    MUST(store_facts(store, "tanaka", 0, count_fact, &rows, &error));
    g_assert_cmpuint(rows, >, 0);
}

static void failed_letters(struct store *store)
{
    drop(store_list_letters(store, "failed", NULL, 0, 50, NULL));
}

static const struct {
    const char *name;
    void (*run)(struct store *store);
    gint64 most; /* milliseconds; 0: 20 */
} waits[] = {
    {"figures: all that ever happened", facts, 1500},
    {"list: unfinished", list_unfinished},
    {"list: all, a handler without any", list_all_of_nobody},
    {"list: a state without any", list_waiting},
    {"query: a state", query_state, 100},
    {"query: closed", query_closed, 100},
    {"query: a severity", query_severity, 100},
    {"query: a category", query_category, 100},
    {"query: a handler", query_handler, 100},
    {"query: a team", query_team, 100},
    {"query: a label", query_label, 100},
    {"query: due", query_due, 100},
    {"query: overdue", query_overdue, 100},
    {"list: with what is due", list_with_targets, 100},
    {"count what is due", count_due, 100},
    {"next moment", next_moment, 10},
    {"query: opened", query_opened, 100},
    {"query: from an address", query_from, 100},
    {"query: from a domain", query_domain, 100},
    {"query: from a domain without any", query_no_domain, 100},
    {"query: not from where all are", query_not_domain, 100},
    {"query: a reference", query_reference, 100},
    {"query: a word in all", query_word, 100},
    {"query: a word in one", query_rare_word, 100},
    {"query: eight words", query_all, 100},
    {"similar", similar, 100},
    {"merge, and back", merge, 100},
    {"show", show},
    {"search: in all", search_common},
    {"search: three words in all", search_common_words},
    {"search: one kanji", search_one_kanji},
    {"search: one kana", search_one_kana, 100},
    {"search: a host", search_address},
    {"search: in none", search_nothing},
    {"count incidents", count_states},
    {"count letters", count_letters},
    {"ledger", ledger},
    {"today", today},
    {"what is due", due},
    {"failed letters", failed_letters},
};

static int time_waits(struct store *store)
{
    int missed = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(waits); i++) {
        gint64 start = g_get_monotonic_time();
        gint64 first, again;
        waits[i].run(store);
        first = g_get_monotonic_time() - start;
        waits[i].run(store);
        again = g_get_monotonic_time() - start - first;
        printf("%-34s %8.2f ms, again %8.2f ms\n", waits[i].name, (double)first / 1000,
            (double)again / 1000);
        missed += MIN(first, again) > (waits[i].most ?: 40) * 1000;
    }
    return missed;
}

static void time_audit(struct store *store)
{
    gint64 start = g_get_monotonic_time();
    char hash[STORE_HASH_SIZE] = "";
    guint64 after = 0;
    guint checked = 1000;

    while (checked == 1000)
        MUST(store_audit(store, &after, hash, 1000, &checked, &error));
    printf("audit of %d rows: %.2f s\n", (int)after,
        (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC);
}

int main(int argc, char **argv)
{
    int mails = argc > 2 ? atoi(argv[2]) : 100000;
    g_autofree char *path = g_build_filename(argc > 1 ? argv[1] : ".", "bench.db", NULL);
    g_autofree char *wal = g_strconcat(path, "-wal", NULL);
    g_autoptr(mado_store) store = NULL;
    g_autoptr(GBytes) secret = NULL;
    gint64 start = g_get_monotonic_time();
    double seconds;
    int missed;

    unlink(path);
    unlink(wal);
    MUST(store = store_open(path, &error));
    MUST(secret = store_secret(store, "token", 32, &error));
    for (int i = 1; i <= mails; i++) {
        MUST(store_begin(store, &error));
        add_report(store, secret, i);
        if (i % A_TURN == 0)
            MUST(store_commit(store, &error));
        if (i % 10000 == 0)
            fprintf(
                stderr, "%d mails, %.1f s\n", i, (double)(g_get_monotonic_time() - start) / 1e6);
    }
    MUST(store_commit(store, &error));
    seconds = (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
    printf("%d mails taken, read, opened, acknowledged, %d a commit: %.0f mails/s\n", mails, A_TURN,
        mails / seconds);
    grow_old(store, (guint64)mails);
    g_clear_pointer(&store, store_close);
    start = g_get_monotonic_time();
    MUST(store = store_open(path, &error));
    printf("open: %.2f ms\n", (double)(g_get_monotonic_time() - start) / 1000);
    time_audit(store);
    missed = time_waits(store);
    g_clear_pointer(&store, store_close);
    if (argc <= 3)
        unlink(path);
    return missed > 0;
}

/* Damage, kills, and anything in any order. */
#include "store-help.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

/* -- damage -- */

static void fill(struct place *place)
{
    MUST(store_begin(place->store, &error));
    for (int i = 0; i < 30; i++) {
        g_autofree char *subject = g_strdup_printf("改ざんの報告 %d", i);
        guint64 incident = 0;
        guint64 mail = report(
            place->store, subject, "貴社Webサイト www.yamabuki.example", "TLP:AMBER", &incident);
        MUST(store_journal(place->store, NOW, "mado", "opened", incident, mail, subject, &error));
    }
    MUST(store_commit(place->store, &error));
}

/* Asks everything; whatever the answers, nobody crashes. */
static void ask_everything(struct store *store)
{
    g_autoptr(GPtrArray) no_terms = g_ptr_array_new();
    struct incident_query all = {.terms = no_terms, .finished = TRUE, .most = 100};
    char hash[STORE_HASH_SIZE] = "";
    struct ledger_sum sum;
    guint64 after = 0;
    guint checked;

    for (guint64 id = 1; id <= 30; id++) {
        int fd = store_mail_fd(store, id, NULL);
        mail_row_free(store_mail_show(store, id, NULL));
        incident_free(store_incident_show(store, id, NULL));
        if (fd >= 0)
            close(fd);
    }
    g_clear_pointer(&(GPtrArray *){store_search(store, "改ざん", 50, NULL)}, g_ptr_array_unref);
    g_clear_pointer(&(GPtrArray *){store_query_incidents(store, &all, NULL)}, g_ptr_array_unref);
    store_audit(store, &after, hash, 100, &checked, NULL);
    store_ledger(store, &sum, NULL);
    if (store_begin(store, NULL)) {
        store_set_incident(store, 3, "label", "TLP:RED", NOW, NULL);
        store_journal(store, NOW, "mado", "x", 1, 0, "x", NULL);
        store_commit(store, NULL);
    }
}

static void test_a_damaged_file_is_an_error_never_a_crash(void)
{
    struct place place = place_new();
    g_autofree char *good_bytes = NULL;
    gsize size;
    int refused = 0, found = 0;

    fill(&place);
    place_close(&place);
    g_assert_true(g_file_get_contents(place.path, &good_bytes, &size, NULL));
    for (int i = 0; i < 200; i++) {
        g_autofree char *bytes = g_memdup2(good_bytes, size);
        gsize at = (gsize)g_test_rand_int_range(0, (gint32)size);
        if (i % 2)
            for (int k = 0; k < 8; k++)
                bytes[(at + (gsize)k * 997) % size] ^= (char)(1 << g_test_rand_int_range(0, 8));
        g_assert_true(
            g_file_set_contents(place.path, bytes, i % 2 ? (gssize)size : (gssize)at, NULL));
        place.store = store_open(place.path, NULL);
        if (!place.store) {
            refused++;
            continue;
        }
        g_assert_cmpint(i % 2, ==, 1); /* a file cut short is never opened */
        found += !store_check(place.store, NULL);
        ask_everything(place.store);
        place_close(&place);
    }
    g_test_message("%d of 200 refused at once, %d found by the check", refused, found);
    place_clear(&place);
}

static void test_bytes_that_changed_on_disk_are_not_handed_out(void)
{
    struct place place = place_new();
    guint64 mail;

    MUST(store_begin(place.store, &error));
    mail = take(place.store, "as it came");
    MUST(store_commit(place.store, &error));
    tamper(&place, "UPDATE mail_chunk SET bytes = x'00'");
    g_assert_cmpint(store_mail_fd(place.store, mail, NULL), ==, -1);
    place_clear(&place);
}

/* -- kills -- */

static void work_until_killed(const char *path, int told)
{
    struct store *store = store_open(path, NULL);

    for (int i = 0;; i++) {
        g_autofree char *subject = g_strdup_printf("%d %d", getpid(), i);
        guint64 incident = 0, mail;
        MUST(store_begin(store, &error));
        mail = report(store, subject, "text", "TLP:GREEN", &incident);
        MUST(store_journal(store, NOW, "mado", "opened", incident, mail, subject, &error));
        MUST(store_commit(store, &error));
        g_assert_cmpint(write(told, "x", 1), ==, 1);
    }
}

static void test_what_was_committed_is_there_after_a_kill(void)
{
    struct place place = place_new();
    gint64 committed = 0;

    place_close(&place);
    for (int round = 0; round < 10; round++) {
        int pipes[2];
        char byte;
        pid_t child;
        g_assert_cmpint(pipe2(pipes, O_CLOEXEC), ==, 0);
        child = fork();
        if (child == 0)
            work_until_killed(place.path, pipes[1]);
        close(pipes[1]);
        for (int i = g_test_rand_int_range(1, 30); i > 0; i--, committed++)
            g_assert_cmpint(read(pipes[0], &byte, 1), ==, 1);
        kill(child, SIGKILL);
        while (read(pipes[0], &byte, 1) == 1)
            committed++;
        close(pipes[0]);
        waitpid(child, NULL, 0);
        place_open(&place);
        MUST(store_check(place.store, &error));
        g_assert_cmpint(count(place.store, "SELECT count(*) FROM mail"), >=, committed);
        g_assert_cmpint(count(place.store, "SELECT count(*) FROM mail"), <=, committed + round + 1);
        g_assert_cmpint(count(place.store,
                            "SELECT (SELECT count(*) FROM mail) - (SELECT count(*) FROM incident)"
                            " + (SELECT count(*) FROM mail) - (SELECT count(*) FROM journal)"),
            ==, 0);
        place_close(&place);
    }
    place_clear(&place);
}

/* -- anything, in any order -- */

struct model {
    gint64 mails, arrivals, incidents, letters, events;
};

static void do_something(struct store *store, struct model *model)
{
    int what = g_test_rand_int_range(0, 5);
    g_autofree char *text = g_strdup_printf("%u", g_random_int());
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
    struct new_letter letter = {"ack", text, "", "a@yamabuki.example", "", "", bytes, .at = NOW};
    gboolean is;

    if (what == 0) {
        take_from(store, text, text, &is);
        take_from(store, text, text, &is); /* seen again: nothing */
        model->mails++, model->arrivals++;
    } else if (what == 1) {
        take_from(store, text, text, &is);
        take_from(store, text, "elsewhere", &is);
        model->mails++, model->arrivals += 2;
    } else if (what == 2) {
        open_incident(store, text, "TLP:AMBER", NOW);
        model->incidents++;
    } else if (what == 3) {
        MUST(store_queue_letter(store, &letter, &is, &error));
        MUST(store_queue_letter(store, &letter, &is, &error));
        g_assert_false(is);
        model->letters++;
    } else {
        MUST(store_journal(store, NOW, "mado", "x", 0, 0, text, &error));
        model->events++;
    }
}

static void compare(struct store *store, const struct model *model)
{
    g_assert_cmpint(count(store, "SELECT count(*) FROM mail"), ==, model->mails);
    g_assert_cmpint(count(store, "SELECT count(*) FROM arrival"), ==, model->arrivals);
    g_assert_cmpint(count(store, "SELECT count(*) FROM incident"), ==, model->incidents);
    g_assert_cmpint(count(store, "SELECT count(*) FROM outbox"), ==, model->letters);
    g_assert_cmpint(count(store, "SELECT count(*) FROM journal"), ==, model->events);
    g_assert_cmpint(
        count(store, "SELECT coalesce(max(sequence), 0) FROM incident"), ==, model->incidents);
}

static void test_any_sequence_of_turns_equals_the_model(void)
{
    struct place place = place_new();
    struct model committed = {0}, now = {0};
    char hash[STORE_HASH_SIZE] = "";
    guint64 after = 0;
    guint checked;

    for (int i = 0; i < 2000; i++) {
        struct model marked = now;
        int what = g_test_rand_int_range(0, 100);
        if (what < 2) {
            place_close(&place);
            place_open(&place);
            now = committed;
        } else if (what < 20) {
            MUST(store_commit(place.store, &error));
            committed = now;
        } else {
            MUST(store_begin(place.store, &error));
            MUST(store_mark(place.store, &error));
            do_something(place.store, &now);
            do_something(place.store, &now);
            if (what < 40) {
                MUST(store_undo(place.store, &error));
                now = marked;
            } else
                MUST(store_keep(place.store, &error));
        }
        if (i % 10 == 0)
            compare(place.store, &now);
    }
    compare(place.store, &now);
    MUST(store_audit(place.store, &after, hash, 100000, &checked, &error));
    g_assert_cmpint(checked, ==, now.events);
    place_clear(&place);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/damage/never a crash", test_a_damaged_file_is_an_error_never_a_crash);
    g_test_add_func("/damage/changed bytes", test_bytes_that_changed_on_disk_are_not_handed_out);
    g_test_add_func("/kill/committed is there", test_what_was_committed_is_there_after_a_kill);
    g_test_add_func("/model/any sequence", test_any_sequence_of_turns_equals_the_model);
    return g_test_run();
}

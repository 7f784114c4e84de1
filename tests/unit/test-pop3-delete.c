/* Deleting by POP3, against a server with a mailbox of its own: nothing is deleted whose bytes the
 * store has not, wherever the session is cut and whatever names the server gives; nothing is taken
 * twice. */
#include "pop3-house.h"
#include <poll.h>

#define ITS_OK "+OK\r\n"
#define BYE "+OK bye\r\n"

enum { SLOTS = 4, NEVER = 1 << 20 };

/* The server. One connection after the other, each in a thread; the test looks at it between. */
static struct box {
    const char *uidl[SLOTS], *text[SLOTS]; /* NULL: no mail there */
    GPtrArray *deleted;                    /* texts */
    gint cut, said;                        /* bytes of one connection; then it ends */
    gboolean marked[SLOTS], quit_fails, quit_refused;
    guint retrieved;
} box;

static gboolean say(int fd, const char *text)
{
    gint length = (gint)strlen(text), part = MIN(length, box.cut - box.said);

    box.said += part;
    return send(fd, text, (gsize)part, MSG_NOSIGNAL) == part && box.said < box.cut;
}

static gboolean say_list(int fd, gboolean uidls)
{
    g_autoptr(GString) list = g_string_new(ITS_OK);

    for (int i = 0; i < SLOTS; i++)
        if (box.text[i] && uidls)
            g_string_append_printf(list, "%d %s\r\n", i + 1, box.uidl[i]);
        else if (box.text[i])
            g_string_append_printf(list, "%d %zu\r\n", i + 1, strlen(box.text[i]) + 2);
    g_string_append(list, ".\r\n");
    return say(fd, list->str);
}

static gboolean say_mail(int fd, int slot)
{
    g_autofree char *text = g_strdup_printf("+OK\r\n%s\r\n.\r\n", box.text[slot]);

    box.retrieved++;
    return say(fd, text);
}

/* RFC 1939 6: the update state. */
static gboolean quit(int fd)
{
    for (int i = 0; i < SLOTS && !box.quit_fails; i++)
        if (box.marked[i]) {
            g_ptr_array_add(box.deleted, (gpointer)box.text[i]);
            box.text[i] = NULL;
        }
    say(fd, box.quit_refused ? "-ERR some are not removed\r\n" : BYE);
    return FALSE;
}

static gboolean answer(int fd, const char *command)
{
    int slot = (int)strtol(command + 4, NULL, 10) - 1;

    if (g_str_has_prefix(command, "CAPA"))
        return say(fd, "+OK\r\nPIPELINING\r\n.\r\n");
    if (g_str_has_prefix(command, "LIST") || g_str_has_prefix(command, "UIDL"))
        return say_list(fd, *command == 'U');
    if (g_str_has_prefix(command, "RETR"))
        return say_mail(fd, slot);
    if (g_str_has_prefix(command, "QUIT"))
        return quit(fd);
    if (g_str_has_prefix(command, "DELE"))
        box.marked[slot] = TRUE;
    return say(fd, ITS_OK);
}

static gpointer serve(gpointer data)
{
    int fd = GPOINTER_TO_INT(data);
    g_autoptr(GString) heard = g_string_new(NULL);
    char bytes[512], *end;
    gboolean goes_on;
    gssize got = 0;

    box.said = 0;
    memset(box.marked, 0, sizeof box.marked);
    goes_on = say(fd, "+OK ready\r\n");
    while (goes_on && (got = recv(fd, bytes, sizeof bytes, 0)) > 0) {
        g_string_append_len(heard, bytes, got);
        while (goes_on && (end = strchr(heard->str, '\n'))) {
            goes_on = answer(fd, heard->str);
            g_string_erase(heard, 0, end + 1 - heard->str);
        }
    }
    close(fd);
    return NULL;
}

/* -- the house -- */

static void begin(struct pop3_house *house)
{
    g_autoptr(GError) error = NULL;

    memset(&box, 0, sizeof box);
    box.cut = NEVER;
    box.deleted = g_ptr_array_new();
    house->server = serve;
    pop3_house_begin(house);
    pop3_house_open(house, NULL, &error);
    g_assert_no_error(error);
}

static void end(struct pop3_house *house)
{
    pop3_house_end(house);
    g_ptr_array_unref(box.deleted);
}

static void drop(int slot, const char *uidl, const char *text)
{
    box.uidl[slot] = uidl;
    box.text[slot] = text;
}

static gboolean look(struct pop3_house *house)
{
    gboolean done = pop3_house_look(house, NULL, 0, NULL);

    if (!house->breaks)
        pop3_house_join(house);
    for (guint i = 0; i < box.deleted->len; i++) {
        g_autofree char *text = g_strconcat(box.deleted->pdata[i], "\r\n", NULL);
        if (!g_hash_table_contains(house->texts, text))
            g_error("\"%s\" is deleted, and the store has it not", (char *)box.deleted->pdata[i]);
    }
    return done;
}

static guint count_mails(void)
{
    guint count = 0;

    for (int i = 0; i < SLOTS; i++)
        count += box.text[i] != NULL;
    return count;
}

/* The role dies, and another comes; the store stays. */
static void restart(struct pop3_house *house)
{
    source_pop3.close(house->source);
    pop3_house_join(house);
    g_hash_table_remove_all(house->known);
    pop3_house_open(house, NULL, NULL);
}

static void look_until_empty(struct pop3_house *house)
{
    int looks = 0;

    while (count_mails() && looks++ < 5)
        look(house);
    g_assert_cmpuint(count_mails(), ==, 0);
}

/* -- the tests -- */

static void test_deleted_once(void)
{
    struct pop3_house house = {0};

    begin(&house);
    drop(0, "a", "one");
    drop(1, "b", "two");
    g_assert_true(look(&house));
    g_assert_cmpstr(house.got->str, ==, "a=one\r\n;b=two\r\n;");
    g_assert_cmpuint(box.deleted->len, ==, 2);
    g_assert_true(look(&house));
    g_assert_cmpstr(house.got->str, ==, "");
    end(&house);
}

/* Cut behind each byte of the server's: what is there afterwards is taken and deleted; what was
 * taken is not another mail the second time. */
static void cut_at(gint cut, gboolean new_role)
{
    struct pop3_house house = {0};

    begin(&house);
    drop(0, "a", "one");
    drop(2, "b", "two");
    drop(3, "c", "three");
    box.cut = cut;
    look(&house);
    box.cut = NEVER;
    if (new_role)
        restart(&house);
    look_until_empty(&house);
    g_assert_cmpuint(g_hash_table_size(house.texts), ==, 3);
    g_assert_cmpuint(box.deleted->len, ==, 3);
    end(&house);
}

/* What the server says in a whole session, in bytes. */
static gint whole_of(const char *first, const char *second, const char *third)
{
    struct pop3_house house = {0};

    begin(&house);
    drop(0, "a", first);
    drop(2, "b", second);
    drop(3, "c", third);
    g_assert_true(look(&house));
    end(&house);
    return box.said;
}

static void test_cut(gconstpointer new_role)
{
    gint whole = whole_of("one", "two", "three");

    for (gint cut = 1; cut <= whole; cut++)
        cut_at(cut, new_role != NULL);
}

/* Cut before QUIT again and again, each session gets further: the mails need not be fetched again
 * to be deleted. */
static void test_it_gets_further(void)
{
    struct pop3_house house = {0};
    gint cut = whole_of("one", "two", NULL) - (gint)strlen(ITS_OK ITS_OK BYE) + 2;

    begin(&house);
    drop(0, "a", "one");
    drop(1, "b", "two");
    for (int i = 0; i < 5; i++) {
        /* in the answer to the first DELE; behind the first session there is no RETR any more */
        box.cut = cut - (i ? (gint)strlen(ITS_OK ITS_OK "one\r\n.\r\ntwo\r\n.\r\n") : 0);
        g_assert_false(look(&house));
    }
    g_assert_cmpuint(box.retrieved, ==, 2);
    box.cut = NEVER;
    g_assert_true(look(&house));
    g_assert_cmpuint(box.retrieved, ==, 2);
    g_assert_cmpuint(count_mails(), ==, 0);
    end(&house);
}

/* The session breaks with other mails, when these have been told to be deleted. */
static void test_told_and_broken(void)
{
    struct pop3_house house = {.breaks = TRUE};

    begin(&house);
    drop(0, "a", "one");
    drop(1, "b", "two");
    g_assert_false(look(&house));
    g_assert_cmpuint(g_hash_table_size(house.known), ==, 2);
    house.breaks = FALSE;
    g_assert_true(look(&house));
    g_assert_cmpuint(box.retrieved, ==, 2);
    g_assert_cmpuint(count_mails(), ==, 0);
    end(&house);
}

/* RFC 1939 7: a UIDL is the mail's as long as there is the mail. */
static void test_uidl_of_another(gconstpointer new_role)
{
    struct pop3_house house = {0};

    begin(&house);
    drop(0, "1", "one");
    g_assert_true(look(&house));
    g_assert_cmpuint(box.deleted->len, ==, 1);
    drop(0, "1", "another");
    if (new_role)
        restart(&house);
    g_assert_true(look(&house));
    g_assert_cmpint(house.news, ==, new_role != NULL); /* it wants to look again at once */
    if (new_role)
        g_assert_true(look(&house));
    g_assert_cmpstr(house.got->str, ==, "1 again *=another\r\n;");
    g_assert_cmpuint(box.deleted->len, ==, 2);
    end(&house);
}

/* Two names become others', and the session breaks when it has listed but one of them. */
static void test_uidls_of_others_and_a_cut(void)
{
    struct pop3_house house = {0};
    gint whole = whole_of("more", NULL, NULL);

    begin(&house);
    drop(0, "1", "one");
    drop(1, "2", "two");
    g_assert_true(look(&house));
    drop(0, "1", "more");
    box.cut = whole - (gint)strlen(ITS_OK BYE) - 2; /* in the mail */
    g_assert_false(look(&house));
    box.cut = NEVER;
    drop(1, "2", "another");
    look_until_empty(&house);
    g_assert_cmpuint(g_hash_table_size(house.texts), ==, 4);
    end(&house);
}

/* The answer to QUIT is lost; the mails are there again, or another under the same name. */
static void test_quit_is_lost(void)
{
    struct pop3_house house = {0};
    gint whole = whole_of("one", "two", NULL);

    begin(&house);
    drop(0, "a", "one");
    drop(1, "b", "two");
    box.quit_fails = TRUE;
    box.cut = whole - (gint)strlen(BYE) + 1; /* QUIT is read */
    g_assert_false(look(&house));
    box.quit_fails = FALSE;
    box.cut = NEVER;
    drop(1, "b", "another");
    g_assert_true(look(&house));
    g_assert_cmpstr(house.got->str, ==, "a again *=one\r\n;b again *=another\r\n;");
    g_assert_cmpuint(g_hash_table_size(house.texts), ==, 3);
    g_assert_cmpuint(box.deleted->len, ==, 2);
    end(&house);
}

/* A server that never deletes is not asked for the same mails for ever. */
static void test_deletion_that_does_not_last(void)
{
    struct pop3_house house = {0};

    begin(&house);
    drop(0, "a", "one");
    box.quit_fails = box.quit_refused = TRUE;
    for (int i = 0; i < 3; i++)
        g_assert_false(look(&house));
    g_assert_cmpuint(box.retrieved, ==, 3);
    for (int i = 0; i < 3; i++) {
        g_assert_true(look(&house) || i == 0);
        g_assert_false(house.news);
    }
    g_assert_cmpuint(box.retrieved, ==, 3);
    end(&house);
}

/* What is left there is known by its name, in this role and in the next; equal bytes with equal
 * names are known by the bytes. */
static void test_leave(void)
{
    struct pop3_house house = {0};
    static const char leave[] = "{'after': <'leave'>}";

    begin(&house);
    source_pop3.close(house.source);
    pop3_house_open(&house, leave, NULL);
    drop(0, "a", "one");
    drop(1, "b", "two");
    for (int i = 0; i < 2; i++)
        g_assert_true(look(&house));
    source_pop3.close(house.source);
    pop3_house_open(&house, leave, NULL);
    g_hash_table_remove_all(house.known);
    g_assert_true(look(&house));
    g_assert_false(house.news);
    g_assert_cmpuint(box.retrieved, ==, 2);
    g_assert_cmpuint(count_mails(), ==, 2);
    g_assert_cmpstr(house.state, ==, "POP3, looks every 60 s");
    end(&house);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pop3/delete/once", test_deleted_once);
    g_test_add_data_func("/pop3/delete/cut at any byte", NULL, test_cut);
    g_test_add_data_func("/pop3/delete/cut at any byte, and another role", "new", test_cut);
    g_test_add_func("/pop3/delete/each session gets further", test_it_gets_further);
    g_test_add_func("/pop3/delete/told, and the session breaks", test_told_and_broken);
    g_test_add_data_func("/pop3/delete/the UIDL becomes another's", NULL, test_uidl_of_another);
    g_test_add_data_func(
        "/pop3/delete/the UIDL becomes another's, and another role", "new", test_uidl_of_another);
    g_test_add_func("/pop3/delete/UIDLs become others', and the session breaks",
        test_uidls_of_others_and_a_cut);
    g_test_add_func("/pop3/delete/QUIT is lost", test_quit_is_lost);
    g_test_add_func("/pop3/delete/it does not last", test_deletion_that_does_not_last);
    g_test_add_func("/pop3/delete/or leave", test_leave);
    return g_test_run();
}

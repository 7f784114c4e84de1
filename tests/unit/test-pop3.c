/* What a mail server may say to the POP3 source, and what becomes of it. */
#include "pop3-house.h"

#define LINE(text) text "\r\n"
#define ITS_OK LINE("+OK")
#define HELLO ITS_OK LINE("-ERR what is CAPA?") ITS_OK ITS_OK /* USER, PASS */
#define LIST(lines) ITS_OK lines LINE(".")
#define BOTH LIST(LINE("1 7") LINE("2 8")) LIST(LINE("1 one") LINE("2 two"))
#define FIRST ITS_OK LINE("hello") LINE(".")
#define SECOND ITS_OK LINE("world!") LINE(".")
#define DELETED ITS_OK ITS_OK
#define BYE ITS_OK
#define WHOLE HELLO BOTH FIRST SECOND DELETED BYE
#define GOT_FIRST "one=hello\r\n;"
#define GOT_BOTH GOT_FIRST "two=world!\r\n;"
#define IN LINE("CAPA") LINE("USER csirt") LINE("PASS secret")
#define ASKED IN LINE("LIST") LINE("UIDL")
#define TOOK ASKED LINE("RETR 1") LINE("RETR 2")
#define TOLD TOOK LINE("DELE 1") LINE("DELE 2") LINE("QUIT")

static void open_house(struct pop3_house *house, const char *changes)
{
    g_autoptr(GError) error = NULL;

    pop3_house_begin(house);
    pop3_house_open(house, changes, &error);
    g_assert_no_error(error);
}

/* -- one look, whatever the server says -- */

struct look {
    const char *name, *said, *got, *told, *error; /* error: a part of it, or NULL; told: or NULL */
};

#define BY_BYTES_1 "mail cd2eca3535741f27a8ae40c31b0c41d4057a7a7b912b33b9aed86485d1c84676="
#define TWICE(first, second)                                                                       \
    HELLO LIST(LINE("1 7") LINE("2 7")) LIST(first second) FIRST FIRST FIRST DELETED BYE

static const struct look looks[] = {
    {"all is well", WHOLE, GOT_BOTH, TOLD, NULL},
    {"nothing there", HELLO LIST("") LIST("") BYE, "", ASKED LINE("QUIT"), NULL},
    {"asked ahead",
        ITS_OK LIST(LINE("TOP") LINE("pipelining")) ITS_OK ITS_OK BOTH FIRST SECOND DELETED BYE,
        GOT_BOTH, TOLD, NULL},
    {"dots",
        HELLO LIST(LINE("1 9")) LIST(LINE("1 one")) ITS_OK LINE("..") LINE("...a")
            LINE(".b") "\n.\n" LINE("") LINE(".") ITS_OK BYE,
        "one=.\r\n..a\r\nb\r\n\n.\n\r\n;", NULL, NULL},
    {"a mail of nothing", HELLO LIST(LINE("1 0")) LIST(LINE("1 one")) ITS_OK LINE(".") ITS_OK BYE,
        "one=;", NULL, NULL},
    {"words behind the numbers",
        HELLO "+OK 1 mails\r\n1 7 octets or so\r\n.\r\n" LIST(LINE("1 one")) FIRST ITS_OK BYE,
        GOT_FIRST, NULL, NULL},
    {"gaps in the numbers",
        HELLO LIST(LINE("3 7") LINE("9 8")) LIST(LINE("3 one") LINE("4 none") LINE("9 two"))
            FIRST SECOND DELETED BYE,
        GOT_BOTH, ASKED LINE("RETR 3") LINE("RETR 9") LINE("DELE 3") LINE("DELE 9") LINE("QUIT"),
        NULL},
    {"a mail that cannot be had", HELLO BOTH LINE("-ERR gone") SECOND ITS_OK BYE,
        "one!the server does not give it: gone;two=world!\r\n;", TOOK LINE("DELE 2") LINE("QUIT"),
        NULL},
    {"a deletion refused", HELLO BOTH FIRST SECOND LINE("-ERR no") ITS_OK BYE, GOT_BOTH, TOLD,
        NULL},
    {"a size that is too small",
        HELLO LIST(LINE("1 1") LINE("2 2")) LIST(LINE("1 one") LINE("2 two"))
            FIRST SECOND DELETED BYE,
        GOT_BOTH, TOLD, NULL},
    {"a size that is too large",
        HELLO LIST(LINE("1 101") LINE("2 18446744073709551999")) LIST(LINE("1 one") LINE("2 two"))
            BYE,
        "one!it has 101 bytes, intake.max_message allows 100;"
        "two!it has 18446744073709551615 bytes, intake.max_message allows 100;",
        ASKED LINE("QUIT"), NULL},
    {"a mail that is too large",
        HELLO BOTH ITS_OK LINE(
            "1234567890123456789012345678901234567890123456789012345678901234567890"
            "123456789012345678901234567890") LINE(".") SECOND ITS_OK BYE,
        "one!it has 102 bytes, intake.max_message allows 100;two=world!\r\n;", NULL, NULL},

    /* names */
    {"UIDL is unknown", HELLO LIST(LINE("1 7")) LINE("-ERR never heard"), "", ASKED,
        "no UIDL, without which a mail cannot be known again. Nothing was taken; read this "
        "mailbox by IMAP: never heard"},
    {"two have one UIDL", TWICE(LINE("1 u"), LINE("2 u")), BY_BYTES_1 "hello\r\n;",
        ASKED LINE("RETR 1") LINE("RETR 2") LINE("RETR 1") LINE("DELE 1") LINE("DELE 2")
            LINE("QUIT"),
        NULL},
    {"two have none", TWICE("", ""), BY_BYTES_1 "hello\r\n;", NULL, NULL},
    {"two have an empty one", TWICE(LINE("1"), LINE("2 ")), BY_BYTES_1 "hello\r\n;", NULL, NULL},
    {"a UIDL with a blank", HELLO LIST(LINE("1 7")) LIST(LINE("1 a b")) FIRST ITS_OK BYE,
        "uidl c8687a08aa5d6ed2044328fa6a697ab8e96dc34291e8c2034ae8c38e6fcc6d65=hello\r\n;", NULL,
        NULL},
    {"a UIDL named twice", HELLO LIST(LINE("1 7")) LIST(LINE("1 a") LINE("1 b")), "", ASKED,
        "UIDL names a mail twice"},

    /* what no server would say */
    {"not POP3", "220 mail.example ESMTP\r\n", "", "",
        "this is no POP3, the server said \"220 mail"},
    {"it is not ready", "-ERR [SYS/TEMP] come later\r\n", "", "",
        "not ready: [SYS/TEMP] come later"},
    {"no word", "", "", "", "closed"},
    {"+OKAY", "+OKAY\r\n", "", "", "this is no POP3"},
    {"LIST is refused", HELLO LINE("-ERR locked"), "", IN LINE("LIST"), "does not list its mails"},
    {"LIST is nonsense", HELLO LIST(LINE("a b")), "", NULL, "(LIST)"},
    {"LIST without sizes", HELLO LIST(LINE("1")), "", NULL, "(LIST)"},
    {"LIST with a negative", HELLO LIST(LINE("1 -7")), "", NULL, "(LIST)"},
    {"LIST counts down", HELLO LIST(LINE("2 7") LINE("1 7")), "", NULL, "LIST counts oddly"},
    {"LIST begins with 0", HELLO LIST(LINE("0 7")), "", NULL, "LIST counts oddly"},
    {"LIST beyond all numbers", HELLO LIST(LINE("99999999999999999999 7")), "", NULL,
        "LIST counts oddly"},
    {"UIDL is nonsense", HELLO LIST(LINE("1 7")) LIST(LINE("x y")), "", NULL, "(UIDL)"},
    {"nonsense for a mail", HELLO BOTH LINE("* 1 FETCH"), "", NULL, "this is no POP3"},
    {"QUIT is refused", HELLO BOTH FIRST SECOND DELETED LINE("-ERR some are not removed"), GOT_BOTH,
        TOLD, "has not deleted all mails that were taken: some are not removed"},
};

static void test_look(gconstpointer data)
{
    const struct look *look = data;
    struct pop3_house house = {0};
    g_autoptr(GError) error = NULL;
    gboolean done;

    open_house(&house, NULL);
    done = pop3_house_look(&house, look->said, strlen(look->said), &error);
    g_assert_cmpstr(house.got->str, ==, look->got);
    if (look->told)
        g_assert_cmpstr(house.told->str, ==, look->told);
    if (!look->error)
        g_assert_no_error(error);
    else if (!error || !strstr(error->message, look->error))
        g_error("\"%s\" is not: %s", look->error, error ? error->message : "no error");
    g_assert_cmpint(done, ==, !look->error);
    pop3_house_end(&house);
}

/* Whole mails or none, and an error for each end that is not the end. */
static void test_cut(void)
{
    for (gsize cut = 0; cut < strlen(WHOLE); cut++) {
        struct pop3_house house = {0};
        g_autoptr(GError) error = NULL;
        const char *got = cut >= strlen(HELLO BOTH FIRST SECOND) ? GOT_BOTH
                          : cut >= strlen(HELLO BOTH FIRST)      ? GOT_FIRST
                                                                 : "";
        open_house(&house, NULL);
        g_assert_false(pop3_house_look(&house, WHOLE, cut, &error));
        g_assert_cmpstr(house.got->str, ==, got);
        g_assert_nonnull(error);
        g_assert_cmpint(strlen(error->message), >, 20);
        pop3_house_end(&house);
    }
}

/* A server that says nothing more: how it ended, after how long. */
static gpointer stall(gpointer length)
{
    struct pop3_house house = {.stays = TRUE};
    GError *error = NULL;

    open_house(&house, "{'timeout': <int64 1>}");
    g_assert_false(pop3_house_look(&house, WHOLE, GPOINTER_TO_SIZE(length), &error));
    pop3_house_end(&house);
    return error;
}

/* At each line, all at once, for each waits. */
static void test_stall(void)
{
    g_autoptr(GPtrArray) stalls = g_ptr_array_new();
    gint64 before = g_get_monotonic_time();

    for (const char *end = WHOLE; *end; end = strchr(end, '\n') + 1)
        g_ptr_array_add(stalls, g_thread_new("stall", stall, GSIZE_TO_POINTER(end - WHOLE)));
    for (guint i = 0; i < stalls->len; i++) {
        g_autoptr(GError) error = g_thread_join(stalls->pdata[i]);
        g_assert_nonnull(error);
        /* of a deletion it is the next step that says it */
        g_assert_true(strstr(error->message, "was not done within 1 s") ||
                      strstr(error->message, "the connection has ended"));
    }
    g_assert_cmpint(g_get_monotonic_time() - before, <, 20 * G_USEC_PER_SEC);
}

/* Bytes without end: a line, lines, a mail. */
static void test_endless(void)
{
    static const struct {
        const char *start, *then, *error;
    } rows[] = {{"+OK ", "x", "a line of more than 65536 bytes"},
        {ITS_OK ITS_OK, "x\r\n", "more than 81920 bytes"},
        {HELLO ITS_OK, "1 7 ", "a line of more than 65536 bytes"},
        {HELLO BOTH ITS_OK, "xxxx\r\n", "more than 82070 bytes"},
        {ITS_OK, "", "the server said a NUL"},
        {HELLO BOTH "+OK ", "x", "a line of more than 65536 bytes"}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct pop3_house house = {0};
        g_autoptr(GError) error = NULL;
        g_autoptr(GString) said = g_string_new(rows[i].start);
        while (said->len < 150000)
            g_string_append_len(said, rows[i].then, MAX((gssize)strlen(rows[i].then), 1));
        open_house(&house, NULL);
        g_assert_false(pop3_house_look(&house, said->str, said->len, &error));
        g_assert_nonnull(strstr(error->message, rows[i].error));
        g_assert_cmpstr(house.got->str, ==, "");
        pop3_house_end(&house);
    }
}

/* A mail with which the connection breaks keeps the others waiting once, and is passed over after
 * some times. */
static void test_poison(void)
{
    static const char broken[] = HELLO BOTH ITS_OK LINE("hel");
    static const char alone[] = HELLO BOTH SECOND ITS_OK LINE("hel");
    static const char without[] = HELLO BOTH SECOND ITS_OK BYE;
    struct pop3_house house = {0};

    open_house(&house, "{'after': <'leave'>}");
    g_assert_false(pop3_house_look(&house, broken, strlen(broken), NULL));
    for (int i = 0; i < 2; i++) {
        g_hash_table_remove_all(house.stored); /* the second comes again each time */
        g_assert_false(pop3_house_look(&house, alone, strlen(alone), NULL));
        g_assert_cmpstr(house.got->str, ==, "two=world!\r\n;");
    }
    g_hash_table_remove_all(house.stored);
    g_assert_true(pop3_house_look(&house, without, strlen(without), NULL));
    g_assert_cmpstr(house.got->str, ==,
        "one!the connection broke each time that it was fetched; it is passed over for an hour;"
        "two=world!\r\n;");
    pop3_house_end(&house);
}

/* Those that have no name are passed over, too. */
static void test_poison_without_a_name(void)
{
    static const char broken[] =
        HELLO LIST(LINE("1 7") LINE("2 8")) LIST(LINE("2 two")) ITS_OK "hel";
    static const char without[] =
        HELLO LIST(LINE("1 7") LINE("2 8")) LIST(LINE("2 two")) SECOND ITS_OK BYE;
    struct pop3_house house = {0};

    open_house(&house, NULL);
    for (int i = 0; i < 3; i++)
        g_assert_false(pop3_house_look(&house, broken, strlen(broken), NULL));
    g_assert_true(pop3_house_look(&house, without, strlen(without), NULL));
    g_assert_cmpstr(house.got->str, ==,
        "mail 1 of this look!the connection broke each time that it was fetched; it is passed over "
        "for an hour;two=world!\r\n;");
    pop3_house_end(&house);
}

/* Fifty are told apart by their bytes; more would be fetched at every look for nothing. */
static void test_many_without_a_name(void)
{
    g_autoptr(GString) said = g_string_new(HELLO ITS_OK);
    struct pop3_house house = {0};
    guint left = 0;

    for (int i = 1; i <= 60; i++)
        g_string_append_printf(said, "%d 5\r\n", i);
    g_string_append(said, LINE(".") LIST(LINE("60 proper")));
    for (int turn = 0; turn < 2; turn++)
        for (int i = 1; i <= 50; i++)
            g_string_append_printf(said, "+OK\r\n%d\r\n.\r\n", i);
    g_string_append(said, FIRST);
    for (int i = 1; i <= 51 + 1; i++)
        g_string_append(said, ITS_OK);
    open_house(&house, NULL);
    g_assert_true(pop3_house_look(&house, said->str, said->len, NULL));
    g_assert_cmpuint(g_hash_table_size(house.texts), ==, 51);
    for (const char *at = house.got->str; (at = strstr(at, "no UIDL of their own")); at++)
        left++;
    g_assert_cmpuint(left, ==, 9);
    g_assert_nonnull(strstr(house.told->str, "DELE 60\r\nQUIT\r\n"));
    pop3_house_end(&house);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(looks); i++) {
        g_autofree char *path = g_strdup_printf("/pop3/look/%s", looks[i].name);
        g_test_add_data_func(path, &looks[i], test_look);
    }
    g_test_add_func("/pop3/cut at any byte", test_cut);
    g_test_add_func("/pop3/stalls at any line", test_stall);
    g_test_add_func("/pop3/bytes without end", test_endless);
    g_test_add_func("/pop3/a mail that breaks the connection", test_poison);
    g_test_add_func("/pop3/one that has no name, too", test_poison_without_a_name);
    g_test_add_func("/pop3/many without a name", test_many_without_a_name);
    return g_test_run();
}

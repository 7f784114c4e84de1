#include "charset.h"
#include "share.h"
#include <fcntl.h>
#include <gmime/gmime.h>
#include <iconv.h>
#include <libxml/HTMLparser.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define B(bytes) bytes, sizeof(bytes) - 1

/* What a sender wrote, what it was called, what people are to read, and which charset that took. */
/* clang-format off */
static const struct {
    const char *label, *bytes;
    gsize size;
    const char *result, *used;
} rows[] = {
    /* 7-bit Japanese */
    {"ISO-2022-JP", B("\x1b$BF|K\\8l$N%a!<%k\x1b(B"), "日本語のメール", "ISO-2022-JP"},
    {"iso-2022-jp", B("\x1b$@F|K\\8l\x1b(J!"), "日本語!", "ISO-2022-JP"},
    {"csISO2022JP", B("\x1b$B-!-j\x1b(B"), "①㈱", "ISO-2022-JP"},
    {"ISO-2022-JP", B("\x1b$By!|b\x1b(B"), "纊髙", "ISO-2022-JP"},
    {"ISO-2022-JP", B("\x1b(I6E\x1b(B"), "ｶﾅ", "ISO-2022-JP"},
    {"ISO-2022-JP", B("a\x0e""6E\x0f""b"), "aｶﾅb", "ISO-2022-JP"},
    {"ISO-2022-JP", B("a\x0e""6`"), "a\uFFFD6`", "ISO-2022-JP"},
    {"ISO-2022-JP", B("\x1b(JC:\\~\x1b(BC:\\~"), "C:¥‾C:\\~", "ISO-2022-JP"},
    {"ISO-2022-JP-1", B("\x1b$(D0!\x1b(B"), "丂", "ISO-2022-JP"},
    {"ISO-2022-JP-2", B("\x1b$A0!\x1b$(C0!\x1b(B"), "啊가", "ISO-2022-JP"},
    {"ISO-2022-JP-3", B("\x1b$(O$w.!\x1b(B"), "か゚俱", "ISO-2022-JP"},
    {"ISO-2022-JP", B("\x1b$($BF|\x1b(B"), "\uFFFD$($BF|", "ISO-2022-JP"},
    {"ISO-2022-JP", B("\x1b$(BF|\x1b&@\x1b$BK\\\x1b(B"), "日本", "ISO-2022-JP"},
    {"CP50221", B("\x1b$B-!\x1b(I1\x1b(B"), "①ｱ", "ISO-2022-JP"},
    {"iso-2002-jp", B("\x1b$B8m5-\x1b(B"), "誤記", "ISO-2022-JP"},
    /* 7-bit Japanese, damaged: the rest follows */
    {"ISO-2022-JP", B("\x1b$B)!F|\x1b(Bx"), "\uFFFD日x", "ISO-2022-JP"},
    {"ISO-2022-JP", B("\x1b$BF|K\x1b(Bx"), "日\uFFFDx", "ISO-2022-JP"},
    {"ISO-2022-JP", B("\x1b$BF|K"), "日\uFFFD", "ISO-2022-JP"},
    {"ISO-2022-JP", B("\x1b$BF| K\\\x1b(Bx"), "日\uFFFD本x", "ISO-2022-JP"},
    {"ISO-2022-JP", B("\x1b$BF|\x0aplain"), "日\nplain", "ISO-2022-JP"},
    {"ISO-2022-JP", B("\x1b$BF|K\x0d\x0aplain"), "日\uFFFD\r\nplain", "ISO-2022-JP"},
    {"ISO-2022-JP", B("a\x1b[31mb"), "a\uFFFD[31mb", "ISO-2022-JP"},
    {"ISO-2022-JP", B("a\x1b"), "a\uFFFD", "ISO-2022-JP"},
    {"ISO-2022-JP", B("a\x1b$"), "a\uFFFD$", "ISO-2022-JP"},
    {"ISO-2022-JP", B("a\x00""b"), "a\uFFFDb", "ISO-2022-JP"},
    {"ISO-2022-JP", B("\x1b$BF|K\\\x1b(B\x1b$B8l\x1b(B"), "日本語", "ISO-2022-JP"},
    {"ISO-2022-JP", B("\x1b$BF|K\\\x1b(B \xe6\x9d\xb1"), "日本 東", "ISO-2022-JP"},
    {"ISO-2022-JP", B("\x1b$BF|K\\\x1b(B \xb6\xc5"), "日本 \uFFFD\uFFFD", "ISO-2022-JP"},
    /* Shift_JIS */
    {"Shift_JIS", B("\x93\xfa\x96{\x8c\xea"), "日本語", "Shift_JIS"},
    {"x-sjis", B("C:\\~\x83\\"), "C:\\~ソ", "Shift_JIS"},
    {"windows-31j", B("\x87@\x87\x8a\xfb\xfc\xed@"), "①㈱髙纊", "Shift_JIS"},
    {"ms_kanji", B("\xb6\xc5"), "ｶﾅ", "Shift_JIS"},
    {"cp932", B("\x81`\x81|\x81""a"), "～－∥", "Shift_JIS"},
    {"CP932", B("\xf0@"), "\uE000", "Shift_JIS"},
    {"Shift_JIS", B("\x93\xfa\x81\"x"), "日\uFFFD\"x", "Shift_JIS"},
    {"Shift_JIS", B("\x93\xfa\x82\xfdx"), "日\uFFFDx", "Shift_JIS"},
    {"Shift_JIS", B("\x93\xfa\xa0\xff\x93"), "日\uFFFD\uFFFD\uFFFD", "Shift_JIS"},
    {"Shift_JIS", B("\x93\xfa\x93\x0a"), "日\uFFFD\n", "Shift_JIS"},
    /* EUC-JP */
    {"EUC-JP", B("\xc6\xfc\xcb\xdc\xb8\xec"), "日本語", "EUC-JP"},
    {"x-euc-jp", B("\xad\xa1\xad\xea\x8e\xb6\x8f\xb0\xa1"), "①㈱ｶ丂", "EUC-JP"},
    {"eucJP-ms", B("\xa1\xc1\xa1\xdd\xfc\xe2"), "～－髙", "EUC-JP"},
    {"EUC-JP", B("\xc6\xfc\xc6<b>"), "日\uFFFD<b>", "EUC-JP"},
    {"EUC-JP", B("\xc6\xfc\x8f\xb0<"), "日\uFFFD<", "EUC-JP"},
    {"EUC-JP", B("\xc6\xfc\xf5\xa1\xc6\xfc"), "日\uFFFD日", "EUC-JP"},
    {"EUC-JP", B("\xc6\xfc\x8f\xb0"), "日\uFFFD", "EUC-JP"},
    /* UTF-8 */
    {"utf8", B("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e \xf0\x9f\x8d\x8a"), "日本語 🍊", "UTF-8"},
    {"unicode-1-1-utf-8", B("\xc3\xa9"), "é", "UTF-8"},
    {"UTF-8", B("\xef\xbb\xbf""abc"), "abc", "UTF-8"},
    {"UTF-8", B("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaax"), "日本\uFFFDx", "UTF-8"},
    {"UTF-8", B("\xe3\x81\x82\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80"), "あ\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD", "UTF-8"},
    {"UTF-8", B("a\x00""b"), "a\uFFFDb", "UTF-8"},
    /* the others, and what mail calls them */
    {"latin1", B("\x93""caf\xe9\x94"), "“café”", "windows-1252"},
    {"ISO-8859-1", B("\x80 5"), "€ 5", "windows-1252"},
    {"us-ascii", B("caf\xe9 \x96 x"), "café – x", "windows-1252"},
    {"ANSI_X3.4-1968", B("plain"), "plain", "us-ascii"},
    {"iso-8859-8-i", B("\xf9\xec"), "של", "ISO-8859-8"},
    {"windows-1251", B("\xcf\xf0"), "Пр", "windows-1251"},
    {"koi8-r", B("\xf0\xd2"), "Пр", "KOI8-R"},
    {"ks_c_5601-1987", B("\xb0\xa1\xb8\xde"), "가메", "EUC-KR"},
    {"gb2312", B("\xe9""F\xd6\xec"), "镕朱", "gb18030"},
    {"x-gbk", B("\x81""0\x81"), "\uFFFD0\uFFFD", "gb18030"},
    {"big5", B("\xa4\xa4\xa4\xe5"), "中文", "Big5"},
    {"big5-hkscs", B("\xa4\xa4\xff<"), "中\uFFFD<", "Big5"},
    {"macintosh", B("\x8e"), "é", "macintosh"},
    {"utf-7", B("+ZeVnLIqe-"), "日本語", "UTF-7"},
    {"iso-2022-kr", B("\x1b$)C\x0e""0!\x0f"), "가", "ISO-2022-KR"},
    {"utf-16", B("\xfe\xff""e\xe5"), "日", "UTF-16"},
    {"utf-16le", B("\xe5""eA\x00x"), "日A\uFFFD", "UTF-16LE"},
    {"utf-16be", B("\xd8\x00\x00""A"), "\uFFFDA", "UTF-16BE"},
    {"iso-8859-15*fr", B("\xa4"), "€", "ISO-8859-15"},
    {"'windows-1252'", B("\x80"), "€", "windows-1252"},
    {"tis-620", B("\xa1"), "ก", "windows-874"},
    /* labels that are wrong */
    {"us-ascii", B("\xe6\x97\xa5\xe6\x9c\xac"), "日本", "UTF-8"},
    {"iso-8859-1", B("\xe6\x97\xa5\xe6\x9c\xac"), "日本", "UTF-8"},
    {"iso-8859-1", B("\xc3\xa9"), "Ã©", "windows-1252"},
    {"Shift_JIS", B("\xe3\x83\xa1\xe3\x83\xbc\xe3\x83\xab \xe3\x81\xa7\xe3\x81\x99"), "メール です", "UTF-8"},
    {"ISO-2022-JP", B("\xe6\x97\xa5\xe6\x9c\xac"), "日本", "UTF-8"},
    {"ISO-2022-JP", B("\x83""e\x83X\x83g\x82\xc5\x82\xb7"), "テストです", "Shift_JIS"},
    {"euc-kr", B("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x81\xae\xe3\x83\xa1\xe3\x83\xbc\xe3\x83\xab"), "日本語のメール", "UTF-8"},
    {"us-ascii", B("\x1b$BF|K\\\x1b(B"), "日本", "ISO-2022-JP"},
    {"iso-8859-1", B("\x1b$BF|K\\\x1b(B"), "日本", "ISO-2022-JP"},
    {"UTF-8", B("\x1b$BF|K\\\x1b(B"), "日本", "ISO-2022-JP"},
    {"Shift_JIS", B("\x1b$BF|K\\\x1b(B"), "日本", "ISO-2022-JP"},
    {"UTF-8", B("\x82\xb1\x82\xea\x82\xcd\x83""e\x83X\x83g\x82\xc5\x82\xb7"), "これはテストです", "Shift_JIS"},
    {"EUC-JP", B("\x95\xf1\x8d\x90\x82\xcc\x83""e\x83X\x83g\x82\xc5\x82\xb7"), "報告のテストです", "Shift_JIS"},
    {"iso-8859-1", B("\x82\xb1\x82\xea\x82\xcd\x83""e\x83X\x83g\x82\xc5\x82\xb7"), "これはテストです", "Shift_JIS"},
    /* no label, or none that there is */
    {NULL, B("plain"), "plain", "us-ascii"},
    {"", B("\xe6\x97\xa5"), "日", "UTF-8"},
    {NULL, B("\x1b$BF|K\\\x1b(B"), "日本", "ISO-2022-JP"},
    {NULL, B("\x95s\x90R\x82\xc8\x83\x81\x81[\x83\x8b\x82\xf0\x8e\xf3\x90M"), "不審なメールを受信", "Shift_JIS"},
    {NULL, B("\xc9\xd4\xbf\xb3\xa4\xca\xa5\xe1\xa1\xbc\xa5\xeb\xa4\xf2\xbc\xf5\xbf\xae"), "不審なメールを受信", "EUC-JP"},
    {NULL, B("\x8eR\x93""c"), "山田", "Shift_JIS"},
    {NULL, B("\xbb\xb3\xc5\xc4\xc2\xc0\xcf\xba"), "山田太郎", "EUC-JP"},
    {NULL, B("\xe9t\xe9 fran\xe7""ais"), "été français", "windows-1252"},
    {NULL, B("don\x92t, can\x92t, it\x92s"), "don’t, can’t, it’s", "windows-1252"},
    {NULL, B("\x93Gr\xf6\xdf""e\x94 \xfc""ber"), "“Größe” über", "windows-1252"},
    {"x-unknown", B("\xe5\xb1\xb1\xe7\x94\xb0\xe6\xa7\x98"), "山田様", "UTF-8"},
    {"no-such-charset", B("caf\xe9"), "café", "windows-1252"},
    {"../../etc/passwd", B("\xe6\x97\xa5"), "日", "UTF-8"},
    {NULL, B("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa"), "日本\uFFFD", "UTF-8"},
};
/* clang-format on */

static char *decode(
    const char *label, const char *bytes, gsize size, const char **used, const char **problem)
{
    /* a copy of the very size, so that reading beyond it is found out */
    g_autofree guint8 *copy = g_memdup2(bytes, size);
    char *text = charset_to_utf8(label, copy, size, used, problem);

    g_assert_true(g_utf8_validate(text, -1, NULL));
    return text;
}

static void test_label_and_bytes_give_text(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *used, *problem;
        g_autofree char *text = decode(rows[i].label, rows[i].bytes, rows[i].size, &used, &problem);
        g_assert_cmpstr(text, ==, rows[i].result);
        g_assert_cmpstr(used, ==, rows[i].used);
        if (strstr(text, "\uFFFD"))
            g_assert_nonnull(problem);
    }
}

static void test_order_does_not_matter(void)
{
    for (gsize i = G_N_ELEMENTS(rows); i-- > 0;) {
        g_autofree char *text = decode(rows[i].label, rows[i].bytes, rows[i].size, NULL, NULL);
        g_assert_cmpstr(text, ==, rows[i].result);
    }
}

static void test_guesses_are_said(void)
{
    static const struct {
        const char *label, *bytes, *problem;
    } said[] = {
        {NULL, "plain", NULL},
        {"UTF-8", "\xe6\x97\xa5", NULL},
        {"us-ascii", "\033$BF|\033(B", NULL},
        {NULL, "\xe6\x97\xa5", "8-bit text that names no charset; it was guessed"},
        {"klingon", "plain", "a charset is named that there is not; it was guessed"},
        {"Shift_JIS", "\033$BF|\033(B",
            "the charset named is not that of the text; it was guessed"},
        {"UTF-8", "a\xff", "some characters are not of the charset; shown as U+FFFD"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(said); i++) {
        const char *problem = "untouched";
        g_free(decode(said[i].label, said[i].bytes, strlen(said[i].bytes), NULL, &problem));
        g_assert_cmpstr(problem, ==, said[i].problem);
    }
}

/* As mail writes names. */
static gboolean is_known(const char *label)
{
    const char *problem = NULL;

    g_free(decode(label, "plain", strlen("plain"), NULL, &problem));
    return !problem || !strstr(problem, "a charset is named that there is not");
}

static void test_labels_that_are_known(void)
{
    static const char *const known[] = {"UTF-8", "utf8", "x-sjis", "ISO_8859-1:1987", "IBM037",
        "windows-1258", "shift_jisx0213", "EUC-TW", "Latin-9", "viscii", "utf-32be"};
    static const char *const unknown[] = {
        "x-klingon", "INTERNAL", "../UTF-8", "UTF-8//IGNORE", "utf-8\n", "\xff", "a b\x7f"};

    for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
        g_assert_true(is_known(known[i]));
    for (gsize i = 0; i < G_N_ELEMENTS(unknown); i++)
        g_assert_false(is_known(unknown[i]));
}

static void test_charsets_that_make_other_words_of_ascii(void)
{
    static const char *const keep[] = {"utf-8", "us-ascii", "iso-2022-jp", "shift_jis", "euc-jp",
        "windows-1252", "koi8-r", "gb18030", "big5", "euc-kr", "iso-2022-kr"};
    static const char *const other[] = {"utf-7", "UTF7", "unicode-1-1-utf-7", "utf-16", "utf-32be",
        "IBM037", "utf-7-imap", "x-klingon"};

    for (gsize i = 0; i < G_N_ELEMENTS(keep); i++)
        g_assert_true(charset_keeps_ascii(keep[i]));
    for (gsize i = 0; i < G_N_ELEMENTS(other); i++)
        g_assert_false(charset_keeps_ascii(other[i]));
}

/* All pairs at once would hide one behind another: each by itself. */
static void test_every_pair_comes_out_in_every_charset(void)
{
    static const char *const labels[] = {"ISO-2022-JP", "Shift_JIS", "EUC-JP", "UTF-8", "Big5",
        "gb18030", "euc-kr", "utf-16", "utf-7", "iso-2022-kr", "iso-2022-cn-ext", "euc-tw", "johab",
        "ibm930", "tscii", "ucs-4"};

    for (gsize i = 0; i < G_N_ELEMENTS(labels); i++)
        for (guint pair = 0; pair < 0x10000; pair += 7) {
            char bytes[] = {'<', (char)(pair >> 8), (char)pair, '>'};
            g_autofree char *text = decode(labels[i], bytes, sizeof bytes, NULL, NULL);
            g_assert_cmpuint(strlen(text), <=, 64);
        }
}

/* The bytes behind an error are still there, in whichever way the text is spoilt. */
static void test_nothing_is_lost_behind_noise(void)
{
    static const char *const labels[] = {"ISO-2022-JP", "Shift_JIS", "EUC-JP", "UTF-8", "Big5",
        "gb18030", "euc-kr", "iso-8859-7", "none"};
    g_autoptr(GRand) random = g_rand_new_with_seed(1468);

    for (guint i = 0; i < 20000; i++) {
        char bytes[40];
        g_autofree char *text = NULL;
        for (gsize k = 0; k < 24; k++)
            bytes[k] = (char)g_rand_int(random);
        memcpy(bytes + 24, "\n\033(B\n the end \n", 16);
        text = decode(labels[i % G_N_ELEMENTS(labels)], bytes, sizeof bytes, NULL, NULL);
        g_assert_nonnull(strstr(text, " the end \n"));
    }
}

/* A megabyte of each kind of trouble; in time that grows with the size alone. */
static void test_hostile_text_is_cheap(void)
{
    static const struct {
        const char *label, *unit;
    } troubles[] = {{"ISO-2022-JP", "\033$B\033(B"}, {"ISO-2022-JP", "\033\xff"},
        {"ISO-2022-JP", "\x0e"},
        {"ISO-2022-JP", "\x0e"
                        "1"},
        {"ISO-2022-JP", "\033"}, {"EUC-JP", "\x8f\xa1"}, {"Shift_JIS", "\x81"},
        {"UTF-8", "\xf0\x90"}, {"utf-7", "+"}, {"utf-7", "+2"}, {"iso-2022-kr", "\x0e\x0f"},
        {"iso-2022-cn-ext", "\033$)A\033$+I"}, {"utf-16", "\xd8"}, {"tscii", "\xaa"},
        {"gb18030", "\x81\x30\x81"}, {NULL, "\x93\x48"}};
    gint64 start = g_get_monotonic_time();

    for (gsize i = 0; i < G_N_ELEMENTS(troubles); i++) {
        GString *text = g_string_new(NULL);
        while (text->len < share_of(1 << 20))
            g_string_append(text, troubles[i].unit);
        g_free(decode(troubles[i].label, text->str, text->len, NULL, NULL));
        g_string_free(text, TRUE);
    }
    g_assert_cmpint(g_get_monotonic_time() - start, <, 60 * G_USEC_PER_SEC);
}

/* From here on whoever opens a file is killed. */
static void forbid_open(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

    seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(open), 0);
    seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(openat), 0);
    seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(openat2), 0);
    if (seccomp_load(filter) < 0)
        _exit(3);
}

static const char *const odd_names[] = {"", " ", "/", "//", "///", ".", "..", "../../x",
    "/etc/passwd", "UTF-8//IGNORE", "UTF-8//IGNORE//TRANSLIT", "UTF-8//TRANSLIT//IGNORE,TRANSLIT",
    "CP932//NONE", "//UTF-8", "INTERNAL", "INTERNAL//", "char", "wchar_t", "UCS-4-INTERNAL",
    "ISO-8859-1,UTF-8", "GCONV_PATH=/tmp", "x-no-such", "%s%s%n", "\xff\xfe", "UTF-8\n",
    "ISO/TR_11548-1/", "ISO-10646/UCS4/", "ISO-10646/UTF8/", "libJIS", "libJIS.so", "CP932.so",
    "../gconv/CP932", "BIG5//BIG5//BIG5"};

static void say_nothing(void *data, const char *format, ...)
{
}

/* All that a library may do with a name that a sender chose. */
static void use_name(const char *name)
{
    g_autofree char *mail =
        g_strdup_printf("Subject: =?%s?Q?=E9?=\nContent-Type: text/plain;\n charset=%s;"
                        "\n name*=%s''%%E9\n\n\xe9\n",
            name, name, name);
    g_autofree char *page =
        g_strdup_printf("<html><head><meta charset=\"%s\"></head>\xe9</html>", name);
    iconv_t way[] = {
        iconv_open("UTF-8", name), iconv_open(name, "UTF-8"), iconv_open("UTF-8//TRANSLIT", name)};
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(mail, strlen(mail));
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(way); i++) {
        char bytes[] = "\xe9\x81 caf\xe9 1", out[256], *from = bytes, *to = out;
        gsize left = sizeof bytes, room = sizeof out;
        if (way[i] == (iconv_t)-1)
            continue;
        iconv(way[i], &from, &left, &to, &room);
        iconv_close(way[i]);
    }
    g_free(charset_to_utf8(name, (const guint8 *)"\xe9\x81", 2, NULL, NULL));
    if (message) {
        g_mime_message_get_subject(message);
        g_free(g_mime_text_part_get_text(GMIME_TEXT_PART(g_mime_message_get_mime_part(message))));
        g_object_unref(message);
    }
    g_object_unref(parser);
    g_object_unref(stream);
    xmlFreeDoc(htmlReadMemory(page, (int)strlen(page), NULL, NULL,
        HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET));
}

/* Every name of this system, as `iconv -l` lists them; empty where there is no such command. */
static char **list_names(void)
{
    char *argv[] = {(char *)"iconv", (char *)"-l", NULL};
    g_autofree char *text = NULL;
    char **names;

    if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &text, NULL, NULL, NULL))
        return g_new0(char *, 1);
    names = g_strsplit_set(text, " ,\n", -1);
    for (guint i = 0; names[i]; i++)
        if (g_str_has_suffix(names[i], "//"))
            names[i][strlen(names[i]) - 2] = '\0';
    return names;
}

/* `at` is shared with the child: the name in hand when it was killed. */
static void use_names(char **names, gsize *at)
{
    g_autofree char *long_name = g_strnfill(10000, 'A');

    xmlSetGenericErrorFunc(NULL, say_nothing);
    forbid_open();
    for (*at = 0; names[*at]; ++*at)
        use_name(names[*at]);
    for (gsize i = 0; i < G_N_ELEMENTS(odd_names); i++, ++*at)
        use_name(odd_names[i]);
    use_name(long_name);
    for (guint i = 0; i < 300; i++, ++*at) {
        g_autofree char *made_up = g_strdup_printf("%s%u", i % 2 ? "IBM" : "ISO-8859-", i);
        use_name(made_up);
    }
    _exit(0);
}

static void test_no_name_opens_a_file_after_warming(void)
{
    g_auto(GStrv) names = list_names();
    gsize *at = mmap(NULL, sizeof *at, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status;
    pid_t child;

    charset_warm(TRUE);
    g_mime_init();
    xmlInitParser();
    child = fork();
    if (child == 0)
        use_names(names, at);
    waitpid(child, &status, 0);
    if (*at < g_strv_length(names))
        g_test_message("name in hand: %s", names[*at]);
    else
        g_test_message("name in hand: number %zu of the odd ones", *at - g_strv_length(names));
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 0);
    g_assert_cmpuint(g_strv_length(names), >, 500);
    munmap(at, sizeof *at);
}

/* The test above would notice a file that is opened. */
static void test_opening_a_file_is_deadly_here(void)
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        forbid_open();
        _exit(close(open("/dev/null", O_RDONLY | O_CLOEXEC)));
    }
    waitpid(child, &status, 0);
    g_assert_true(WIFSIGNALED(status));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/charset/open-is-deadly-here", test_opening_a_file_is_deadly_here);
    g_test_add_func("/charset/no-name-opens-a-file", test_no_name_opens_a_file_after_warming);
    g_test_add_func("/charset/label-bytes-text", test_label_and_bytes_give_text);
    g_test_add_func("/charset/order-does-not-matter", test_order_does_not_matter);
    g_test_add_func("/charset/guesses-are-said", test_guesses_are_said);
    g_test_add_func("/charset/known-labels", test_labels_that_are_known);
    g_test_add_func("/charset/ascii stays", test_charsets_that_make_other_words_of_ascii);
    g_test_add_func("/charset/every-pair", test_every_pair_comes_out_in_every_charset);
    g_test_add_func("/charset/nothing-is-lost", test_nothing_is_lost_behind_noise);
    g_test_add_func("/charset/hostile-text-is-cheap", test_hostile_text_is_cheap);
    return g_test_run();
}

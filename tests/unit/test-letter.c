#include "error.h"
#include "share.h"
#include "text.h"
#include "write.h"
#include <gmime/gmime.h>
#include <string.h>

/* -- letters -- */

static const struct letter plain = {
    .from_name = "さくら工業 CSIRT",
    .from_addr = "csirt@sakura.example",
    .to_name = "",
    .to_addr = "hanako@yamabuki.example",
    .subject = "[SAKURA#2026-0042-K7] ご連絡を受け付けました",
    .text = "受け付けました。\n-- \nさくら工業 CSIRT\n",
    .message_id = "2026-0042.0123456789abcdef.u1@sakura.example",
    .date = 1795167720, /* 2026-11-20 18:42 JST */
    .timezone = "Asia/Tokyo",
    .in_reply_to = "1@yamabuki.example",
    .auto_submitted = "auto-replied",
    .language = "ja",
};

static char *written(const struct letter *letter)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = write_letter(letter, &error);
    gsize size;
    const char *data;

    g_assert_no_error(error);
    data = g_bytes_get_data(bytes, &size);
    g_assert_null(memchr(data, 0, size));
    return g_strndup(data, size);
}

/* 7 bits, CRLF and nothing else, no line over the limit of RFC 5322 section 2.1.1. */
static void check_bytes(const char *mail)
{
    gsize column = 0;

    for (const char *at = mail; *at; at++) {
        g_assert_cmpint((guchar)*at, <, 0x80);
        g_assert_true(*at == '\r' ? at[1] == '\n' : *at >= ' ' || *at == '\t' || *at == '\n');
        g_assert_true(*at != '\n' || (at > mail && at[-1] == '\r'));
        column = *at == '\n' ? 0 : column + 1;
        g_assert_cmpuint(column, <=, 998 + 1);
    }
    g_assert_true(g_str_has_suffix(mail, "\r\n"));
}

static GMimeMessage *parse(const char *mail)
{
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(mail, strlen(mail));
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);

    g_object_unref(parser);
    g_object_unref(stream);
    g_assert_nonnull(message);
    return message;
}

/* Names of the header fields as they stand in the bytes, in their order, without a parser. */
static char *field_names(const char *mail)
{
    g_autofree char *head = g_strndup(mail, (gsize)(strstr(mail, "\r\n\r\n") - mail));
    g_auto(GStrv) lines = g_strsplit(head, "\r\n", -1);
    GString *names = g_string_new(NULL);

    for (char **line = lines; *line; line++)
        if (**line != ' ' && **line != '\t')
            g_string_append_printf(names, "%.*s\n", (int)strcspn(*line, ":"), *line);
    return g_string_free(names, FALSE);
}

static const char *field(GMimeMessage *message, const char *name)
{
    const char *value = g_mime_object_get_header(GMIME_OBJECT(message), name);
    return value ?: g_mime_object_get_header(g_mime_message_get_mime_part(message), name);
}

static char *body(GMimeMessage *message)
{
    GMimeObject *part = g_mime_message_get_mime_part(message);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    g_assert_true(GMIME_IS_TEXT_PART(part));
    text = g_mime_text_part_get_text(GMIME_TEXT_PART(part));
    lines = g_strsplit(text, "\r\n", -1);
    return g_strjoinv("\n", lines);
}

static void test_letter_has_the_fields_of_an_automatic_answer(void)
{
    static const struct {
        const char *name, *value;
    } fields[] = {
        {"Message-Id", "<2026-0042.0123456789abcdef.u1@sakura.example>"},
        {"In-Reply-To", "<1@yamabuki.example>"},
        {"References", "<0@yamabuki.example> <1@yamabuki.example>"},
        {"Auto-Submitted", "auto-replied"},
        {"X-Auto-Response-Suppress", "All"},
        {"Date", "Fri, 20 Nov 2026 18:42:00 +0900"},
        {"To", "hanako@yamabuki.example"},
        {"MIME-Version", "1.0"},
        {"Subject", "[SAKURA#2026-0042-K7] ご連絡を受け付けました"},
        {"Content-Type", "text/plain; charset=utf-8"},
        {"Content-Transfer-Encoding", "base64"},
        {"Content-Language", "ja"},
    };
    char *references[] = {(char *)"0@yamabuki.example", (char *)"1@yamabuki.example", NULL};
    struct letter letter = plain;
    g_autofree char *mail = NULL, *text = NULL;
    GMimeMessage *message;

    letter.references = references;
    mail = written(&letter);
    g_test_message("%s", mail);
    check_bytes(mail);
    message = parse(mail);
    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++)
        g_assert_cmpstr(field(message, fields[i].name), ==, fields[i].value);
    text = body(message);
    g_assert_cmpstr(text, ==, plain.text);
    g_object_unref(message);
}

static void test_a_persons_letter_is_not_automatic(void)
{
    struct letter letter = plain;
    g_autofree char *mail = NULL, *names = NULL;

    letter.auto_submitted = NULL;
    letter.in_reply_to = NULL;
    mail = written(&letter);
    names = field_names(mail);
    g_assert_null(strstr(names, "Auto-Submitted"));
    g_assert_null(strstr(names, "Suppress"));
    g_assert_null(strstr(names, "In-Reply-To"));
    g_assert_null(strstr(names, "References"));
}

static void test_text_comes_through_whole(void)
{
    g_autofree char *long_line = g_strnfill(5000, 'x');
    const struct {
        const char *text, *encoding, *read;
    } cases[] = {
        {"Hello\n", "quoted-printable", NULL},
        {"=20 is a blank\nFrom here\n.\n..\ntrailing \n\tTab\t\n", "quoted-printable", NULL},
        {"caf\xc3\xa9 au lait, quite a lot of it\n", "quoted-printable", NULL},
        {"日本語の本文\n\n■ 二行目\n", "base64", NULL},
        {long_line, "quoted-printable", NULL},
        {"one\r\ntwo\r\n", "quoted-printable", "one\ntwo\n"},
        {"bell\a esc\x1b \xe2\x80\xae\n", "quoted-printable", "bell\\x07 esc\\x1B \\u{202E}\n"},
        {"", "quoted-printable", NULL},
        {"no line end", "quoted-printable", NULL},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct letter letter = plain;
        g_autofree char *mail = NULL, *text = NULL, *expected = NULL;
        GMimeMessage *message;
        letter.text = cases[i].text;
        mail = written(&letter);
        check_bytes(mail);
        message = parse(mail);
        g_assert_cmpstr(field(message, "Content-Transfer-Encoding"), ==, cases[i].encoding);
        text = body(message);
        g_assert_cmpstr(
            g_strchomp(text), ==, g_strchomp(expected = g_strdup(cases[i].read ?: cases[i].text)));
        g_object_unref(message);
    }
}

/* RFC 2045 section 6.7: 76 characters, and none of them "From " at the start. */
static void test_no_line_is_too_long(void)
{
    for (int length = 60; length < 160; length++) {
        struct letter letter = plain;
        g_autofree char *many = g_strnfill((gsize)length, 'x');
        g_autofree char *said = g_strdup_printf("From %s\nFrom %s =\n", many, many);
        g_autofree char *mail = NULL, *text = NULL;
        GMimeMessage *message;
        letter.text = said;
        mail = written(&letter);
        for (const char *line = strstr(mail, "\r\n\r\n") + 4; *line;
             line += strcspn(line, "\n") + 1) {
            g_assert_cmpuint(strcspn(line, "\r"), <=, 76);
            g_assert_false(g_str_has_prefix(line, "From "));
        }
        message = parse(mail);
        text = body(message);
        g_assert_cmpstr(text, ==, said);
        g_object_unref(message);
    }
}

static void test_the_zone_is_told(void)
{
    static const struct {
        const char *zone, *date;
    } cases[] = {
        {"Asia/Tokyo", "Fri, 20 Nov 2026 18:42:00 +0900"},
        {"Europe/Paris", "Fri, 20 Nov 2026 10:42:00 +0100"},
        {"UTC", "Fri, 20 Nov 2026 09:42:00 +0000"},
        {"Nowhere/Land", "Fri, 20 Nov 2026 09:42:00 +0000"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct letter letter = plain;
        g_autofree char *mail = NULL;
        letter.timezone = cases[i].zone;
        mail = written(&letter);
        g_assert_nonnull(strstr(mail, cases[i].date));
    }
}

static void test_unsafe_addresses_and_ids_are_refused(void)
{
    static const char *const bad[] = {"", "hanako", "a b@c.example",
        "a@b.example\nBcc: x@y.example", "<a@b.example>", "a@b.example, c@d.example",
        "a@b@c.example", "\"a\"@b.example", "山吹@yamabuki.example", NULL};
    static const gsize places[] = {G_STRUCT_OFFSET(struct letter, to_addr),
        G_STRUCT_OFFSET(struct letter, from_addr), G_STRUCT_OFFSET(struct letter, message_id)};

    for (gsize i = 0; i < G_N_ELEMENTS(places); i++)
        for (gsize k = 0; k < G_N_ELEMENTS(bad); k++) {
            struct letter letter = plain;
            g_autoptr(GError) error = NULL;
            if (i == 2 && g_strcmp0(bad[k], "a@b@c.example") == 0)
                continue; /* that may stand in a Message-ID */
            *(const char **)((guint8 *)&letter + places[i]) = bad[k];
            g_assert_null(write_letter(&letter, &error));
            g_assert_error(error, MADO_ERROR, MADO_E_BAD_DATA);
        }
}

static void test_a_strangers_bad_id_is_left_out(void)
{
    char *references[] = {(char *)"good@yamabuki.example",
        (char *)"x@y>\r\nBcc: all@yamabuki.example", (char *)"", (char *)"a b@c", NULL};
    struct letter letter = plain;
    g_autofree char *mail = NULL;

    letter.in_reply_to = "x@y\r\nBcc: z@y.example";
    letter.references = references;
    mail = written(&letter);
    g_assert_null(strstr(mail, "Bcc"));
    g_assert_null(strstr(mail, "In-Reply-To"));
    g_assert_nonnull(strstr(mail, "References: <good@yamabuki.example>\r\n"));
}

/* -- nothing gets in -- */

static const char all_fields[] = "From\nTo\nSubject\nDate\nMessage-Id\nIn-Reply-To\nReferences\n"
                                 "Auto-Submitted\nX-Auto-Response-Suppress\nMIME-Version\n"
                                 "Content-Type\nContent-Transfer-Encoding\nContent-Language\n";

static int compare_strings(gconstpointer a, gconstpointer b)
{
    return g_ascii_strcasecmp(*(char *const *)a, *(char *const *)b);
}

static char *sorted(const char *names)
{
    char **list = g_strsplit(names, "\n", -1);
    char *joined;

    qsort(list, g_strv_length(list), sizeof *list, compare_strings);
    joined = g_strjoinv("\n", list);
    g_strfreev(list);
    return joined;
}

static gboolean decode_word(const GMatchInfo *match, GString *out, gpointer data)
{
    g_autofree char *word = g_match_info_fetch(match, 1);
    g_autofree char *decoded = g_mime_utils_header_decode_text(NULL, word);

    g_assert_true(g_utf8_validate(decoded, -1, NULL)); /* no character is split between words */
    g_string_append(out, decoded);
    return FALSE;
}

#define WORD "=\\?[a-z0-9-]+\\?[QB]\\?[^?\\s]*\\?="

/* The subject as it stands in the bytes, each encoded word for itself: GMime 3.2.13 forgets what
 * follows a padded one. */
static char *subject_of(const char *mail)
{
    /* with the blanks between two of them */
    g_autoptr(GRegex) words =
        g_regex_new("(" WORD ")(?:\\s+(?=" WORD "))?", G_REGEX_CASELESS, 0, NULL);
    const char *start = strstr(mail, "\r\nSubject: ") + strlen("\r\nSubject: ");
    const char *end = strstr(start, "\r\n");
    g_autofree char *raw = NULL, *unfolded = NULL;
    g_auto(GStrv) lines = NULL;

    while (end[2] == ' ' || end[2] == '\t')
        end = strstr(end + 2, "\r\n");
    raw = g_strndup(start, (gsize)(end - start));
    lines = g_strsplit(raw, "\r\n", -1);
    unfolded = g_strjoinv("", lines);
    return g_regex_replace_eval(words, unfolded, -1, 0, 0, decode_word, NULL, NULL);
}

/* Read back as it was meant: on one line, harmless, and with nothing in it that is decoded. */
static void check_subject(const struct letter *letter, const char *mail)
{
    g_autofree char *valid = g_utf8_make_valid(letter->subject, -1);
    g_autofree char *harmless = text_harmless(g_strstrip(g_strdelimit(valid, "\r\n\t", ' ')), NULL);
    g_auto(GStrv) parts = g_strsplit(harmless, "=?", -1);
    g_autofree char *meant = g_strjoinv("= ?", parts);

    g_autofree char *got = subject_of(mail);

    g_assert_cmpstr(got, ==, meant);
}

/* Exactly the fields that were meant, each once, and the addresses that were meant. */
static void check_nothing_got_in(const struct letter *letter)
{
    g_autofree char *mail = written(letter);
    g_autofree char *names = field_names(mail);
    g_autofree char *got = sorted(names), *expected = sorted(all_fields);
    GMimeMessage *message = parse(mail);
    InternetAddressList *all = g_mime_message_get_all_recipients(message);

    check_bytes(mail);
    check_subject(letter, mail);
    if (g_ascii_strcasecmp(got, expected) != 0)
        g_error("fields: %s", got);
    g_assert_cmpint(internet_address_list_length(all), ==, 1);
    g_assert_cmpstr(internet_address_mailbox_get_addr(
                        INTERNET_ADDRESS_MAILBOX(internet_address_list_get_address(all, 0))),
        ==, letter->to_addr);
    g_assert_cmpint(internet_address_list_length(g_mime_message_get_from(message)), ==, 1);
    g_assert_true(GMIME_IS_TEXT_PART(g_mime_message_get_mime_part(message)));
    g_object_unref(all);
    g_object_unref(message);
}

static char *hostile_text(void)
{
    static const char *const pieces[] = {"\r\n", "\n", "\r", "Bcc: x@y.example", ":", "\"", "<",
        ">", ",", ";", "=?utf-8?q?=0D=0ABcc:_x?=", "=?", "?=", "\\", "(", ")", " ", "\t", "日本語",
        "山", "\xe2\x80\xae", "\xc2\x85", "\xe2\x80\xa8", "\xff", "\x1b[2J", "\x01", "a",
        "\r\n\r\n", "--", "Subject: x", "\xf0\x9f\x98\x80",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"};
    GString *text = g_string_new(NULL);

    for (int i = g_test_rand_int_range(0, 20); i > 0; i--)
        g_string_append(text, pieces[g_test_rand_int_range(0, G_N_ELEMENTS(pieces))]);
    return g_string_free(text, FALSE);
}

static void test_hostile_values_become_no_header(void)
{
    static const char *const hostile[] = {"", " ", "x\r\nBcc: y@z.example", "x\nBcc: y@z.example",
        "x\rBcc: y@z.example", "\r\n\r\nbody",
        "=?utf-8?b?DQpCY2M6IHlAei5leGFtcGxl?=", "\xe2\x80\xae\xe2\x81\xa6", "a\"b\\c",
        "a <b@c.example>", "\xff\xfe"};

    for (gsize i = 0; i < G_N_ELEMENTS(hostile); i++) {
        struct letter letter = plain;
        char *references[] = {(char *)"0@yamabuki.example", (char *)hostile[i], NULL};
        letter.subject = letter.from_name = letter.to_name = letter.text = hostile[i];
        letter.references = references;
        check_nothing_got_in(&letter);
    }
}

static void test_long_values_are_folded(void)
{
    static const char *const units[] = {"x", "長", "x ", "長 ", "\"", "=?", "\xf0\x9f\x98\x80"};

    for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
        GString *text = g_string_new(NULL);
        struct letter letter = plain;
        char *references[201] = {NULL};
        while (g_utf8_strlen(text->str, -1) < 2000)
            g_string_append(text, units[i]);
        for (int k = 0; k < 200; k++)
            references[k] = (char *)"0123456789012345678901234567890123456789@yamabuki.example";
        letter.subject = letter.from_name = letter.to_name = text->str;
        letter.references = references;
        check_nothing_got_in(&letter);
        g_string_free(text, TRUE);
    }
}

static void test_no_header_in_ten_thousand_tries(void)
{
    g_autoptr(mado_template) template =
        template_parse("Subject: [{{a}}] {{b}}\n\n{{a}}\n{{b}}\n", "x.tmpl", NULL);

    for (gsize i = 0; i < share_of(10000); i++) {
        g_autofree char *one = hostile_text(), *two = hostile_text(), *three = hostile_text();
        g_autoptr(mado_values) values = values_new();
        g_autofree char *subject = NULL, *text = NULL;
        char *references[] = {(char *)"0@yamabuki.example", one, two, NULL};
        struct letter letter = plain;

        values_set(values, "a", one);
        values_set(values, "b", two);
        template_render(template, values, &subject, &text);
        g_assert_null(strpbrk(subject, "\r\n"));
        letter.subject = i % 2 ? subject : three;
        letter.text = text;
        letter.from_name = two;
        letter.to_name = three;
        letter.references = references;
        check_nothing_got_in(&letter);
    }
}

/* -- ISO-2022-JP -- */

static void test_what_jis_has_not_is_named(void)
{
    static const struct {
        const char *text, *unfit;
    } rows[] = {
        {"plain ASCII, 漢字かなカナ、(全角)ABC。", ""},
        {"～－∥―", ""},
        {"①と②と①", "① ②"},
        {"半角ｶﾅ", "ｶ ﾅ"},
        {"😀", "😀"},
        {"Zürich", "ü"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *unfit = write_unfit(rows[i].text, WRITE_JIS);
        g_autofree char *utf8 = write_unfit(rows[i].text, "");
        g_assert_cmpstr(unfit, ==, rows[i].unfit);
        g_assert_cmpstr(utf8, ==, "");
    }
}

static void test_a_letter_in_jis_is_read_back(void)
{
    struct letter letter = plain;
    g_autoptr(GError) error = NULL;
    g_autofree char *mail = NULL, *words = NULL;
    g_autoptr(GBytes) bytes = NULL, refused = NULL;

    letter.charset = WRITE_JIS;
    letter.text = "確認～いたします。\n\nABC\n";
    mail = written(&letter);
    check_bytes(mail);
    g_assert_nonnull(strstr(mail, "charset=iso-2022-jp"));
    g_assert_null(strstr(mail, "utf-8"));
    bytes = g_bytes_new(mail, strlen(mail));
    words = write_words_of(bytes);
    g_assert_cmpstr(
        words, ==, "[SAKURA#2026-0042-K7] ご連絡を受け付けました\n確認〜いたします。\n\nABC\n");
    letter.text = "①";
    refused = write_letter(&letter, &error);
    g_assert_null(refused);
    g_assert_error(error, MADO_ERROR, MADO_E_BAD_DATA);
    g_assert_nonnull(strstr(error->message, "①"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_mime_init();
    g_test_add_func("/letter/no line is too long", test_no_line_is_too_long);
    g_test_add_func(
        "/letter/fields of an automatic answer", test_letter_has_the_fields_of_an_automatic_answer);
    g_test_add_func("/letter/a person's is not automatic", test_a_persons_letter_is_not_automatic);
    g_test_add_func("/letter/text comes through whole", test_text_comes_through_whole);
    g_test_add_func("/letter/the zone is told", test_the_zone_is_told);
    g_test_add_func(
        "/letter/unsafe addresses and ids are refused", test_unsafe_addresses_and_ids_are_refused);
    g_test_add_func("/letter/a stranger's bad id is left out", test_a_strangers_bad_id_is_left_out);
    g_test_add_func(
        "/letter/hostile values become no header", test_hostile_values_become_no_header);
    g_test_add_func("/letter/long values are folded", test_long_values_are_folded);
    g_test_add_func("/letter/what JIS has not is named", test_what_jis_has_not_is_named);
    g_test_add_func("/letter/one in JIS is read back", test_a_letter_in_jis_is_read_back);
    g_test_add_func("/letter/no header in 10,000 tries", test_no_header_in_ten_thousand_tries);
    return g_test_run();
}

#include "write.h"
#include "error.h"
#include <gmime/gmime.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeObject, g_object_unref)

static const char inner_subject[] = "[SAKURA#2026-0042-K7] ご連絡を受け付けました";
static const char outer_subject[] = "[SAKURA#2026-0042-K7]";

static const struct letter plain = {
    .from_name = "さくら工業 CSIRT",
    .from_addr = "csirt@sakura.example",
    .to_name = "",
    .to_addr = "hanako@yamabuki.example",
    .subject = inner_subject,
    .text = "From here on it is ours. \n\nFrom there, too.\t\n.\n-- \nさくら工業 CSIRT\n",
    .message_id = "2026-0042.0123456789abcdef.u1@sakura.example",
    .date = 1795167720,
    .timezone = "Asia/Tokyo",
    .in_reply_to = "1@yamabuki.example",
    .auto_submitted = "auto-replied",
    .language = "ja",
};

static GBytes *letter_bytes(const struct letter *letter)
{
    g_autoptr(GError) error = NULL;
    GBytes *bytes = write_letter(letter, &error);

    g_assert_no_error(error);
    return bytes;
}

static char *text_of(GBytes *bytes)
{
    gsize size;
    const char *data = g_bytes_get_data(bytes, &size);

    g_assert_null(memchr(data, 0, size));
    return g_strndup(data, size);
}

static GBytes *bytes_of(const char *text)
{
    return g_bytes_new(text, strlen(text));
}

/* The field with its further lines, as it stands there; NULL if there is none. */
static char *field(const char *mail, const char *name)
{
    g_autofree char *head = g_strndup(mail, (gsize)(strstr(mail, "\r\n\r\n") + 2 - mail));
    g_autofree char *unfolded = NULL;
    g_auto(GStrv) lines = NULL, parts = g_strsplit(head, "\r\n ", -1);
    g_autofree char *start = g_strdup_printf("%s: ", name);

    unfolded = g_strjoinv(" ", parts);
    lines = g_strsplit(unfolded, "\r\n", -1);
    for (char **line = lines; *line; line++)
        if (g_str_has_prefix(*line, start))
            return g_strdup(*line + strlen(start));
    return NULL;
}

static void assert_field(const char *mail, const char *name, const char *value)
{
    g_autofree char *is = field(mail, name);

    g_test_message("%s: %s", name, is);
    g_assert_cmpstr(is, ==, value);
}

static char *names_of(const char *mail)
{
    g_autofree char *head = g_strndup(mail, (gsize)(strstr(mail, "\r\n\r\n") - mail));
    g_auto(GStrv) lines = g_strsplit(head, "\r\n", -1);
    GString *names = g_string_new(NULL);

    for (char **line = lines; *line; line++)
        if (**line != ' ' && **line != '\t')
            g_string_append_printf(
                names, "%s%.*s", names->len ? " " : "", (int)strcspn(*line, ":"), *line);
    return g_string_free(names, FALSE);
}

static GMimeObject *parse(const char *mail)
{
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(mail, strlen(mail));
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeObject *part = g_mime_parser_construct_part(parser, NULL);

    g_object_unref(parser);
    g_object_unref(stream);
    g_assert_nonnull(part);
    return part;
}

/* What a signature may be put on: RFC 3156 section 5. */
static void check_canonical(const char *entity)
{
    g_assert_true(g_str_is_ascii(entity));
    g_assert_true(g_str_has_suffix(entity, "\r\n"));
    g_assert_null(strstr(entity, " \r\n"));
    g_assert_null(strstr(entity, "\t\r\n"));
    g_assert_null(strstr(entity, "\nFrom "));
    for (const char *at = entity; *at; at++)
        g_assert_true(*at == '\r' ? at[1] == '\n' : *at != '\n' || at[-1] == '\r');
}

/* -- the entity -- */

static void test_signed_entity_protects_the_header(void)
{
    g_autoptr(GBytes) letter = letter_bytes(&plain), entity = write_entity(letter, NULL);
    g_autofree char *mail = text_of(letter), *text = text_of(entity), *names = names_of(text);
    static const char *const same[] = {"From", "To", "Subject", "Date", "Message-Id", "In-Reply-To",
        "Auto-Submitted", "X-Auto-Response-Suppress"};
    g_autoptr(GMimeObject) part = parse(text);
    GMimeContentType *type = g_mime_object_get_content_type(part);

    g_test_message("%s", text);
    check_canonical(text);
    for (gsize i = 0; i < G_N_ELEMENTS(same); i++) {
        g_autofree char *outside = field(mail, same[i]);
        g_assert_nonnull(outside);
        assert_field(text, same[i], outside);
    }
    g_assert_null(strstr(names, "MIME-Version"));
    g_assert_null(strstr(names, "HP-Outer"));
    g_assert_cmpstr(g_mime_content_type_get_parameter(type, "hp"), ==, "clear");
    g_assert_cmpstr(g_mime_content_type_get_parameter(type, "protected-headers"), ==, "v1");
    g_assert_cmpstr(g_mime_content_type_get_parameter(type, "charset"), ==, "utf-8");
}

static char *without_return(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\r\n", -1);
    return g_strjoinv("\n", lines);
}

static void test_text_comes_back(void)
{
    g_autoptr(GBytes) letter = letter_bytes(&plain), entity = write_entity(letter, NULL);
    g_autofree char *text = text_of(entity), *body = NULL, *lines = NULL;
    g_autoptr(GMimeObject) part = parse(text);

    body = g_mime_text_part_get_text(GMIME_TEXT_PART(part));
    lines = without_return(body);
    g_assert_cmpstr(lines, ==, plain.text);
}

static void test_sealed_entity_says_what_is_outside(void)
{
    g_autoptr(GBytes) letter = letter_bytes(&plain);
    g_autoptr(GBytes) entity = write_entity(letter, outer_subject);
    g_autofree char *text = text_of(entity);
    g_autofree char *subject = field(text, "Subject");
    g_autoptr(GMimeObject) part = parse(text);
    GMimeContentType *type = g_mime_object_get_content_type(part);
    static const char *const outer[] = {"HP-Outer: From: =?", "HP-Outer: To: hanako@",
        "HP-Outer: Subject: [SAKURA#2026-0042-K7]\r\n",
        "HP-Outer: Date: ", "HP-Outer: Message-Id: <2026-0042.", "HP-Outer: In-Reply-To: <1@",
        "HP-Outer: Auto-Submitted: auto-replied\r\n"};

    g_test_message("%s", text);
    check_canonical(text);
    g_assert_cmpstr(g_mime_content_type_get_parameter(type, "hp"), ==, "cipher");
    g_assert_cmpstr(g_mime_content_type_get_parameter(type, "protected-headers"), ==, "v1");
    for (gsize i = 0; i < G_N_ELEMENTS(outer); i++)
        g_assert_nonnull(strstr(text, outer[i]));
    g_assert_nonnull(strstr(subject, "=?"));
    g_assert_null(strstr(text, "HP-Outer: Content-"));
    g_assert_null(strstr(text, "HP-Outer: MIME-"));
}

/* A further line that has nothing but blanks must not end the header early. */
static void test_blanks_do_not_end_the_header(void)
{
    g_autoptr(GBytes) letter =
        bytes_of("Subject: one \r\n \t\r\n  two \r\nContent-Type: text/plain\r\n"
                 "\r\nbody \r\n\r\n");
    g_autoptr(GBytes) entity = write_entity(letter, NULL);
    g_autofree char *text = text_of(entity);

    g_assert_cmpstr(text, ==,
        "Subject: one\r\n  two\r\nContent-Type: text/plain;\r\n"
        " protected-headers=\"v1\"; hp=\"clear\"\r\n\r\nbody\r\n\r\n");
}

static void test_any_subject_is_canonical(void)
{
    static const char *const bits[] = {"窓口", " ", "  ", "?", "=?", "From ", "verbose", "ä", "\t",
        "[SAKURA#2026-0042-K7]", "-", "長い件名をここに", "a-rather-long-word-without-any-blank"};
    g_autoptr(GRand) random = g_rand_new_with_seed(4);

    for (int i = 0; i < 300; i++) {
        g_autoptr(GString) subject = g_string_new(NULL);
        struct letter letter = plain;
        g_autoptr(GBytes) bytes = NULL, entity = NULL;
        g_autofree char *text = NULL, *names = NULL;
        for (int n = g_rand_int_range(random, 0, 30); n > 0; n--)
            g_string_append(subject, bits[g_rand_int_range(random, 0, (gint32)G_N_ELEMENTS(bits))]);
        letter.subject = subject->str;
        letter.text = subject->str;
        bytes = letter_bytes(&letter);
        entity = write_entity(bytes, i % 2 ? outer_subject : NULL);
        text = text_of(entity);
        names = names_of(text);
        check_canonical(text);
        g_assert_nonnull(strstr(names, "Content-Type"));
    }
}

/* -- signed -- */

static const char armour[] = "-----BEGIN PGP SIGNATURE-----\n\niQIz\n-----END PGP SIGNATURE-----\n";

static char *boundary_of(const char *mail)
{
    g_autoptr(GMimeObject) part = parse(mail);
    GMimeContentType *type = g_mime_object_get_content_type(part);

    return g_strdup(g_mime_content_type_get_parameter(type, "boundary"));
}

/* Between the first boundary and the second one: what a verifier takes (RFC 2046 5.1.1). */
static char *first_part(const char *mail)
{
    g_autofree char *boundary = boundary_of(mail);
    g_autofree char *opens = g_strdup_printf("\r\n--%s\r\n", boundary);
    const char *start = strstr(mail, opens) + strlen(opens);

    return g_strndup(start, (gsize)(strstr(start, opens) - start));
}

static char *signed_mail(const struct letter *wanted, const struct detached *signature)
{
    g_autoptr(GBytes) letter = letter_bytes(wanted), entity = write_entity(letter, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = write_signed(letter, entity, signature, &error);
    g_autofree char *text = text_of(entity), *mail = NULL, *part = NULL;

    g_assert_no_error(error);
    mail = text_of(bytes);
    g_test_message("%s", mail);
    part = first_part(mail);
    g_assert_cmpstr(part, ==, text);
    return g_steal_pointer(&mail);
}

static void check_parts(const char *mail, const char *protocol, int count)
{
    g_autoptr(GMimeObject) part = parse(mail);
    GMimeContentType *type = g_mime_object_get_content_type(part);

    g_assert_true(GMIME_IS_MULTIPART(part));
    g_assert_cmpint(g_mime_multipart_get_count(GMIME_MULTIPART(part)), ==, count);
    g_assert_cmpstr(g_mime_content_type_get_parameter(type, "protocol"), ==, protocol);
}

static void test_pgp_signed(void)
{
    g_autoptr(GBytes) signature = bytes_of(armour);
    g_autofree char *mail = signed_mail(&plain, &(struct detached){signature, "pgp-sha512", FALSE});
    g_autofree char *names = names_of(mail), *subject = field(mail, "Subject");
    g_autofree char *type = field(mail, "Content-Type");

    check_parts(mail, "application/pgp-signature", 2);
    g_assert_nonnull(strstr(type, "micalg=\"pgp-sha512\""));
    g_assert_nonnull(strstr(subject, "=?"));
    g_assert_null(strstr(names, "Content-Language"));
    g_assert_nonnull(strstr(names, "MIME-Version"));
    g_assert_nonnull(strstr(mail, "\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\niQIz\r\n"));
}

static void test_cms_signed(void)
{
    static const guchar der[] = {0x30, 0x80, 0, 1, 2, 0xff};
    g_autoptr(GBytes) signature = g_bytes_new_static(der, sizeof der);
    g_autofree char *mail = signed_mail(&plain, &(struct detached){signature, "sha-256", TRUE});

    check_parts(mail, "application/pkcs7-signature", 2);
    g_assert_nonnull(strstr(mail, "name=\"smime.p7s\"\r\nContent-Transfer-Encoding: base64\r\n"));
    g_assert_nonnull(strstr(mail, "\r\n\r\nMIAAAQL/\r\n"));
}

static void test_boundaries_are_new_each_time(void)
{
    g_autoptr(GBytes) signature = bytes_of(armour);
    const struct detached detached = {signature, "pgp-sha256", FALSE};
    g_autofree char *one = signed_mail(&plain, &detached), *two = signed_mail(&plain, &detached);
    g_autofree char *first = boundary_of(one), *second = boundary_of(two);

    g_assert_cmpstr(first, !=, second);
}

static void test_what_is_not_fit_is_refused(void)
{
    static const struct {
        const char *signature, *micalg;
    } rows[] = {
        {armour, "pgp-sha256\"\r\nBcc: x"},
        {armour, ""},
        {"", "pgp-sha256"},
        {"-----BEGIN \xff", "pgp-sha256"},
    };
    g_autoptr(GBytes) letter = letter_bytes(&plain), entity = write_entity(letter, NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GBytes) signature = bytes_of(rows[i].signature);
        const struct detached detached = {signature, rows[i].micalg, FALSE};
        g_autoptr(GError) error = NULL, again = NULL;
        g_assert_null(write_signed(letter, entity, &detached, &error));
        g_assert_error(error, MADO_ERROR, MADO_E_BAD_DATA);
        g_assert_null(write_signed_entity(entity, &detached, &again));
        g_assert_nonnull(strstr(again->message, "nothing was sent"));
    }
}

/* -- sealed -- */

static const char cipher[] = "-----BEGIN PGP MESSAGE-----\n\nhQEM\n-----END PGP MESSAGE-----\n";

static char *sealed_mail(const char *subject, const struct sealed_content *sealed)
{
    g_autoptr(GBytes) letter = letter_bytes(&plain);
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = write_sealed(letter, subject, sealed, &error);
    g_autofree char *mail = NULL;

    g_assert_no_error(error);
    mail = text_of(bytes);
    g_test_message("%s", mail);
    return g_steal_pointer(&mail);
}

static void check_outside(const char *mail, const char *subject)
{
    g_autofree char *names = names_of(mail);

    assert_field(mail, "Subject", subject);
    assert_field(mail, "Message-Id", "<2026-0042.0123456789abcdef.u1@sakura.example>");
    assert_field(mail, "In-Reply-To", "<1@yamabuki.example>");
    assert_field(mail, "Auto-Submitted", "auto-replied");
    assert_field(mail, "To", "hanako@yamabuki.example");
    assert_field(mail, "Date", "Fri, 20 Nov 2026 18:42:00 +0900");
    g_assert_null(strstr(names, "Language"));
    g_assert_null(strstr(names, "HP-Outer"));
}

static void test_pgp_sealed(void)
{
    g_autoptr(GBytes) bytes = bytes_of(cipher);
    g_autofree char *mail = sealed_mail(outer_subject, &(struct sealed_content){bytes, FALSE});
    g_autofree char *part = first_part(mail);

    check_outside(mail, outer_subject);
    check_parts(mail, "application/pgp-encrypted", 2);
    g_assert_cmpstr(part, ==, "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n");
    g_assert_nonnull(strstr(mail, "\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQEM\r\n"));
}

static void test_cms_sealed(void)
{
    static const guchar der[] = {0x30, 0x80, 0, 1, 2, 0xff};
    g_autoptr(GBytes) bytes = g_bytes_new_static(der, sizeof der);
    g_autofree char *mail = sealed_mail("[...]", &(struct sealed_content){bytes, TRUE});

    check_outside(mail, "[...]");
    assert_field(mail, "Content-Type",
        "application/pkcs7-mime; smime-type=enveloped-data; name=\"smime.p7m\"");
    assert_field(mail, "Content-Transfer-Encoding", "base64");
    g_assert_true(g_str_has_suffix(mail, "\r\n\r\nMIAAAQL/\r\n"));
}

/* Of what came out of a key nothing is taken for ciphertext that is none. */
static void test_nothing_is_no_seal(void)
{
    static const char *const not_sealed[] = {"", "\xff"};
    g_autoptr(GBytes) letter = letter_bytes(&plain);

    for (gsize i = 0; i < G_N_ELEMENTS(not_sealed); i++) {
        g_autoptr(GBytes) bytes = bytes_of(not_sealed[i]);
        g_autoptr(GError) error = NULL;
        g_assert_null(
            write_sealed(letter, outer_subject, &(struct sealed_content){bytes, FALSE}, &error));
        g_assert_error(error, MADO_ERROR, MADO_E_BAD_DATA);
    }
}

/* -- what comes with a letter -- */

static void test_attachment(void)
{
    g_autoptr(GBytes) key = g_bytes_new_static("\x99\x01\0key", 6);
    struct enclosure attachment = {(char *)"sakura.asc", (char *)"application/pgp-keys", key};
    gpointer all[] = {&attachment};
    GPtrArray enclosures = {all, 1};
    struct letter letter = plain;
    g_autoptr(GBytes) bytes = NULL, entity = NULL;
    g_autofree char *text = NULL;
    g_autoptr(GMimeObject) whole = NULL;
    GMimeObject *second;

    letter.enclosures = &enclosures;
    bytes = letter_bytes(&letter);
    entity = write_entity(bytes, outer_subject);
    text = text_of(entity);
    check_canonical(text);
    whole = parse(text);
    g_assert_cmpint(g_mime_multipart_get_count(GMIME_MULTIPART(whole)), ==, 2);
    g_assert_cmpstr(g_mime_object_get_content_type_parameter(whole, "hp"), ==, "cipher");
    second = g_mime_multipart_get_part(GMIME_MULTIPART(whole), 1);
    g_assert_cmpstr(g_mime_part_get_filename(GMIME_PART(second)), ==, "sakura.asc");
    g_assert_nonnull(strstr(text, "\r\n\r\nmQEAa2V5\r\n"));
}

/* What the gate reads again when the letter is sealed. */
static void test_words_come_back(void)
{
    g_autoptr(GBytes) key = g_bytes_new_static("key", 3);
    struct enclosure attachment = {(char *)"sakura.asc", (char *)"application/pgp-keys", key};
    gpointer all[] = {&attachment};
    GPtrArray enclosures = {all, 1};
    g_autofree char *expected = g_strdup_printf("%s\n%s", plain.subject, plain.text);

    for (int i = 0; i < 2; i++) {
        struct letter letter = plain;
        g_autoptr(GBytes) bytes = NULL;
        g_autofree char *words = NULL, *lines = NULL;
        letter.enclosures = i ? &enclosures : NULL;
        bytes = letter_bytes(&letter);
        words = write_words_of(bytes);
        lines = without_return(words);
        g_assert_cmpstr(lines, ==, expected);
    }
}

static void test_attachment_cannot_begin_a_field(void)
{
    static const struct {
        const char *name, *type;
    } rows[] = {
        {"a\r\nBcc: x@y.example", "application/pgp-keys"},
        {"../a", "application/pgp-keys"},
        {"a\"", "application/pgp-keys"},
        {"a.asc", "application/pgp-keys\r\nX: y"},
        {"a.asc", "pgp"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct letter letter = plain;
        g_autoptr(GError) error = NULL;
        struct enclosure one = {(char *)rows[i].name, (char *)rows[i].type};
        gpointer all[] = {&one};
        GPtrArray enclosures = {all, 1};
        letter.enclosures = &enclosures;
        g_assert_null(write_letter(&letter, &error));
        g_assert_error(error, MADO_ERROR, MADO_E_BAD_DATA);
    }
}

static void test_own_key_is_told(void)
{
    g_autofree guchar *data = g_malloc0(700);
    g_autoptr(GBytes) key = g_bytes_new(data, 700);
    struct letter letter = plain;
    g_autoptr(GBytes) bytes = NULL;
    g_autofree char *mail = NULL, *told = NULL;
    g_autofree guchar *back = NULL;
    gsize size;

    letter.own_key = key;
    bytes = letter_bytes(&letter);
    mail = text_of(bytes);
    told = field(mail, "Autocrypt");
    g_assert_true(
        g_str_has_prefix(told, "addr=csirt@sakura.example; prefer-encrypt=mutual; keydata= AAAA"));
    back = g_base64_decode(strstr(told, "keydata=") + strlen("keydata="), &size);
    g_assert_cmpmem(back, size, data, 700);
}

static void test_a_long_key_is_not_told(void)
{
    g_autofree char *data = g_strnfill(7000, 'k');
    g_autoptr(GBytes) key = bytes_of(data);
    struct letter letter = plain;
    g_autoptr(GBytes) bytes = NULL;
    g_autofree char *mail = NULL;

    letter.own_key = key;
    bytes = letter_bytes(&letter);
    mail = text_of(bytes);
    g_assert_null(strstr(mail, "Autocrypt"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_mime_init();
    g_test_add_func(
        "/seal/signed entity protects the header", test_signed_entity_protects_the_header);
    g_test_add_func("/seal/text comes back", test_text_comes_back);
    g_test_add_func(
        "/seal/sealed entity says what is outside", test_sealed_entity_says_what_is_outside);
    g_test_add_func("/seal/blanks do not end the header", test_blanks_do_not_end_the_header);
    g_test_add_func("/seal/any subject is canonical", test_any_subject_is_canonical);
    g_test_add_func("/seal/OpenPGP, signed", test_pgp_signed);
    g_test_add_func("/seal/CMS, signed", test_cms_signed);
    g_test_add_func("/seal/boundaries are new each time", test_boundaries_are_new_each_time);
    g_test_add_func("/seal/what is not fit is refused", test_what_is_not_fit_is_refused);
    g_test_add_func("/seal/OpenPGP, sealed", test_pgp_sealed);
    g_test_add_func("/seal/CMS, sealed", test_cms_sealed);
    g_test_add_func("/seal/nothing is no seal", test_nothing_is_no_seal);
    g_test_add_func("/seal/attachment", test_attachment);
    g_test_add_func("/seal/words come back", test_words_come_back);
    g_test_add_func("/seal/attachment cannot begin a field", test_attachment_cannot_begin_a_field);
    g_test_add_func("/seal/own key is told", test_own_key_is_told);
    g_test_add_func("/seal/a long key is not told", test_a_long_key_is_not_told);
    return g_test_run();
}

/* A letter as bytes. GMime builds all headers; what is put into them was checked or made harmless
 * first, so that no value can begin a header of its own. */
#include "attached.h"
#include "error.h"
#include "jis.h"
#include "text.h"
#include "write.h"
#include <string.h>

static GTimeZone *zone_named(const char *name)
{
    static GHashTable *zones;
    GTimeZone *zone;

    if (!zones)
        zones = g_hash_table_new_full(
            g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_time_zone_unref);
    zone = g_hash_table_lookup(zones, name);
    if (!zone) {
        zone = g_time_zone_new_identifier(name) ?: g_time_zone_new_utc();
        g_hash_table_insert(zones, g_strdup(name), zone);
    }
    return zone;
}

static void start_gmime(void)
{
    static gboolean started;

    if (!started)
        g_mime_init();
    started = TRUE;
}

/* -- what may stand in a header -- */

static gboolean is_word(const char *value)
{
    return *value &&
           strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") ==
               strlen(value);
}

static gboolean is_languages(const char *value)
{
    g_auto(GStrv) words = g_strsplit(value, ", ", -1);

    for (char **word = words; *word; word++)
        if (!is_word(*word))
            return FALSE;
    return *words != NULL;
}

static gboolean is_message_id(const char *id)
{
    return text_is_safe_message_id(id);
}

struct fitness {
    const char *what, *value;
    gboolean (*is_safe)(const char *value);
};

static gboolean check_all(const struct fitness *all, gsize count, GError **error)
{
    for (gsize i = 0; i < count; i++)
        if (!all[i].value || !all[i].is_safe(all[i].value)) {
            g_autofree char *shown = text_harmless(all[i].value ?: "", NULL);
            error_set(error, MADO_E_BAD_DATA,
                "the letter was not written: its %s \"%s\" cannot stand in a header; nothing was "
                "sent",
                all[i].what, shown);
            return FALSE;
        }
    return TRUE;
}

static gboolean check(const struct letter *letter, GError **error)
{
    const struct fitness checks[] = {
        {"From address", letter->from_addr, text_is_safe_address},
        {"To address", letter->to_addr, text_is_safe_address},
        {"Message-ID", letter->message_id, is_message_id},
        {"language", letter->language, is_languages},
        {"Auto-Submitted", letter->auto_submitted ?: "no", is_word},
    };
    gboolean safe = check_all(checks, G_N_ELEMENTS(checks), error);

    for (guint i = 0; safe && letter->enclosures && i < letter->enclosures->len; i++) {
        const struct enclosure *one = letter->enclosures->pdata[i];
        const struct fitness of_it[] = {
            {"attachment's name", one->name, attached_is_name},
            {"attachment's type", one->type, attached_is_type},
        };
        safe = check_all(of_it, G_N_ELEMENTS(of_it), error);
    }
    return safe;
}

/* One line, without anything that is not seen, and without what would be read as an encoded word
 * (RFC 2047 section 2): behind it a line end could hide. */
static char *header_text(const char *text)
{
    g_autofree char *line = g_utf8_make_valid(text ?: "", -1);
    g_autofree char *seen = text_harmless(g_strstrip(g_strdelimit(line, "\r\n\t", ' ')), NULL);
    g_auto(GStrv) parts = g_strsplit(seen, "=?", -1);

    return g_strjoinv("= ?", parts);
}

/* -- headers -- */

static const char *charset_of(const struct letter *letter)
{
    return jis_is_wanted(letter->charset) ? WRITE_JIS : "utf-8";
}

/* A name that does not fit is left out: a stranger's, from a mail that had another charset. */
static char *shown_name(const struct letter *letter, const char *name)
{
    g_autofree char *shown = header_text(name);
    g_autofree char *unfit = write_unfit(shown, letter->charset);

    if (!jis_is_wanted(letter->charset))
        return g_steal_pointer(&shown);
    return *unfit ? g_strdup("") : jis_same_shapes(shown);
}

static void add_mailbox(
    InternetAddressList *list, const struct letter *letter, const char *name, const char *addr)
{
    g_autofree char *shown = shown_name(letter, name);
    InternetAddress *mailbox = internet_address_mailbox_new(*shown ? shown : NULL, addr);

    internet_address_set_charset(mailbox, charset_of(letter));
    internet_address_list_add(list, mailbox);
    g_object_unref(mailbox);
}

static void set_header(GMimeMessage *message, const char *name, const char *value)
{
    g_mime_object_set_header(GMIME_OBJECT(message), name, value, "utf-8");
}

/* A stranger's id that is not safe is no error: the letter goes out without it. */
static void append_id(GString *list, const char *id)
{
    if (id && text_is_safe_message_id(id))
        g_string_append_printf(list, "%s<%s>", list->len ? " " : "", id);
}

static void set_threading(GMimeMessage *message, const struct letter *letter)
{
    g_autoptr(GString) answered = g_string_new(NULL);
    g_autoptr(GString) references = g_string_new(NULL);

    append_id(answered, letter->in_reply_to);
    for (char **id = letter->references; id && *id; id++)
        append_id(references, *id);
    if (answered->len)
        set_header(message, "In-Reply-To", answered->str);
    if (references->len)
        set_header(message, "References", references->str);
}

/* RFC 3834 section 5; the second field is what Exchange understands. */
static void set_automatic(GMimeMessage *message, const char *auto_submitted)
{
    if (!auto_submitted)
        return;
    set_header(message, "Auto-Submitted", auto_submitted);
    set_header(message, "X-Auto-Response-Suppress", "All");
}

static void set_date(GMimeMessage *message, gint64 at, const char *zone)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(at);
    g_autoptr(GDateTime) local =
        utc ? g_date_time_to_timezone(utc, zone_named(zone ?: "UTC")) : NULL;

    if (local)
        g_mime_message_set_date(message, local);
}

/* Autocrypt Level 1, section 2.1: in lines, and not if it would be long. */
static void set_own_key(GMimeMessage *message, const struct letter *letter)
{
    enum { LONGEST = 6 * 1024, IN_A_LINE = 54 };
    g_autoptr(GString) value = g_string_new(NULL);
    gsize size = 0;
    const guchar *key = letter->own_key ? g_bytes_get_data(letter->own_key, &size) : NULL;

    if (!size || size > LONGEST)
        return;
    g_string_append_printf(value, "addr=%s; prefer-encrypt=mutual; keydata=", letter->from_addr);
    for (gsize at = 0; at < size; at += IN_A_LINE) {
        g_autofree char *line = g_base64_encode(key + at, MIN(size - at, IN_A_LINE));
        g_string_append_printf(value, " %s", line);
    }
    set_header(message, "Autocrypt", value->str);
}

static void set_headers(GMimeMessage *message, const struct letter *letter)
{
    g_autofree char *plain = header_text(letter->subject);
    g_autofree char *subject =
        jis_is_wanted(letter->charset) ? jis_same_shapes(plain) : g_strdup(plain);

    add_mailbox(g_mime_message_get_from(message), letter, letter->from_name, letter->from_addr);
    add_mailbox(g_mime_message_get_to(message), letter, letter->to_name, letter->to_addr);
    g_mime_message_set_subject(message, subject, charset_of(letter));
    set_date(message, letter->date, letter->timezone);
    g_mime_message_set_message_id(message, letter->message_id);
    set_threading(message, letter);
    set_automatic(message, letter->auto_submitted);
    set_own_key(message, letter);
}

/* -- the text -- */

/* Quoted-printable stays readable for mostly ASCII text; for Japanese it would be three times as
 * long. */
static GMimeContentEncoding best_encoding(const char *text)
{
    gsize high = 0;

    for (const char *at = text; *at; at++)
        high += (guchar)*at >= 0x80;
    return high * 6 > strlen(text) ? GMIME_CONTENT_ENCODING_BASE64
                                   : GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
}

static char *with_crlf(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    return g_strjoinv("\r\n", lines);
}

static char *with_lf(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_auto(GStrv) lines = g_strsplit(valid, "\r\n", -1);
    g_autofree char *joined = g_strjoinv("\n", lines);

    return text_harmless(g_strdelimit(joined, "\r", '\n'), "\n\t");
}

enum { LONGEST_LINE = 76 };

/* RFC 3156 section 5: a server may change a line that begins with "From ", and so break a
 * signature. Base64 has no such line. No line gets longer than it may be (RFC 2045 section 6.7). */
static GString *keep_from(const char *encoded)
{
    g_auto(GStrv) lines = g_strsplit(encoded, "\r\n", -1);
    GString *kept = g_string_new(NULL);

    for (char **line = lines; *line; line++) {
        const char *rest = *line;
        if (line > lines)
            g_string_append(kept, "\r\n");
        if (g_str_has_prefix(rest, "From ")) {
            g_string_append(kept, strlen(rest) + 2 > LONGEST_LINE ? "=46=\r\n" : "=46");
            rest++;
        }
        g_string_append(kept, rest);
    }
    return kept;
}

/* What is encoded has CRLF line ends (RFC 2045 section 6.8); quoted-printable has them outside. */
static GString *encode(const char *text, GMimeContentEncoding encoding)
{
    g_autofree char *canonical =
        encoding == GMIME_CONTENT_ENCODING_BASE64 ? with_crlf(text) : g_strdup(text);
    gsize length = strlen(canonical);
    GMimeEncoding encoder;
    g_autofree char *encoded = NULL;
    g_autofree char *lines = NULL;

    g_mime_encoding_init_encode(&encoder, encoding);
    encoded = g_malloc0(g_mime_encoding_outlen(&encoder, length) + 1);
    g_mime_encoding_flush(&encoder, canonical, length, encoded);
    lines = with_crlf(encoded);
    return keep_from(lines);
}

/* What does not fit was refused before. */
static char *text_of(const struct letter *letter)
{
    g_autofree char *text = with_lf(letter->text);

    return jis_is_wanted(letter->charset) ? jis_encode(text) : g_steal_pointer(&text);
}

static GMimeObject *new_text_part(const struct letter *letter)
{
    g_autofree char *text = text_of(letter);
    GMimeContentEncoding encoding =
        jis_is_wanted(letter->charset) ? GMIME_CONTENT_ENCODING_BASE64 : best_encoding(text);
    g_autoptr(GString) encoded = encode(text, encoding);
    GMimeTextPart *part = g_mime_text_part_new_with_subtype("plain");
    GMimeStream *stream;
    GMimeDataWrapper *content;

    stream = g_mime_stream_mem_new_with_buffer(encoded->str, encoded->len);
    content = g_mime_data_wrapper_new_with_stream(stream, encoding);
    g_mime_text_part_set_charset(part, charset_of(letter));
    g_mime_part_set_content_encoding(GMIME_PART(part), encoding);
    g_mime_part_set_content(GMIME_PART(part), content);
    g_mime_object_set_header(GMIME_OBJECT(part), "Content-Language", letter->language, "utf-8");
    g_object_unref(content);
    g_object_unref(stream);
    return GMIME_OBJECT(part);
}

/* -- with what comes along -- */

/* All parts are 7-bit and of quoted-printable or base64, in which no line begins with --=_. */
static GMimeObject *new_body(const struct letter *letter)
{
    GMimeObject *part = new_text_part(letter);
    GMimeMultipart *all;
    g_autofree char *boundary = NULL;

    if (!letter->enclosures || !letter->enclosures->len)
        return part;
    all = g_mime_multipart_new_with_subtype("mixed");
    boundary = g_strdup_printf("=_%08x%08x%08x", g_random_int(), g_random_int(), g_random_int());
    g_mime_multipart_set_boundary(all, boundary);
    g_mime_multipart_add(all, part);
    g_object_unref(part);
    for (guint i = 0; i < letter->enclosures->len; i++) {
        part = attached_new(letter, letter->enclosures->pdata[i]);
        g_mime_multipart_add(all, part);
        g_object_unref(part);
    }
    return GMIME_OBJECT(all);
}

/* -- the whole -- */

static GBytes *to_bytes(GMimeMessage *message)
{
    GMimeFormatOptions *options = g_mime_format_options_new();
    GMimeStream *stream = g_mime_stream_mem_new();
    GByteArray *bytes = g_byte_array_new();

    g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);
    g_mime_stream_mem_set_byte_array(GMIME_STREAM_MEM(stream), bytes);
    g_mime_object_write_to_stream(GMIME_OBJECT(message), options, stream);
    g_mime_format_options_free(options);
    g_object_unref(stream); /* the bytes are ours */
    return g_byte_array_free_to_bytes(bytes);
}

/* Nothing of what a person has written goes out as a question mark. */
static gboolean check_characters(const struct letter *letter, GError **error)
{
    g_autofree char *all = g_strconcat(letter->subject, letter->text, NULL);
    g_autofree char *unfit = write_unfit(all, letter->charset);

    if (*unfit)
        error_set(error, MADO_E_BAD_DATA,
            "the letter was not written: it is to be in %s, which has no %s; nothing was sent. "
            "Write these otherwise",
            letter->charset, unfit);
    return !*unfit;
}

GBytes *write_letter(const struct letter *letter, GError **error)
{
    GMimeMessage *message;
    GMimeObject *part;
    GBytes *bytes;

    if (!check(letter, error) || !check_characters(letter, error))
        return NULL;
    start_gmime();
    message = g_mime_message_new(TRUE);
    part = new_body(letter);
    set_headers(message, letter);
    g_mime_message_set_mime_part(message, part);
    bytes = to_bytes(message);
    g_object_unref(part);
    g_object_unref(message);
    return bytes;
}

/* -- and back -- */

static GMimeTextPart *first_text(GMimeMessage *message)
{
    GMimeObject *part = g_mime_message_get_mime_part(message);

    if (GMIME_IS_MULTIPART(part) && g_mime_multipart_get_count(GMIME_MULTIPART(part)))
        part = g_mime_multipart_get_part(GMIME_MULTIPART(part), 0);
    return GMIME_IS_TEXT_PART(part) ? GMIME_TEXT_PART(part) : NULL;
}

char *write_words_of(GBytes *letter)
{
    gsize size;
    const char *data = g_bytes_get_data(letter, &size);
    GMimeStream *stream;
    GMimeParser *parser;
    GMimeMessage *message;
    g_autofree char *text = NULL, *plain = NULL;
    char *words;

    start_gmime();
    stream = g_mime_stream_mem_new_with_buffer(data, size);
    parser = g_mime_parser_new_with_stream(stream);
    message = g_mime_parser_construct_message(parser, NULL);
    text = first_text(message) ? g_mime_text_part_get_text(first_text(message)) : NULL;
    plain = with_lf(text ?: "");
    words = g_strdup_printf("%s\n%s", g_mime_message_get_subject(message) ?: "", plain);
    g_object_unref(message);
    g_object_unref(parser);
    g_object_unref(stream);
    return words;
}

void write_warm(const char *zone)
{
    g_autoptr(GPtrArray) enclosures = enclosures_new();
    g_autoptr(GBytes) nothing = g_bytes_new_static("", 0);
    struct letter letter = {.from_name = "窓",
        .from_addr = "a@b.example",
        .to_name = "",
        .to_addr = "a@b.example",
        .subject = "窓",
        .text = "窓\n",
        .message_id = "a@b.example",
        .timezone = zone,
        .enclosures = enclosures,
        .language = "ja"};
    g_autoptr(GBytes) bytes = NULL, jis = NULL;

    g_ptr_array_add(enclosures, enclosure_new("窓.txt", nothing, NULL));
    bytes = write_letter(&letter, NULL);
    g_free(write_words_of(bytes));
    jis_warm();
    letter.charset = WRITE_JIS;
    jis = write_letter(&letter, NULL);
    g_free(write_words_of(jis));
}

/* Encoded-words (RFC 2047), as senders really write them. */
#include "charset.h"
#include "header-parts.h"
#include <string.h>

enum { CHARSET_LONGEST = 80 };

struct word {
    const char *charset, *text;
    gsize charset_length, text_length;
    char encoding; /* 'B' or 'Q' */
    gsize length;  /* of it all; 0: this is no encoded-word */
};

/* Words whose characters may be split between them: neighbours of one charset. */
struct run {
    GString *bytes;
    char *charset; /* NULL: there is no run */
};

/* Where the text ends; NULL if another word begins first, or none ends. So no byte is looked at
 * twice. */
static const char *find_end(const char *text)
{
    for (; *text; text++) {
        if (text[0] == '?' && text[1] == '=')
            return text;
        if (text[0] == '=' && text[1] == '?' && text[2] != '=')
            return NULL;
    }
    return NULL;
}

static struct word parse_word(const char *at)
{
    struct word word = {at + 2, NULL, 0, 0, 0, 0};
    const char *mark, *end;

    if (at[0] != '=' || at[1] != '?')
        return word;
    while (g_ascii_isgraph(word.charset[word.charset_length]) &&
           word.charset_length < CHARSET_LONGEST &&
           !strchr("?=", word.charset[word.charset_length]))
        word.charset_length++;
    mark = word.charset + word.charset_length;
    if (mark[0] != '?' || !mark[1] || !strchr("BbQq", mark[1]) || mark[2] != '?')
        return word;
    word.encoding = g_ascii_toupper(mark[1]);
    word.text = mark + 3;
    if ((end = find_end(word.text))) {
        word.text_length = (gsize)(end - word.text);
        word.length = (gsize)(end + 2 - at);
    }
    return word;
}

gsize header_word_length(const char *at)
{
    return parse_word(at).length;
}

/* Padding that is missing is put back; what is not base64 is passed over. */
static void append_b(GString *out, const char *text, gsize length)
{
    g_autofree guchar *buffer = g_malloc(length / 4 * 3 + 8);
    gint state = 0;
    guint save = 0, digits = 0;
    gsize size;

    for (gsize i = 0; i < length; i++)
        digits += g_ascii_isalnum(text[i]) || strchr("+/=", text[i]) != NULL;
    size = g_base64_decode_step(text, length, buffer, &state, &save);
    if (digits % 4 >= 2)
        size += g_base64_decode_step("==", 4 - digits % 4, buffer + size, &state, &save);
    g_string_append_len(out, (const char *)buffer, (gssize)size);
}

/* An "=" that no two hexadecimal digits follow means itself. */
static void append_q(GString *out, const char *text, gsize length)
{
    for (gsize i = 0; i < length; i++) {
        if (text[i] == '=' && i + 2 < length && g_ascii_isxdigit(text[i + 1]) &&
            g_ascii_isxdigit(text[i + 2])) {
            int byte = g_ascii_xdigit_value(text[i + 1]) * 16 + g_ascii_xdigit_value(text[i + 2]);
            g_string_append_c(out, (char)byte);
            i += 2;
        } else {
            g_string_append_c(out, text[i] == '_' ? ' ' : text[i]);
        }
    }
}

static void end_run(struct run *run, GString *out)
{
    g_autofree char *text = NULL;

    if (!run->charset)
        return;
    text =
        charset_to_utf8(run->charset, (const guint8 *)run->bytes->str, run->bytes->len, NULL, NULL);
    g_string_append(out, text);
    g_string_truncate(run->bytes, 0);
    g_clear_pointer(&run->charset, g_free);
}

static void add_word(struct run *run, const struct word *word, GString *out)
{
    g_autofree char *charset = g_strndup(word->charset, word->charset_length);

    charset[strcspn(charset, "*")] = '\0'; /* RFC 2231, 5: the language of the text */
    if (run->charset && g_ascii_strcasecmp(run->charset, charset) != 0)
        end_run(run, out);
    if (!run->charset)
        run->charset = g_steal_pointer(&charset);
    (word->encoding == 'B' ? append_b : append_q)(run->bytes, word->text, word->text_length);
}

/* RFC 2047, 6.2: blanks between two encoded-words are not shown. */
static gsize skipped_blanks(const char *at)
{
    gsize blanks = strspn(at, " \t\r\n");

    return header_word_length(at + blanks) > 0 ? blanks : 0;
}

char *header_decode_words(const char *text)
{
    GString *out = g_string_sized_new(strlen(text) + 1);
    struct run run = {g_string_new(NULL), NULL};

    while (*text) {
        struct word word = parse_word(text);
        gsize plain;

        if (word.length > 0) {
            add_word(&run, &word, out);
            text += word.length;
            text += skipped_blanks(text);
            continue;
        }
        end_run(&run, out);
        plain = 1 + strcspn(text + 1, "=");
        g_string_append_len(out, text, (gssize)plain);
        text += plain;
    }
    end_run(&run, out);
    g_string_free(run.bytes, TRUE);
    return g_string_free(out, FALSE);
}

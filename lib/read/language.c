#include "language.h"
#include <glib.h>
#include <string.h>

#define LOOK_AT 20000 /* characters */

struct counts {
    int kana, han, hangul, other; /* letters of each script; others are neither these nor Latin */
    int latin;
    int words, english;
};

static const char *const english_words[] = {"the", "and", "of", "to", "is", "in", "for", "you",
    "your", "this", "that", "with", "from", "we", "have", "has", "are", "was", "on", "be", "not",
    "please", "our", "it", "an", "as", "at", "by", "will", "been", "i", "a", "can", "or", "if",
    "any", "dear", "regards", "thank", "thanks", "hello", "report", "attached", "following"};

static gboolean is_kana(gunichar c)
{
    return (c >= 0x3041 && c <= 0x3096) || (c >= 0x30a1 && c <= 0x30fa) ||
           (c >= 0xff66 && c <= 0xff9d);
}

static gboolean is_han(gunichar c)
{
    return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3400 && c <= 0x4dbf) ||
           (c >= 0xf900 && c <= 0xfaff);
}

static gboolean is_hangul(gunichar c)
{
    return (c >= 0xac00 && c <= 0xd7a3) || (c >= 0x1100 && c <= 0x11ff) ||
           (c >= 0x3131 && c <= 0x318e);
}

static void count_letter(struct counts *counts, gunichar c)
{
    if (is_kana(c))
        counts->kana++;
    else if (is_hangul(c))
        counts->hangul++;
    else if (is_han(c))
        counts->han++;
    else if (c < 0x250)
        counts->latin++;
    else
        counts->other++;
}

static void end_word(struct counts *counts, GString *word)
{
    static GHashTable *table;

    if (!table) {
        table = g_hash_table_new(g_str_hash, g_str_equal);
        for (gsize i = 0; i < G_N_ELEMENTS(english_words); i++)
            g_hash_table_add(table, (gpointer)english_words[i]);
    }
    if (word->len == 0)
        return;
    counts->words++;
    counts->english += g_hash_table_contains(table, word->str);
    g_string_truncate(word, 0);
}

static void count(struct counts *counts, const char *text)
{
    g_autoptr(GString) word = g_string_new(NULL);
    int seen = 0;

    for (const char *at = text; *at && seen < LOOK_AT; at = g_utf8_next_char(at), seen++) {
        gunichar c = g_utf8_get_char(at);
        if (c < 0x80 && g_ascii_isalpha((char)c)) {
            counts->latin++;
            if (word->len < 30)
                g_string_append_c(word, g_ascii_tolower((char)c));
            continue;
        }
        end_word(counts, word);
        if (c >= 0x80 && g_unichar_isalpha(c))
            count_letter(counts, c);
    }
    end_word(counts, word);
}

/* Kana are Japanese; characters alone may be Chinese. English around them counts as much as they
 * do: a Japanese signature does not make a Japanese mail, nor do logs make an English one. */
static gboolean is_japanese(const struct counts *counts)
{
    int japanese = counts->kana + counts->han;

    return counts->kana >= 2 && counts->kana * 20 >= counts->han && counts->kana > counts->hangul &&
           japanese > counts->english * 4;
}

static gboolean is_english(const struct counts *counts)
{
    int others = counts->kana + counts->han + counts->hangul + counts->other;

    return counts->english >= 2 && counts->english * 8 >= counts->words &&
           others * 4 < counts->latin;
}

const char *language_of(const char *subject, const char *text)
{
    struct counts counts = {0};

    count(&counts, subject);
    count(&counts, text);
    if (is_japanese(&counts))
        return "ja";
    return is_english(&counts) ? "en" : "";
}

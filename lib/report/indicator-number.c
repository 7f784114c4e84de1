/* Hashes, and the numbers of weaknesses and networks. */
#include "indicator-parts.h"
#include <string.h>

enum { HASH_MAX = 128, AS2_TO_AS4 = 4, AS400 = 400 };

/* -- hashes -- */

static const struct {
    gsize length;
    enum indicator_kind kind;
} hashes[] = {
    {32, INDICATOR_MD5},
    {40, INDICATOR_SHA1},
    {64, INDICATOR_SHA256},
    {128, INDICATOR_SHA512},
};

/* Of one case, and of letters and digits: everything else is padding, or text by chance. */
static gboolean is_hex(const char *text, gsize length)
{
    gboolean lower = FALSE, upper = FALSE, digit = FALSE;

    for (gsize i = 0; i < length; i++) {
        lower |= g_ascii_islower(text[i]);
        upper |= g_ascii_isupper(text[i]);
        digit |= g_ascii_isdigit(text[i]);
    }
    return digit && lower != upper;
}

/* That of a key of OpenPGP, or of a change to a program, is as long as a SHA-1. */
static gboolean is_other(const struct hunt *hunt)
{
    static const char *const words[] = {"fingerprint", "fpr", "openpgp4fpr", "key", "keyid",
        "commit", "uuid", "boundary", "フィンガープリント", "指紋", NULL};
    return hunt_behind(hunt, words);
}

gsize hunt_hash(struct hunt *hunt, gsize at)
{
    gsize end = at;

    if (hunt->word->length - at < hashes[0].length)
        return 0;
    while (end - at <= HASH_MAX && g_ascii_isxdigit(hunt_at(hunt, end)))
        end++;
    if (end - at < hashes[0].length || !hunt_alone(hunt, at, end) ||
        (!hunt->place->named && !is_hex(hunt->word->plain + at, end - at)) || is_other(hunt))
        return 0;
    for (gsize i = 0; i < G_N_ELEMENTS(hashes); i++)
        if (end - at == hashes[i].length) {
            g_autofree char *value = g_ascii_strdown(hunt->word->plain + at, (gssize)(end - at));
            hunt_add(hunt, hashes[i].kind, value, at, end);
            return end;
        }
    return 0;
}

/* -- numbers -- */

static gboolean has_prefix(const struct hunt *hunt, gsize at, const char *prefix)
{
    gsize length = strlen(prefix);

    /* Most are told by their first letter, in either case. */
    return at + length <= hunt->word->length && ((hunt->word->plain[at] ^ *prefix) & ~0x20) == 0 &&
           !g_ascii_strncasecmp(hunt->word->plain + at, prefix, length);
}

/* So many digits, and not one more; 0: there are not. */
static gsize digits_end(const struct hunt *hunt, gsize at, gsize least, gsize most)
{
    gsize end = at;

    while (end - at <= most && g_ascii_isdigit(hunt_at(hunt, end)))
        end++;
    return end - at >= least && end - at <= most ? end : 0;
}

static gsize add_number(struct hunt *hunt, enum indicator_kind kind, gsize at, gsize end)
{
    g_autofree char *value = NULL;

    if (!end || !hunt_alone(hunt, at, end))
        return 0;
    value = g_ascii_strup(hunt->word->plain + at, (gssize)(end - at));
    hunt_add(hunt, kind, value, at, end);
    return end;
}

gsize hunt_cve(struct hunt *hunt, gsize at)
{
    gsize year = at + strlen("CVE-"), end;

    if (!has_prefix(hunt, at, "CVE-") ||
        !(has_prefix(hunt, year, "19") || has_prefix(hunt, year, "20")) ||
        !(end = digits_end(hunt, year, 4, 4)) || hunt_at(hunt, end) != '-')
        return 0;
    return add_number(hunt, INDICATOR_CVE, at, digits_end(hunt, end + 1, 4, 10));
}

gsize hunt_jvn(struct hunt *hunt, gsize at)
{
    static const char *const prefixes[] = {"JVN#", "JVNVU#", "JVNTA#", "JVNTR#"};
    gsize year = at + strlen("JVNDB-"), end;

    for (gsize i = 0; i < G_N_ELEMENTS(prefixes); i++)
        if (has_prefix(hunt, at, prefixes[i]))
            return add_number(
                hunt, INDICATOR_JVN, at, digits_end(hunt, at + strlen(prefixes[i]), 8, 8));
    if (!has_prefix(hunt, at, "JVNDB-") || !(end = digits_end(hunt, year, 4, 4)) ||
        hunt_at(hunt, end) != '-')
        return 0;
    return add_number(hunt, INDICATOR_JVN, at, digits_end(hunt, end + 1, 6, 6));
}

/* "AS64496", "ASN64496", and behind the word "ASN" or "AS" the number alone. "AS2" is a protocol,
 * "AS400" a machine, and "as 100" is English. */
gsize hunt_asn(struct hunt *hunt, gsize at)
{
    static const char *const words[] = {"asn", NULL};
    gboolean named = has_prefix(hunt, at, "ASN"), plain = !named && has_prefix(hunt, at, "AS");
    gsize digits = at + (named ? 3 : plain ? 2 : 0), end = digits_end(hunt, digits, 1, 10);
    g_autofree char *value = NULL;
    guint64 number;

    if (!end || !hunt_alone(hunt, at, end) || (!named && !plain && !hunt_behind(hunt, words)) ||
        hunt_at(hunt, end) == '.')
        return 0;
    number = g_ascii_strtoull(hunt->word->plain + digits, NULL, 10);
    if (number == 0 || number > G_MAXUINT32 ||
        (plain && (number <= AS2_TO_AS4 || number == AS400 ||
                      (g_ascii_islower(hunt_at(hunt, at)) && end - digits < 4))))
        return 0;
    value = g_strdup_printf("AS%" G_GUINT64_FORMAT, number);
    hunt_add(hunt, INDICATOR_ASN, value, at, end);
    return end;
}

#include "charset.h"
#include "charset-parts.h"
#include "say.h"
#include <string.h>

/* Labels are looked up in lower case without "-", "_", " ", "." and ":", for mail writes them in
 * every way; a leading "x" is tried without as well. */
enum { LABEL_LONGEST = 64, CERTAIN = 10 };

static const char problem_unknown[] = N_("a charset is named that there is not; it was guessed");
static const char problem_wrong[] = N_("the charset named is not that of the text; it was guessed");
static const char problem_none[] = N_("8-bit text that names no charset; it was guessed");
static const char problem_lost[] = N_("some characters are not of the charset; shown as U+FFFD");

static void decode_ascii(struct decoding *d, const struct codec *codec)
{
    while (d->at < d->end)
        if (*d->at < 0x80)
            decoding_put(d, *d->at++);
        else
            decoding_bad(d, 1);
}

static struct codec ascii = {"us-ascii", decode_ascii, TRUST_NONE};
static struct codec utf8 = {"UTF-8", utf8_decode, TRUST_UTF8};
static struct codec jis = {"ISO-2022-JP", japanese_decode_jis, TRUST_JIS};
static struct codec sjis = {"Shift_JIS", japanese_decode_sjis, TRUST_WIDE};
static struct codec euc = {"EUC-JP", japanese_decode_euc, TRUST_WIDE};
static struct codec *latin; /* windows-1252; NULL where iconv lacks it */

/* Labels that say nothing, and those of our own decoders. */
static const struct {
    struct codec *codec;
    const char *labels;
} own[] = {
    {&ascii, "usascii ascii ansix341968 ansix341986 iso646us iso646irv1991 isoir6 us cp367 ibm367 "
             "csascii 7bit "
             "8bit binary unknown unknown8bit none default userdefined unspecified"},
    {&utf8, "utf8 unicode11utf8 unicode20utf8 utf8n utf8mb4 utf8mac cp65001 utf"},
    {&jis, "iso2022jp iso2022jp1 iso2022jp2 iso2022jp3 iso2022jp2004 iso2022jpms iso2022jpext "
           "csiso2022jp "
           "csiso2022jp2 cp50220 cp50221 cp50222 50220 50221 50222 windows50220 windows50221 "
           "windows50222 "
           "iso2022 iso2002jp iso2202jp isojp2022jp jis jis7 jis8"},
    {&sjis, "shiftjis sjis csshiftjis mskanji ms932 cp932 932 windows31j cswindows31j windows932 "
            "shiftjiscp932 "
            "cp943 cp943c ibm932 ibm943 ibm943c sjiswin sjis2004 shiftjis2004 pck"},
    {&euc, "eucjp cseucpkdfmtjapanese eucjpms eucjpwin ujis euc eucj cp51932 ajec "
           "extendedunixcodepackedformatforjapanese"},
};

/* Labels for which iconv has no name, or where what mail means by one is wider than its standard.
 */
static const struct {
    const char *name, *shown, *labels;
} borrowed[] = {
    {"CP1252", "windows-1252",
        "iso88591 iso885911987 isoir100 latin1 latin l1 ibm819 cp819 csisolatin1 iso8859 "
        "88591 windows1252 cp1252 win1252 ansi1252 ansi westerniso"},
    {"CP1254", "windows-1254",
        "iso88599 iso885991989 isoir148 latin5 l5 csisolatin5 windows1254 cp1254"},
    {"IBM1162", "windows-874", "windows874 cp874 tis620 iso885911 dos874"},
    {"CP1250", "windows-1250", "windows1250 cp1250 win1250"},
    {"CP1251", "windows-1251", "windows1251 cp1251 win1251"},
    {"ISO-8859-8", "ISO-8859-8",
        "iso88598 iso88598i iso88598e logical visual csiso88598i csiso88598e"},
    {"ISO-8859-6", "ISO-8859-6", "iso88596 iso88596i iso88596e csiso88596i csiso88596e"},
    {"UHC", "EUC-KR",
        "euckr cseuckr korean ksc56011987 ksc56011989 ksc5601 isoir149 csksc56011987 windows949 "
        "cp949 ms949 uhc"},
    {"GB18030", "gb18030",
        "gb18030 gb2312 gb231280 gb23121980 csgb2312 csiso58gb231280 isoir58 chinese euccn "
        "gbk cp936 ms936 windows936 gb"},
    {"BIG5-HKSCS", "Big5", "big5 big5hkscs cnbig5 big5tw csbig5 cp950 windows950 big5eten"},
    {"KOI8-R", "KOI8-R", "koi koi8 koi8r cskoi8r"},
    {"KOI8-U", "KOI8-U", "koi8u koi8ru"},
    {"MACINTOSH", "macintosh", "macintosh mac macroman csmacintosh"},
    {"MAC-CYRILLIC", "x-mac-cyrillic", "maccyrillic macukrainian"},
    {"UTF-7", "UTF-7", "utf7 unicode11utf7 csunicode11utf7"},
    {"UTF-16", "UTF-16", "utf16 unicode ucs2 iso10646ucs2 csunicode"},
};

static GHashTable
    *codecs; /* label as looked up -> struct codec, both kept as long as the process */

static void add_labels(const char *labels, struct codec *codec)
{
    g_auto(GStrv) list = g_strsplit(labels, " ", -1);

    for (guint i = 0; list[i]; i++)
        g_hash_table_insert(codecs, g_strdup(list[i]), codec);
}

/* What a label is looked up by; FALSE if no charset is called so. */
static gboolean squeeze(const char *label, char key[LABEL_LONGEST])
{
    gsize length = 0;

    for (; *label && *label != '*'; label++) { /* RFC 2231, 5: a language may follow */
        if (strchr("-_ .:\t\"'", *label))
            continue;
        if (!g_ascii_isgraph(*label) || length == LABEL_LONGEST - 1)
            return FALSE;
        key[length++] = g_ascii_tolower(*label);
    }
    key[length] = '\0';
    return TRUE;
}

static void add_iconv(gboolean rare)
{
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GHashTableIter iter;
    gpointer name, codec;
    char key[LABEL_LONGEST];

    iconv_warm(names, rare);
    g_hash_table_iter_init(&iter, names);
    while (g_hash_table_iter_next(&iter, &name, &codec))
        if (squeeze(name, key) && !g_hash_table_contains(codecs, key))
            g_hash_table_insert(codecs, g_strdup(key), codec);
}

void charset_warm(gboolean rare)
{
    if (codecs)
        return;
    codecs = g_hash_table_new(g_str_hash, g_str_equal);
    japanese_warm();
    for (gsize i = 0; i < G_N_ELEMENTS(own); i++)
        add_labels(own[i].labels, own[i].codec);
    for (gsize i = 0; i < G_N_ELEMENTS(borrowed); i++) {
        struct codec *codec = iconv_codec(borrowed[i].name, borrowed[i].shown, TRUST_OTHER, rare);
        if (codec)
            add_labels(borrowed[i].labels, codec);
    }
    latin = g_hash_table_lookup(codecs, "windows1252");
    if (latin)
        latin->trust = TRUST_LATIN;
    add_iconv(rare);
}

/* NULL: no charset is called so. A label that says nothing is that of ASCII. */
static const struct codec *find(const char *label)
{
    char key[LABEL_LONGEST];
    struct codec *codec;

    charset_warm(FALSE);
    if (!label)
        return &ascii;
    if (!squeeze(label, key))
        return NULL;
    if (!*key)
        return &ascii;
    codec = g_hash_table_lookup(codecs, key);
    if (!codec && *key == 'x')
        codec = g_hash_table_lookup(codecs, key + 1);
    return codec && iconv_is_ready(codec) ? codec : NULL;
}

/* What shifts without an escape (UTF-7, its kin of IMAP, HZ), and what is no ASCII at all. */
gboolean charset_keeps_ascii(const char *label)
{
    static const char probe[] = "Az 09 +AGE- &AGE- ~{VPND~}";
    const struct codec *codec = find(label);
    g_autoptr(GString) out = NULL;
    struct decoding decoding = {(const guint8 *)probe, (const guint8 *)probe + strlen(probe)};

    if (!codec)
        return FALSE;
    decoding.out = out = g_string_new(NULL);
    codec->decode(&decoding, codec);
    return !strcmp(out->str, probe);
}

static gboolean is_ascii(const guint8 *bytes, gsize size)
{
    for (gsize i = 0; i < size; i++)
        if (bytes[i] >= 0x80)
            return FALSE;
    return TRUE;
}

/* UTF-8, even if a character of many was cut. */
static gboolean is_mostly_utf8(const guint8 *bytes, gsize size)
{
    gsize bad, good = utf8_count(bytes, size, 2, &bad);

    return good > 0 && bad <= good / 2;
}

static const struct codec *guess_japanese(const guint8 *bytes, gsize size, int least)
{
    int as_sjis = japanese_score_sjis(bytes, size);
    int as_euc = japanese_score_euc(bytes, size);

    if (MAX(as_sjis, as_euc) < least)
        return NULL;
    return as_sjis >= as_euc ? &sjis : &euc;
}

static const struct codec *guess(const guint8 *bytes, gsize size)
{
    const struct codec *japanese;

    if (japanese_is_jis(bytes, size))
        return &jis;
    if (is_ascii(bytes, size))
        return &ascii;
    if (is_mostly_utf8(bytes, size))
        return &utf8;
    if (size % 2 == 0 && size > 2 &&
        (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0))
        return find("UTF-16");
    japanese = guess_japanese(bytes, size, 1);
    return japanese ? japanese : latin ? latin : &ascii;
}

static gboolean says_little(const struct codec *named, const guint8 *bytes, gsize size)
{
    return !named || named->trust == TRUST_NONE ||
           (named->trust == TRUST_JIS && !is_ascii(bytes, size) && !memchr(bytes, 0x1b, size));
}

/* What the bytes are beyond doubt, whatever their label says; or NULL. */
static const struct codec *contradict(const struct codec *named, const guint8 *bytes, gsize size)
{
    gsize bad, good = utf8_count(bytes, size, named->trust == TRUST_LATIN ? 2 : 3, &bad);

    if (named->trust == TRUST_OTHER || named->trust == TRUST_JIS || named->trust == TRUST_UTF8)
        return named->trust == TRUST_UTF8 && japanese_is_jis(bytes, size) ? &jis : NULL;
    if (japanese_is_jis(bytes, size))
        return &jis;
    if (bad == 0 && good >= (named->trust == TRUST_LATIN ? 2 : 3))
        return &utf8;
    return named->trust == TRUST_LATIN ? guess_japanese(bytes, size, CERTAIN) : NULL;
}

/* What else it may be, once it has turned out not to be what its label says; or NULL. */
static const struct codec *second_guess(const struct codec *named, const guint8 *bytes, gsize size)
{
    gsize bad, good = utf8_count(bytes, size, 2, &bad);

    if (named->trust == TRUST_UTF8)
        return bad > good ? guess_japanese(bytes, size, CERTAIN) : NULL;
    if (bad == 0 && good >= 2)
        return &utf8;
    return named->trust == TRUST_WIDE ? guess_japanese(bytes, size, 1) : NULL;
}

static char *decode(const struct codec *codec, const guint8 *bytes, gsize size, gsize *errors)
{
    struct decoding d = {bytes, bytes + size, g_string_sized_new(size + size / 2 + 1), 0};

    codec->decode(&d, codec);
    *errors = d.errors;
    if (!g_utf8_validate(d.out->str, (gssize)d.out->len, NULL)) { /* UCS-4 has characters beyond */
        char *valid = g_utf8_make_valid(d.out->str, (gssize)d.out->len);
        g_string_free(d.out, TRUE);
        return valid;
    }
    if (g_str_has_prefix(d.out->str, "\uFEFF"))
        g_string_erase(d.out, 0, strlen("\uFEFF"));
    return g_string_free(d.out, FALSE);
}

static const char *problem_of_guess(const struct codec *named, const struct codec *codec)
{
    if (!named)
        return problem_unknown;
    if (codec == named)
        return NULL;
    if (named == &ascii)
        return codec == &jis ? NULL : problem_none;
    return problem_wrong;
}

char *charset_to_utf8(
    const char *label, const guint8 *bytes, gsize size, const char **used, const char **problem)
{
    const struct codec *named = find(label), *codec = named, *other;
    gsize errors;
    char *text;

    if (says_little(named, bytes, size))
        codec = guess(bytes, size);
    else if ((other = contradict(named, bytes, size)))
        codec = other;
    text = decode(codec, bytes, size, &errors);
    if (errors > 0 && codec == named && (other = second_guess(named, bytes, size))) {
        g_free(text);
        codec = other;
        text = decode(codec, bytes, size, &errors);
    }
    if (used)
        *used = codec->name;
    if (problem && !(*problem = problem_of_guess(named, codec)) && errors > 0)
        *problem = problem_lost;
    return text;
}

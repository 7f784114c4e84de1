/* The Japanese charsets, as the Encoding Standard of WHATWG decodes them. Where mail needs more
 * than a browser (JIS X 0212 and 0213, SO and SI, lines that end within kanji) the comment says so.
 */
#include "charset-parts.h"
#include <iconv.h>
#include <string.h>

enum { CELLS = 94 * 94, SJIS_CELLS = 60 * 188, ESC = 0x1b, SO = 0x0e, SI = 0x0f };

/* What an escape sequence may select. */
enum set {
    SET_ASCII,
    SET_ROMAN,
    SET_KANA,
    SET_KEEP, /* an announcer that selects nothing */
    SET_JIS0208,
    SET_JIS0212,
    SET_JIS0213_1,
    SET_JIS0213_2,
    SET_GB2312,
    SET_KSC5601,
    SETS
};

/* Where the cells of each set come from: a charset that has them at prefix, row + 0xA0, cell +
 * 0xA0. */
static const struct {
    const char *charset;
    guint8 prefix;
} sources[SETS] = {
    [SET_JIS0212] = {"EUC-JP", 0x8f},
    [SET_JIS0213_1] = {"EUC-JISX0213", 0},
    [SET_JIS0213_2] = {"EUC-JISX0213", 0x8f},
    [SET_GB2312] = {"EUC-CN", 0},
    [SET_KSC5601] = {"EUC-KR", 0},
};

/* 0: no such character; above 0x10FFFF: two characters of 16 bits each. */
static guint32 cells[SETS][CELLS];
/* The standard's "index jis0208", whose first 94 rows are JIS X 0208 with the rows of NEC. */
static guint32 sjis_cells[SJIS_CELLS];

static const struct {
    const char *bytes;
    enum set set;
} escapes[] = {
    {"(B", SET_ASCII},
    {"(J", SET_ROMAN},
    {"(H", SET_ROMAN}, /* the Swedish set, which old programs name for Roman */
    {"(I", SET_KANA},
    {"$@", SET_JIS0208},
    {"$B", SET_JIS0208},
    {"$(@", SET_JIS0208},
    {"$(B", SET_JIS0208},
    {"$(D", SET_JIS0212},
    {"$(O", SET_JIS0213_1},
    {"$(Q", SET_JIS0213_1},
    {"$(P", SET_JIS0213_2},
    {"$A", SET_GB2312},
    {"$(A", SET_GB2312},
    {"$(C", SET_KSC5601},
    {"&@", SET_KEEP},
};

/* The one or two characters that `cd` makes of a sequence, as a cell. */
static guint32 cell_of(iconv_t cd, const guint8 *bytes, gsize size)
{
    char text[16] = "", *in = (char *)bytes, *out = text;
    gsize left = sizeof text - 1;
    gunichar first;
    const char *second;

    iconv(cd, NULL, NULL, NULL, NULL);
    if (iconv(cd, &in, &size, &out, &left) == (gsize)-1 || size > 0)
        return 0;
    iconv(cd, NULL, NULL, &out, &left);
    *out = '\0';
    first = g_utf8_get_char(text);
    second = text[0] ? g_utf8_next_char(text) : text;
    return *second ? first << 16 | g_utf8_get_char(second) : first;
}

static void fill_set(enum set set, iconv_t cd)
{
    for (guint i = 0; i < CELLS; i++) {
        guint8 bytes[] = {sources[set].prefix, (guint8)(0xa1 + i / 94), (guint8)(0xa1 + i % 94)};
        int skip = bytes[0] ? 0 : 1;
        cells[set][i] = cell_of(cd, bytes + skip, sizeof bytes - (gsize)skip);
    }
}

static void fill_sjis(enum set set, iconv_t cd)
{
    for (guint i = 0; i < SJIS_CELLS; i++) {
        guint lead = i / 188, trail = i % 188;
        guint8 bytes[] = {(guint8)(lead + (lead < 31 ? 0x81 : 0xc1)),
            (guint8)(trail + (trail < 63 ? 0x40 : 0x41))};
        sjis_cells[i] = cell_of(cd, bytes, sizeof bytes);
    }
    memcpy(cells[set], sjis_cells, sizeof cells[set]);
}

/* With the tables nobody needs these charsets of iconv any more. */
static void fill(enum set set, const char *charset, void (*fill_from)(enum set set, iconv_t cd))
{
    iconv_t cd = iconv_open("UTF-8", charset);

    if (cd == (iconv_t)-1)
        return;
    fill_from(set, cd);
    iconv_close(cd);
}

void japanese_warm(void)
{
    fill(SET_JIS0208, "CP932", fill_sjis);
    for (enum set set = 0; set < SETS; set++)
        if (sources[set].charset)
            fill(set, sources[set].charset, fill_set);
}

static gboolean within(guint8 byte, guint8 first, guint8 last)
{
    return byte >= first && byte <= last;
}

/* `offset` is that of 0x21 or 0xA1, where rows and cells start. */
static guint32 cell_at(enum set set, const guint8 *pair, guint8 offset)
{
    return cells[set][(pair[0] - offset) * 94 + (pair[1] - offset)];
}

static void put_cell(struct decoding *d, guint32 cell, gsize bytes)
{
    if (cell == 0) {
        decoding_bad(d, bytes);
        return;
    }
    if (cell > 0x10ffff)
        g_string_append_unichar(d->out, cell >> 16);
    g_string_append_unichar(d->out, cell > 0x10ffff ? cell & 0xffff : cell);
    d->at += bytes;
}

static void put_byte(struct decoding *d)
{
    decoding_put(d, *d->at++);
}

static enum set jis_escape(struct decoding *d, enum set set)
{
    gsize left = (gsize)(d->end - d->at - 1);

    for (gsize i = 0; i < G_N_ELEMENTS(escapes); i++) {
        gsize length = strlen(escapes[i].bytes);
        if (length > left || memcmp(d->at + 1, escapes[i].bytes, length) != 0)
            continue;
        d->at += 1 + length;
        return escapes[i].set == SET_KEEP ? set : escapes[i].set;
    }
    decoding_bad(d, 1);
    return set;
}

/* Half-width kana between SO and SI, which the standard does not have. A lone SO is an error. */
static void jis_shifted(struct decoding *d)
{
    const guint8 *stop = d->at + 1;

    while (stop < d->end && within(*stop, 0x21, 0x5f))
        stop++;
    if (stop == d->end || *stop != SI) {
        decoding_bad(d, 1);
        return;
    }
    while (++d->at < stop)
        g_string_append_unichar(d->out, 0xff61 - 0x21 + *d->at);
    d->at++;
}

/* A signature or footer in UTF-8 that something on the way appended; else an error. */
static void jis_foreign(struct decoding *d)
{
    gunichar c = g_utf8_get_char_validated((const char *)d->at, d->end - d->at);

    if (c >= 0x800 && c <= 0x10ffff) {
        d->at += g_unichar_to_utf8(c, NULL);
        g_string_append_unichar(d->out, c);
    } else {
        decoding_bad(d, 1);
    }
}

static void jis_single(struct decoding *d, enum set set)
{
    guint8 byte = *d->at;

    if (byte == SO)
        jis_shifted(d);
    else if (byte >= 0x80)
        jis_foreign(d);
    else if (byte == SI)
        decoding_bad(d, 1);
    else if (set == SET_ROMAN && (byte == '\\' || byte == '~'))
        put_cell(d, byte == '\\' ? 0xa5 : 0x203e, 1);
    else if (set != SET_KANA)
        put_byte(d);
    else
        put_cell(d, within(byte, 0x21, 0x5f) ? 0xff61u - 0x21 + byte : 0, 1);
}

static void jis_double(struct decoding *d, enum set set)
{
    guint8 trail = d->end - d->at > 1 ? d->at[1] : ESC;

    if (!within(d->at[0], 0x21, 0x7e) || trail == ESC || trail == '\r' || trail == '\n')
        decoding_bad(d, 1);
    else if (!within(trail, 0x21, 0x7e))
        decoding_bad(d, 2);
    else
        put_cell(d, cell_at(set, d->at, 0x21), 2);
}

/* RFC 1468: each line starts in ASCII. So a line that was cut within kanji spoils no other. Two
 * escapes side by side, which the standard marks, are usual where encoded-words were joined. */
void japanese_decode_jis(struct decoding *d, const struct codec *codec)
{
    enum set set = SET_ASCII;

    while (d->at < d->end) {
        if (*d->at == ESC) {
            set = jis_escape(d, set);
        } else if (*d->at == '\n' || *d->at == '\r') {
            set = SET_ASCII;
            put_byte(d);
        } else if (set < SET_KEEP) {
            jis_single(d, set);
        } else {
            jis_double(d, set);
        }
    }
}

gboolean japanese_is_jis(const guint8 *bytes, gsize size)
{
    gboolean found = FALSE;

    for (gsize i = 0; i < size; i++) {
        if (bytes[i] >= 0x80)
            return FALSE;
        if (bytes[i] == ESC && size - i > 2)
            found |= (bytes[i + 1] == '$' && strchr("@B(", bytes[i + 2]) && bytes[i + 2]) ||
                     (bytes[i + 1] == '(' && bytes[i + 2] == 'I');
    }
    return found;
}

/* The cell of the pair at `at`, or 0. */
static guint32 sjis_pair(const guint8 *at, const guint8 *end, guint *row)
{
    guint pointer;

    if (end - at < 2 || !(within(at[0], 0x81, 0x9f) || within(at[0], 0xe0, 0xfc)) ||
        !(within(at[1], 0x40, 0x7e) || within(at[1], 0x80, 0xfc)))
        return 0;
    pointer = (guint)(at[0] - (at[0] < 0xa0 ? 0x81 : 0xc1)) * 188 + at[1] -
              (at[1] < 0x7f ? 0x40u : 0x41u);
    *row = pointer / 94 + 1;
    return sjis_cells[pointer];
}

static void sjis_wide(struct decoding *d)
{
    guint row;
    guint32 cell = sjis_pair(d->at, d->end, &row);
    gboolean swallow = d->end - d->at > 1 && d->at[1] >= 0x80;

    put_cell(d, cell, cell || swallow ? 2 : 1);
}

void japanese_decode_sjis(struct decoding *d, const struct codec *codec)
{
    while (d->at < d->end) {
        guint8 byte = *d->at;

        if (byte <= 0x80)
            put_byte(d);
        else if (within(byte, 0xa1, 0xdf))
            put_cell(d, 0xff61u - 0xa1 + byte, 1);
        else if (byte == 0xa0 || byte > 0xfc)
            decoding_bad(d, 1);
        else
            sjis_wide(d);
    }
}

/* The cell of the sequence at `at`; `*length` is what to pass over, right or wrong. */
static guint32 euc_sequence(const guint8 *at, const guint8 *end, gsize *length)
{
    gsize skip = at[0] == 0x8f ? 1 : 0;
    gsize left = (gsize)(end - at);
    guint32 cell = 0;

    *length = 1;
    if (left < 2)
        return 0;
    if (at[0] == 0x8e) {
        *length = at[1] >= 0x80 ? 2 : 1;
        return within(at[1], 0xa1, 0xdf) ? 0xff61u - 0xa1 + at[1] : 0;
    }
    if (skip && !within(at[1], 0xa1, 0xfe)) {
        *length = at[1] >= 0x80 ? 2 : 1;
        return 0;
    }
    if (left < 2 + skip) {
        *length = left;
        return 0;
    }
    if (within(at[skip], 0xa1, 0xfe) && within(at[skip + 1], 0xa1, 0xfe))
        cell = cell_at(skip ? SET_JIS0212 : SET_JIS0208, at + skip, 0xa1);
    *length = skip + (at[skip + 1] >= 0x80 ? 2 : 1);
    return cell;
}

void japanese_decode_euc(struct decoding *d, const struct codec *codec)
{
    while (d->at < d->end) {
        guint8 byte = *d->at;
        gsize length = 1;
        guint32 cell = 0;

        if (byte < 0x80) {
            put_byte(d);
            continue;
        }
        if (byte == 0x8e || byte == 0x8f || within(byte, 0xa1, 0xfe))
            cell = euc_sequence(d->at, d->end, &length);
        put_cell(d, cell, length);
    }
}

/* What 8-bit text consists of, if it is in the charset that it is read in. */
struct census {
    guint kana, common, rare, narrow, linked, pairs;
    const guint8 *after; /* where the last pair ended: a pair right there is linked */
};

static void count_pair(struct census *census, guint row, const guint8 *at)
{
    census->pairs++;
    census->linked += census->after == at;
    census->after = at + 2;
    if (row == 4 || row == 5)
        census->kana++;
    else if (row >= 16 && row <= 47)
        census->common++;
    else if (row > 47)
        census->rare++;
}

/* Japanese comes in runs, and rare kanji are few. Latin text read as Shift_JIS shows single pairs
 * ("n't" with a typographic apostrophe) and half-width kana. */
static int score(const struct census *census)
{
    guint likely = census->kana * 3 + census->common, unlikely = census->rare * 2 + census->narrow;

    if (census->linked == 0 || census->linked * 2 < census->pairs || likely <= unlikely)
        return 0;
    return (int)MIN(
        census->kana >= 3 ? 10 + (likely - unlikely) : MIN(likely - unlikely, 9), 10000);
}

int japanese_score_sjis(const guint8 *bytes, gsize size)
{
    struct census census = {0};
    const guint8 *end = bytes + size;

    for (const guint8 *at = bytes; at < end; at++) {
        guint row = 0;
        guint32 cell;

        if (*at < 0x80)
            continue;
        if (within(*at, 0xa1, 0xdf)) {
            census.narrow++;
            continue;
        }
        cell = sjis_pair(at, end, &row);
        if (cell == 0 || within(*at, 0xf0, 0xf9)) /* nothing, or a private character */
            return end - at == 1 ? score(&census) : 0;
        count_pair(&census, row, at++);
    }
    return score(&census);
}

int japanese_score_euc(const guint8 *bytes, gsize size)
{
    struct census census = {0};
    const guint8 *end = bytes + size;

    for (const guint8 *at = bytes; at < end; at++) {
        gsize length;

        if (*at < 0x80)
            continue;
        if (euc_sequence(at, end, &length) == 0)
            return end - at == 1 ? score(&census) : 0;
        if (*at == 0x8e)
            census.narrow++;
        else if (*at == 0x8f)
            census.rare++;
        else
            count_pair(&census, *at - 0xa0u, at);
        at += length - 1;
    }
    return score(&census);
}

#include "charset-parts.h"

void decoding_put(struct decoding *d, gunichar c)
{
    if (c == 0) {
        c = 0xfffd;
        d->errors++;
    }
    if (c < 0x80)
        g_string_append_c(d->out, (char)c);
    else
        g_string_append_unichar(d->out, c);
}

void decoding_bad(struct decoding *d, gsize bytes)
{
    g_string_append(d->out, "\uFFFD");
    d->errors++;
    d->at += bytes;
}

/* What may follow the first byte of a character; the first that fits counts. */
static const struct {
    guint8 first, last, low, high;
    int more;
} leads[] = {
    {0xc2, 0xdf, 0x80, 0xbf, 1},
    {0xe0, 0xe0, 0xa0, 0xbf, 2},
    {0xed, 0xed, 0x80, 0x9f, 2},
    {0xe1, 0xef, 0x80, 0xbf, 2},
    {0xf0, 0xf0, 0x90, 0xbf, 3},
    {0xf4, 0xf4, 0x80, 0x8f, 3},
    {0xf1, 0xf3, 0x80, 0xbf, 3},
};

/* The length of the character at `at`, or minus the length of the longest beginning of one. */
static int sequence(const guint8 *at, const guint8 *end)
{
    int length = 1;

    if (*at < 0x80)
        return 1;
    for (gsize i = 0; i < G_N_ELEMENTS(leads); i++) {
        guint8 low = leads[i].low, high = leads[i].high;
        if (*at < leads[i].first || *at > leads[i].last)
            continue;
        for (; length <= leads[i].more; length++, low = 0x80, high = 0xbf)
            if (at + length == end || at[length] < low || at[length] > high)
                return -length;
        return length;
    }
    return -1;
}

void utf8_decode(struct decoding *d, const struct codec *codec)
{
    while (d->at < d->end) {
        int length = sequence(d->at, d->end);

        if (length < 0) {
            decoding_bad(d, (gsize)-length);
        } else if (length == 1) {
            decoding_put(d, *d->at++);
        } else {
            g_string_append_len(d->out, (const char *)d->at, length);
            d->at += length;
        }
    }
}

gsize utf8_count(const guint8 *bytes, gsize size, int least, gsize *bad)
{
    const guint8 *end = bytes + size;
    gsize good = 0;

    *bad = 0;
    for (const guint8 *at = bytes; at < end;) {
        int length = sequence(at, end);

        good += length >= least;
        *bad += length < 0;
        at += length < 0 ? -length : length;
    }
    return good;
}

/* What the files behind charset.h share. */
#pragma once
#include <glib.h>

/* A decoder reads from `at` to `end`, appends valid UTF-8 to `out`, and counts what it had to
 * replace. */
struct decoding {
    const guint8 *at, *end;
    GString *out;
    gsize errors;
};

/* How far a charset's label can be believed. */
enum trust {
    TRUST_NONE,  /* no label, or one that says nothing: look at the bytes */
    TRUST_LATIN, /* what mail programs write when they do not know */
    TRUST_UTF8,
    TRUST_JIS,  /* 7-bit Japanese */
    TRUST_WIDE, /* 8-bit Japanese */
    TRUST_OTHER,
};

struct codec {
    const char *name;
    void (*decode)(struct decoding *decoding, const struct codec *codec);
    enum trust trust;
    guint unit; /* bytes passed over after an error; 0: a pair, unless its second byte is ASCII */
    const char *iconv_name; /* for those that iconv decodes */
    gpointer iconv[2];      /* their descriptors to UTF-8 and back; NULL until they are opened */
};

/* Appends a character; U+0000 becomes U+FFFD, because text ends there. */
void decoding_put(struct decoding *decoding, gunichar c);
/* Appends U+FFFD and passes over `bytes`. */
void decoding_bad(struct decoding *decoding, gsize bytes);

/* UTF-8, with one U+FFFD for each longest beginning of a character, as the Encoding Standard has
 * it. */
void utf8_decode(struct decoding *decoding, const struct codec *codec);
/* Characters of at least `length` bytes; `*bad` counts the bytes that belong to no character. */
gsize utf8_count(const guint8 *bytes, gsize size, int length, gsize *bad);

/* Adds a codec for each name of this system's charsets that `codecs` lacks, and opens the common
 * ones, with `rare` all. */
void iconv_warm(GHashTable *codecs, gboolean rare);
/* Opens it now if it was not; FALSE: it cannot be. */
gboolean iconv_is_ready(struct codec *codec);
void iconv_decode(struct decoding *decoding, const struct codec *codec);
/* A codec for one charset of iconv, opened if it is a common one or with `rare`; NULL if it cannot
 * be. Lives as long as the process. */
struct codec *iconv_codec(const char *name, const char *shown, enum trust trust, gboolean rare);

/* Fills the tables of the Japanese decoders from iconv. */
void japanese_warm(void);
void japanese_decode_jis(struct decoding *decoding, const struct codec *codec);
void japanese_decode_sjis(struct decoding *decoding, const struct codec *codec);
void japanese_decode_euc(struct decoding *decoding, const struct codec *codec);
/* Is this 7-bit text with the escapes of ISO-2022-JP? */
gboolean japanese_is_jis(const guint8 *bytes, gsize size);
/* How much 8-bit text looks like Japanese: 0 not at all, below 10 perhaps, from 10 on certainly. */
int japanese_score_sjis(const guint8 *bytes, gsize size);
int japanese_score_euc(const guint8 *bytes, gsize size);

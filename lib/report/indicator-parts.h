/* The files of the indicator finder among themselves. One walk over the text makes words, mended
 * and with the place of each character; another over each word finds what stands in it. Neither
 * ever goes back further than a fixed number of characters: the time is linear. */
#pragma once
#include "report-parts.h"

enum { WORD_MAX = 4096, HOST_MAX = 253, TOKEN_MAX = 31 };

enum glyph {
    GLYPH_OTHER,
    GLYPH_ALNUM, /* of ASCII */
    GLYPH_JOIN,  /* '-' and '_' */
    GLYPH_DOT,
    GLYPH_LETTER, /* of scripts that leave blanks between words */
    GLYPH_CJK,    /* and of those that do not */
};

/* What a byte is to those who look for something; other bytes are nothing to any. */
enum trait {
    TRAIT_LETTER = 1, /* of ASCII */
    TRAIT_HEX = 2,    /* of these letters and of the digits those that are hexadecimal */
    TRAIT_DIGIT = 4,
    TRAIT_COLON = 8,
    TRAIT_SLASH = 16,
    TRAIT_DOT = 32,
    TRAIT_AT = 64,
    TRAIT_PLAIN = 128, /* always stands for itself, inside of a word */
    TRAIT_ALNUM = TRAIT_LETTER | TRAIT_DIGIT,
};
extern const guint8 traits_of[256];

/* Without a blank in it; full-width characters are ASCII, and what was defanged is mended. */
struct word {
    gsize length;
    guint8 has; /* the traits of its bytes, all together */
    char plain[WORD_MAX + 1];
    guint8 glyph[WORD_MAX];
    gboolean mended[WORD_MAX];
    gsize begin[WORD_MAX], end[WORD_MAX]; /* where it stands in the text */
    gboolean cut;                         /* there is more of it than fits */
};

/* -- indicator-words.c -- */
struct words {
    const char *text;
    gsize at;
    gboolean line_start;
    gboolean armour;  /* inside of it */
    gboolean header;  /* lines that begin with a blank belong to one that says nothing */
    gboolean dropped; /* the rest of a word that did not fit */
    gboolean open;    /* "[." of which the bracket is not closed yet */
};
/* FALSE: the text is over. */
gboolean words_next(struct words *words, struct word *word);
/* The character there in its plain form; `*length` is how many bytes it takes. */
gunichar words_peek(const char *text, gsize *length);
void word_add(struct word *word, gunichar c, gsize begin, gsize end, gboolean mended);

/* -- indicator-refang.c -- */
/* Mends what begins at `words->at`; FALSE: it is nothing of that kind. */
gboolean refang(struct words *words, struct word *word);

/* -- indicator.c -- */
struct hunt {
    struct report *report;
    const struct place *place;
    struct word *word;
    char before[2][TOKEN_MAX + 1]; /* the last words before, in lower case; the last is first */
    int version;                   /* so many words ago there was a version number */
};
/* Is what stands in [begin, end) as it was written, or was it defanged? */
gboolean hunt_mended(const struct hunt *hunt, gsize begin, gsize end);
void hunt_add(
    struct hunt *hunt, enum indicator_kind kind, const char *value, gsize begin, gsize end);
/* Does one of the words of this NULL-terminated list stand right before? */
gboolean hunt_behind(const struct hunt *hunt, const char *const *list);
/* The character there, '\0' outside of the word. */
static inline char hunt_at(const struct hunt *hunt, gsize at)
{
    return at < hunt->word->length ? hunt->word->plain[at] : '\0';
}
/* No letter, digit or '_' before and none behind. */
gboolean hunt_alone(const struct hunt *hunt, gsize begin, gsize end);

/* Each looks at what begins at `at` and returns where it ends, 0 if it is nothing. */
/* -- indicator-url.c -- */
gsize hunt_url(struct hunt *hunt, gsize at);
/* Where a URL without a scheme ends whose host is [begin, end), or 0: it is a host. */
gsize hunt_path(struct hunt *hunt, const char *host, gsize begin, gsize end);
/* -- indicator-address.c -- */
gsize hunt_ipv4(struct hunt *hunt, gsize at);
gsize hunt_ipv6(struct hunt *hunt, gsize at);
/* The canonical form of one, or NULL. The caller frees it. */
char *ipv4_canonical(const char *text, gsize length);
char *ipv6_canonical(const char *text, gsize length);
/* -- indicator-domain.c -- */
gsize hunt_domain(struct hunt *hunt, gsize at);
gsize hunt_mail(struct hunt *hunt, gsize at);
/* Where a name of labels and dots that begins there ends. */
gsize host_end(const struct hunt *hunt, gsize at);
/* In lower case and punycode, under a public suffix; NULL: it is none. The caller frees it. */
char *domain_canonical(const char *text, gsize length);
/* The same of a name under no public suffix, which counts only where a format names it. */
char *private_canonical(const char *text, gsize length);
/* -- indicator-number.c -- */
gsize hunt_hash(struct hunt *hunt, gsize at);
gsize hunt_cve(struct hunt *hunt, gsize at);
gsize hunt_asn(struct hunt *hunt, gsize at);
gsize hunt_jvn(struct hunt *hunt, gsize at);

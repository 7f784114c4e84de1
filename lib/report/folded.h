/* A text with one byte for each character, so that words are found in it however they are written:
 * capitals, compatibility forms (NFKC, full-width letters) and accents as plain letters, any dash
 * as '-', any blank but a line's end as ' ', any bracket of quotation as '[' or ']', the rest as
 * '?'. */
#pragma once
#include <glib.h>

enum {
    FOLDED_TOPIC = 1,  /* the particle "は" */
    FOLDED_TICKED = 2, /* a box or circle that is filled or ticked */
    FOLDED_OPEN = 3,   /* one that is not */
};

struct folded {
    char *bytes;
    gsize length;
    const char *text; /* borrowed */
    gboolean ascii;
    gsize index; /* of the character at which `at` stands */
    const char *at;
};
/* `text` must be valid UTF-8, and outlive it. */
void folded_make(struct folded *folded, const char *text);
void folded_clear(struct folded *folded);
/* Where in the text that character stands. Asked in ascending order it costs one pass. */
const char *folded_at(struct folded *folded, gsize index);
/* As it was written, cut to a length that can be shown; the caller frees it. */
char *folded_piece(struct folded *folded, gsize from, gsize to);
/* A letter or a digit: what makes a word longer. Japanese has no blanks between words, so its
 * characters end one. */
gboolean folded_is_word(char c);
gsize folded_skip_blanks(const struct folded *folded, gsize at);
/* Does `word` (in capitals) stand there? */
gboolean folded_stands(const struct folded *folded, gsize at, const char *word);

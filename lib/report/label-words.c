#include "label-words.h"
#include <string.h>

static const char *const label_names[] = {
    [TLP_RED] = "RED",
    [TLP_AMBER_STRICT] = "AMBER+STRICT",
    [TLP_AMBER] = "AMBER",
    [TLP_GREEN] = "GREEN",
    [TLP_CLEAR] = "CLEAR",
    [TLP_LABELS] = "",
    [TLP_UNKNOWN] = "",
};

static const struct {
    const char *written;
    enum tlp label;
} words[] = {
    {"RED", TLP_RED},
    {"AMBER", TLP_AMBER},
    {"AMBAR", TLP_AMBER},
    {"GREEN", TLP_GREEN},
    {"CLEAR", TLP_CLEAR},
    {"WHITE", TLP_CLEAR},
};

const char *label_name(enum tlp label)
{
    return label_names[label];
}

static gboolean ends_word(const char *bytes, gsize at)
{
    return !folded_is_word(bytes[at]) && !(bytes[at] == '+' && folded_is_word(bytes[at + 1]));
}

/* "+STRICT", "-STRICT", " (STRICT)"; 0: it is not there. */
static gsize strict_length(const struct folded *folded, gsize at)
{
    gsize begin = at;

    begin = folded_skip_blanks(folded, begin);
    if (folded->bytes[begin] && strchr("+-(", folded->bytes[begin]))
        begin = folded_skip_blanks(folded, begin + 1);
    if (begin == at || !folded_stands(folded, begin, "STRICT"))
        return 0;
    begin += strlen("STRICT");
    return ends_word(folded->bytes, begin) ? begin - at : 0;
}

/* The label that begins there, and where it ends; TLP_UNKNOWN if none does. */
static enum tlp read_label(const struct folded *folded, gsize at, gsize *end)
{
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        gsize behind = at + strlen(words[i].written), strict;
        if (!folded_stands(folded, at, words[i].written))
            continue;
        strict = words[i].label == TLP_AMBER ? strict_length(folded, behind) : 0;
        *end = behind + strict;
        if (strict || ends_word(folded->bytes, behind))
            return strict ? TLP_AMBER_STRICT : words[i].label;
    }
    return TLP_UNKNOWN;
}

/* -- several, to choose from -- */

gsize label_tick_length(const struct folded *folded, gsize at)
{
    const char *bytes = folded->bytes + at;

    return (bytes[0] == '[' || bytes[0] == '(') && bytes[1] && strchr("XV*O", bytes[1]) &&
                   (bytes[2] == ']' || bytes[2] == ')')
               ? 3
               : 0;
}

static gboolean is_ticked(const struct folded *folded, gsize at)
{
    const char *bytes = folded->bytes;

    while (at > 0 && bytes[at - 1] == ' ')
        at--;
    return at > 0 &&
           (bytes[at - 1] == FOLDED_TICKED || (at >= 3 && label_tick_length(folded, at - 3) == 3));
}

gboolean label_has_box(const struct folded *folded, gsize at)
{
    const char *bytes = folded->bytes;

    while (at > 0 && bytes[at - 1] == ' ')
        at--;
    return is_ticked(folded, at) ||
           (at > 0 && (bytes[at - 1] == FOLDED_OPEN ||
                          (bytes[at - 1] == ']' && (at > 1 && strchr("[ ", bytes[at - 2])))));
}

/* Moves behind what separates two labels of a list; FALSE: nothing does. */
static gboolean skip_between(const struct folded *folded, gsize *at, gboolean *firm)
{
    const char *bytes = folded->bytes;
    gsize begin = folded_skip_blanks(folded, *at);
    gboolean separated = FALSE, box = FALSE, line = FALSE;

    *firm = FALSE;
    for (gsize count = 0; count < MOST_MARKS; count++) {
        char c = bytes[begin];
        gsize tick = label_tick_length(folded, begin), width = tick ? tick : 1;
        if (folded_stands(folded, begin, "OR ") || folded_stands(folded, begin, "AND "))
            width = strcspn(bytes + begin, " ");
        else if (!tick && !(c && strchr(" /|,\n[]()", c)) && c != FOLDED_TICKED && c != FOLDED_OPEN)
            break;
        *firm |= c == '/' || c == '|';
        box |=
            tick || c == FOLDED_TICKED || c == FOLDED_OPEN || (c == '[' && bytes[begin + 1] == ' ');
        line |= c == '\n';
        separated |= !strchr(" \n[]()", c);
        begin += width;
    }
    *firm |= box;
    *at = begin;
    return line ? box : separated || box;
}

guint label_read_list(const struct folded *folded, gsize at, struct listed *listed)
{
    guint count = 0;
    gboolean firm = FALSE;
    gsize end = at;
    enum tlp label;

    while (count < MOST_LISTED && (label = read_label(folded, at, &end)) != TLP_UNKNOWN) {
        listed[count++] = (struct listed){label, at, end, is_ticked(folded, at), firm};
        at = end;
        if (!skip_between(folded, &at, &firm))
            break;
    }
    return count;
}

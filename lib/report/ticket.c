/* Numbers of other teams' trackers, as they write them in subjects.
 *
 * A shape is an example of a number: '0' stands for a digit, "0+" for one or more, '?' for a letter
 * or digit, a blank for any number of blanks, and everything else for itself. */
#include "report.h"
#include "folded.h"
#include "report-parts.h"
#include <string.h>

enum {
    LINES_LOOKED_AT = 20, /* of a text; a number that somebody refers to stands at its beginning */
    BYTES_LOOKED_AT = 4096,
    LONGEST_NAME = 40,
    MOST_DIGITS = 20,
    YEAR_DIGITS = 4, /* this and the next two: of a mado number */
    FEWEST_COUNTED = 4,
    MOST_COUNTED = 9,
};
#define DIGITS "0123456789"

struct shape {
    const char *authority, *written;
};

/* Where two of them fit, the first one is taken. */
static const struct shape known[] = {
    {"JPCERT/CC", "JPCERT#00000000"},
    {"JVN", "JVN#00000000"},
    {"CERT/CC", "VU#0+"},
    {"CERT/CC", "VRF#00-00-?????"},
    {"CERT-Bund", "CERT-Bund#0000000000000000"},
    {"CERT-Bund", "CB-Report#00000000-00000000"},
    {"CERT.at", "CERT.at #0000000"},
    {"CIRCL", "circl.lu #0000000"},
    {"INCIBE-CERT", "INCIBE-CERT #0000000"},
    {"CERT Polska", "CERT.PL #0000000"},
    {"CERT.PT", "CNCS|CERT.PT #000000"},
    {"CERT-RO", "CERT-RO #0000000"},
    {"DNSC", "DNSC #0000000"},
    {"NCSC-FI", "NCSC-FI #0+"},
    {"NCSC-FI", "FICORA #0000000"},
    {"NorCERT", "NorCERT#00000000"},
    {"CERT.hr", "CERT.hr #00000"},
    {"CERT-LT", "NKSC/CERT-LT #000000"},
    {"CERT-PY", "RTIR - CERT-PY #00000"},
    {"CSIRT-MU", "CSIRT-MU #0+"},
    {"SWITCH-CERT", "SWITCH#0000000000000000"},
    {"CERT-UA", "CERT-UA#00000000-0+"},
    {"CERT-UA", "CERT-UA#0000"},
    {"CERT-EE", "CERT-000000"},
    {"HKCERT", "HKCERT #00000000000"},
    {"CISA", "INC000000000000"},
    {"CERT-In", "CERTIn-00000000_0+"},
    {"CERT-In", "CERTIn-00000000"},
    {"CERT NZ", "CIR - 00000"},
    {"SingCERT", "SingCERT_00000000-C000000"},
    {"MyCERT", "MyCERT-000000000000-[00000]"},
    {"AUSCERT", "AUSCERT#0+"},
    {"TWNCERT", "TWNCERT-S000000000000"},
    {"DIVD", "DIVD-0000-00000"},
};

/* Of the configuration; and the tag of our own numbers, which are nobody else's. */
static GVariant *own_list;
static struct shape *own_shapes; /* into that */
static gsize own_count;
static char *own_tag;

void report_know_tickets(GVariantDict *settings)
{
    const char *tag = "";

    g_clear_pointer(&own_list, g_variant_unref);
    g_clear_pointer(&own_shapes, g_free);
    g_clear_pointer(&own_tag, g_free);
    own_list = g_variant_dict_lookup_value(settings, "tickets", G_VARIANT_TYPE("a(ss)"));
    own_count = own_list ? g_variant_n_children(own_list) : 0;
    own_shapes = g_new0(struct shape, own_count + 1);
    for (gsize i = 0; i < own_count; i++)
        g_variant_get_child(
            own_list, i, "(&s&s)", &own_shapes[i].authority, &own_shapes[i].written);
    g_variant_dict_lookup(settings, "tag", "&s", &tag);
    own_tag = g_ascii_strup(tag, -1);
}

/* -- shapes -- */

/* Digits as many as there are, or just one. */
static gsize take_digits(const char *bytes, gboolean many, GString *id)
{
    gsize length = 0;

    while (length < (many ? MOST_DIGITS : 1) && g_ascii_isdigit(bytes[length]))
        g_string_append_c(id, bytes[length++]);
    return length;
}

/* How much of the text one character of a shape takes; -1: it is another. */
static gssize take_one(const char *bytes, const char *shape, GString *id)
{
    gsize digits;

    if (*shape == '0') {
        digits = take_digits(bytes, shape[1] == '+', id);
        return digits ? (gssize)digits : -1;
    }
    if (*shape == ' ') {
        g_string_append_c(id, ' ');
        return (gssize)strspn(bytes, " ");
    }
    if (*shape == '?' ? !g_ascii_isalnum(*bytes) : g_ascii_toupper(*shape) != *bytes)
        return -1;
    g_string_append_c(id, *shape == '?' ? *bytes : *shape);
    return 1;
}

/* Where the number ends that begins at `bytes`; NULL: none does. */
static const char *match(const char *bytes, const char *shape, GString *id)
{
    g_string_truncate(id, 0);
    for (; *shape; shape += shape[0] == '0' && shape[1] == '+' ? 2 : 1) {
        gssize taken = take_one(bytes, shape, id);
        if (taken < 0)
            return NULL;
        bytes += taken;
    }
    return folded_is_word(*bytes) ? NULL : bytes;
}

static gboolean is_ours(const char *bytes)
{
    gsize length = own_tag ? strlen(own_tag) : 0;

    return length && strncmp(bytes, own_tag, length) == 0 &&
           bytes[length + strspn(bytes + length, " ")] == '#';
}

/* `c` is folded. Letters differ in one bit from their capitals, which tells most. */
static gboolean begins_as(const char *written, char c)
{
    return ((*written ^ c) & ~0x20) == 0 && g_ascii_toupper(*written) == c;
}

static const struct shape *find_shape(
    const char *bytes, const struct shape *shapes, gsize count, GString *id, const char **end)
{
    for (gsize i = 0; i < count; i++)
        if (begins_as(shapes[i].written, *bytes) && (*end = match(bytes, shapes[i].written, id)))
            return &shapes[i];
    return NULL;
}

/* Those of the configuration first: a team knows its peers. */
static const struct shape *find_ticket(const char *bytes, GString *id, const char **end)
{
    const struct shape *shape = find_shape(bytes, own_shapes, own_count, id, end);

    return shape ? shape : find_shape(bytes, known, G_N_ELEMENTS(known), id, end);
}

static gboolean begins_word(const struct folded *folded, gsize at)
{
    return at == 0 ||
           !(folded_is_word(folded->bytes[at - 1]) || strchr("-_.#", folded->bytes[at - 1]));
}

/* -- "[name #123]": how trackers mark their mail, whoever's it is -- */

/* RT and OTRS write digits alone, mado "2026-0042-K7". How many characters the number has; 0: it is
 * none. A mado number is the year, at least four digits, and two characters that check them. */
static gsize tag_number_length(const char *number)
{
    gsize digits = strspn(number, DIGITS), sequence;

    if (digits != YEAR_DIGITS || number[digits] != '-')
        return digits <= MOST_DIGITS ? digits : 0;
    sequence = strspn(number + digits + 1, DIGITS);
    number += digits + 1 + sequence;
    if (sequence < FEWEST_COUNTED || sequence > MOST_COUNTED || number[0] != '-' ||
        !g_ascii_isalnum(number[1]) || !g_ascii_isalnum(number[2]))
        return 0;
    return digits + 1 + sequence + 3;
}

static const char *find_tag(struct folded *folded, gsize at, GString *id)
{
    const char *begin = folded->bytes + at + 1;
    gsize name = strcspn(begin, "[]#\n"), length, blanks;
    const char *number = begin + name;
    g_autofree char *written = NULL;

    if (*begin == ' ' || name == 0 || name > LONGEST_NAME || *number++ != '#' || is_ours(begin))
        return NULL;
    blanks = strspn(number, " ");
    length = tag_number_length(number + blanks);
    if (!length || number[blanks + length] != ']')
        return NULL;
    written = folded_piece(folded, at + 1, at + 1 + name);
    g_string_printf(id, "%s#%.*s", written, (int)length, number + blanks);
    return number + blanks + length + 1;
}

/* -- the search -- */

struct search {
    struct folded folded;
    struct report *report;
    const char *from;
    gboolean tags;         /* those are looked for, too */
    GString *id;           /* of what was found last */
    gboolean begins[0x80]; /* is it the first letter of a shape? */
};

static void note_beginnings(struct search *search, const struct shape *shapes, gsize count)
{
    for (gsize i = 0; i < count; i++)
        if ((guchar)*shapes[i].written < 0x80)
            search->begins[(guchar)g_ascii_toupper(*shapes[i].written)] = TRUE;
}

/* What is folded is ASCII. */
static gboolean may_begin(const struct search *search, gsize at)
{
    char c = search->folded.bytes[at];

    return search->begins[(guchar)c] && g_ascii_isalnum(c) && begins_word(&search->folded, at);
}

static gsize look_at(struct search *search, gsize at)
{
    const struct shape *shape;
    const char *bytes = search->folded.bytes + at, *end = NULL, *inside;

    if (may_begin(search, at) && !is_ours(bytes)) {
        shape = find_ticket(bytes, search->id, &end);
        if (shape)
            report_add_ticket(search->report, shape->authority, search->id->str, search->from);
    } else if (search->tags && *bytes == '[' && !find_ticket(bytes + 1, search->id, &inside) &&
               (end = find_tag(&search->folded, at, search->id))) {
        report_add_ticket(search->report, "", search->id->str, search->from);
    }
    return end ? (gsize)(end - search->folded.bytes) : at + 1;
}

/* The first lines of a text. */
static char *beginning(const char *text)
{
    const char *end = text;
    gsize length;

    for (int lines = 0; lines < LINES_LOOKED_AT && *end; lines++) {
        end += strcspn(end, "\n");
        end += *end == '\n';
    }
    length = MIN((gsize)(end - text), BYTES_LOOKED_AT);
    while (length && (text[length] & 0xc0) == 0x80)
        length--;
    return g_strndup(text, length);
}

/* Files are evidence, and no letters: what stands in them refers to nothing. */
void ticket_find(struct report *report, const struct place *place)
{
    gboolean subject = g_str_equal(place->from, "subject");
    gboolean letter = subject || g_str_equal(place->from, "text");
    g_autofree char *text = letter ? beginning(place->text) : NULL;
    struct search search = {.report = report, .from = place->from, .tags = subject};

    if (!letter)
        return;
    note_beginnings(&search, known, G_N_ELEMENTS(known));
    note_beginnings(&search, own_shapes, own_count);
    search.id = g_string_new(NULL);
    folded_make(&search.folded, text);
    for (gsize at = 0; at < search.folded.length;)
        at = look_at(&search, at);
    folded_clear(&search.folded);
    g_string_free(search.id, TRUE);
}

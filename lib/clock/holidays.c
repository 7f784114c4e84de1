/* The list of holidays: whatever has dates in its fields. The Cabinet Office of Japan publishes
 * lines "2026/1/1,元日" below a heading, in Shift_JIS as a rule, and has published years side by
 * side; others write ISO dates. Names are not needed, so only digits and marks are decoded. */
#include "inside.h"
#include "local.h"
#include "text.h"
#include <stdio.h>
#include <string.h>

/* -- to ASCII: a character without a counterpart there becomes '?' -- */

/* Of JIS X 0208 as Shift_JIS writes it, what a date may have; the others are two bytes as well. */
static char fold_pair(guint pair)
{
    static const struct {
        guint pair;
        char as;
    } marks[] = {{0x815e, '/'}, {0x817c, '-'}, {0x8144, '.'}, {0x8143, ','}, {0x8140, ' '},
        {0x8169, '('}, {0x944e, '/'}, {0x8c8e, '/'}, {0x93fa, ' '}};

    if (pair >= 0x824f && pair <= 0x8258)
        return (char)('0' + (pair - 0x824f));
    for (gsize i = 0; i < G_N_ELEMENTS(marks); i++)
        if (marks[i].pair == pair)
            return marks[i].as;
    return '?';
}

static char *fold_shift_jis(const char *text, gsize length)
{
    GString *folded = g_string_sized_new(length);

    for (gsize i = 0; i < length; i++) {
        guchar c = (guchar)text[i];
        gboolean leads = (c >= 0x81 && c <= 0x9f) || (c >= 0xe0 && c <= 0xfc);
        if (leads && i + 1 < length && (guchar)text[i + 1] >= 0x40) {
            g_string_append_c(folded, fold_pair((guint)c << 8 | (guchar)text[i + 1]));
            i++;
        } else {
            g_string_append_c(folded, c && c < 0x80 ? (char)c : '?');
        }
    }
    return g_string_free(folded, FALSE);
}

static char *fold_utf8(const char *text)
{
    static const struct {
        gunichar c;
        char as;
    } marks[] = {{0x5e74, '/'}, {0x6708, '/'}, {0x65e5, ' '}, {0x2212, '-'}, {0x3001, ','}};
    g_autofree char *plain = g_utf8_normalize(text, -1, G_NORMALIZE_NFKC);
    GString *folded = g_string_new(NULL);

    for (const char *at = plain; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        char as = c < 0x80 ? (char)c : '?';
        for (gsize i = 0; i < G_N_ELEMENTS(marks); i++)
            as = marks[i].c == c ? marks[i].as : as;
        if (c != 0xfeff)
            g_string_append_c(folded, as);
    }
    return g_string_free(folded, FALSE);
}

static char *fold(GBytes *list)
{
    gsize length;
    const char *data = g_bytes_get_data(list, &length);
    g_autofree char *text = length ? g_strndup(data, length) : g_strdup("");

    if (strlen(text) == length && g_utf8_validate(text, -1, NULL))
        return fold_utf8(text);
    return fold_shift_jis(data, length);
}

/* -- dates -- */

enum { FIRST_YEAR = 1900 }; /* what is before was written with two digits */
enum what { NOT_A_DATE, NO_SUCH_DATE, A_DATE };

struct date {
    int year, month, day, length;
};

static gboolean scan_date(const char *field, struct date *date)
{
    *date = (struct date){0};
    if (sscanf(field, "%4d%*1[/.-]%2d%*1[/.-]%2d%n", &date->year, &date->month, &date->day,
            &date->length) == 3)
        return TRUE;
    return sscanf(field, "%4d%2d%2d%n", &date->year, &date->month, &date->day, &date->length) ==
               3 &&
           date->length == 8;
}

/* "2026/1/1", "2026-01-01", "20260101", also with a day of the week in brackets behind it. */
static enum what read_date(const char *field, gint64 *day)
{
    struct date date;

    if (!g_ascii_isdigit(*field) || !scan_date(field, &date) ||
        (field[date.length] && !strchr(" (", field[date.length])))
        return NOT_A_DATE;
    return date.year >= FIRST_YEAR && local_day_of(date.year, date.month, date.day, day)
               ? A_DATE
               : NO_SUCH_DATE;
}

static void add_holiday(struct clock *clock, gint64 day)
{
    g_hash_table_add(clock->holidays, g_memdup2(&day, sizeof day));
    clock->last_holiday = MAX(clock->last_holiday, day);
}

static enum what read_line(struct clock *clock, const char *line)
{
    g_auto(GStrv) fields = g_strsplit_set(line, ",;\t", -1);
    enum what found = NOT_A_DATE;

    for (char **at = fields; *at; at++) {
        gint64 day;
        enum what what = read_date(g_strstrip(g_strdelimit(*at, "\"'", ' ')), &day);
        if (what == A_DATE)
            add_holiday(clock, day);
        found = what == NO_SUCH_DATE || found == NO_SUCH_DATE ? NO_SUCH_DATE : MAX(found, what);
    }
    return found;
}

static void complain(GPtrArray *problems, guint number, const char *line, const char *what)
{
    g_autofree char *shown = text_harmless(line, NULL);

    if (problems)
        g_ptr_array_add(problems, g_strdup_printf("line %u: %s: \"%.60s\"", number, what, shown));
}

/* A heading stands above the dates; below them a line without one is a slip. */
void holidays_read(struct clock *clock, GBytes *list, GPtrArray *problems)
{
    g_autofree char *text = fold(list);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    guint number = 0;

    for (char **line = lines; *line; line++) {
        enum what what;
        number++;
        g_strstrip(*line);
        if (!**line || **line == '#')
            continue;
        what = read_line(clock, *line);
        if (what == NO_SUCH_DATE)
            complain(problems, number, *line, "there is no such date");
        else if (what == NOT_A_DATE && g_hash_table_size(clock->holidays))
            complain(problems, number, *line, "there is no date in it");
    }
    if (problems && !g_hash_table_size(clock->holidays))
        g_ptr_array_add(problems, g_strdup("there is no date in it at all"));
}

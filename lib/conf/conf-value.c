#include "conf-table.h"
#include "error.h"
#include "say.h"
#include "text.h"
#include <errno.h>
#include <gio/gio.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

enum { TEXT_BYTES = 500 };

struct unit {
    const char *name;
    gint64 size;
};

/* The largest first: so a number is printed in the largest unit that divides it. */
static const struct unit spans[] = {{"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}};
static const struct unit sizes[] = {{"GiB", 1 << 30}, {"GB", 1000000000}, {"MiB", 1 << 20},
    {"MB", 1000000}, {"KiB", 1 << 10}, {"kB", 1000}, {"KB", 1000}, {"B", 1}};

/* From the source text, because libconfig wraps what is too large, and takes 0755 for 755. */
static gboolean parse_integer(const char *value, gint64 *number)
{
    gboolean hex = g_ascii_strncasecmp(value, "0x", 2) == 0;
    const char *digits = hex ? value + 2 : value + (*value == '+' || *value == '-');
    char *end;

    if (!g_ascii_isxdigit(*digits) || (!hex && digits[0] == '0' && g_ascii_isdigit(digits[1])))
        return FALSE;
    errno = 0;
    *number = g_ascii_strtoll(hex ? digits : value, &end, hex ? 16 : 10);
    while (*end == 'L')
        end++;
    return *end == '\0';
}

static gboolean parse_units(const char *value, const struct unit *units, gsize n, gint64 *number)
{
    char *end;
    guint64 count;

    if (!g_ascii_isdigit(*value) || (*value == '0' && g_ascii_isdigit(value[1])))
        return FALSE;
    errno = 0;
    count = g_ascii_strtoull(value, &end, 10);
    for (gsize i = 0; i < n; i++)
        if (strcmp(end, units[i].name) == 0) {
            if (errno == ERANGE || count > (guint64)(G_MAXINT64 / units[i].size))
                *number = G_MAXINT64;
            else
                *number = (gint64)count * units[i].size;
            return TRUE;
        }
    return FALSE;
}

static char *print_units(gint64 number, const struct unit *units)
{
    gsize i = 0;

    while (units[i].size > 1 && (number == 0 || number % units[i].size))
        i++;
    return g_strdup_printf("%" PRIi64 "%s", number / units[i].size, units[i].name);
}

static gboolean parse_span(const char *value, gint64 *number)
{
    return parse_units(value, spans, G_N_ELEMENTS(spans), number);
}

static char *print_span(gint64 number)
{
    return print_units(number, spans);
}

static gboolean parse_size(const char *value, gint64 *number)
{
    return parse_integer(value, number) || parse_units(value, sizes, G_N_ELEMENTS(sizes), number);
}

static char *print_size(gint64 number)
{
    return print_units(number, sizes);
}

static char *print_integer(gint64 number)
{
    return g_strdup_printf("%" PRIi64, number);
}

static char *normal_path(const char *value, const char *folder)
{
    return g_canonicalize_filename(value, folder);
}

static char *normal_fingerprint(const char *value, const char *folder)
{
    g_auto(GStrv) words = g_strsplit(value, " ", -1);
    g_autofree char *joined = g_strjoinv("", words);
    return g_ascii_strup(joined, -1);
}

/* As openssl prints it, with colons. */
static char *normal_certificate(const char *value, const char *folder)
{
    g_auto(GStrv) words = g_strsplit(value, ":", -1);
    g_autofree char *joined = g_strjoinv("", words);
    return normal_fingerprint(joined, folder);
}

/* Whoever may not look there is told nothing: the daemon runs as another user. */
static char *refuse_folder(const struct conf_row *row, const char *value)
{
    struct stat facts;

    if (stat(value, &facts) == 0)
        return S_ISDIR(facts.st_mode) ? NULL : g_strdup_printf(_("%s is not a folder"), value);
    return errno == EACCES ? NULL : g_strdup_printf(_("there is no folder %s"), value);
}

static char *refuse_file(const struct conf_row *row, const char *value)
{
    struct stat facts;

    if (stat(value, &facts) == 0)
        return S_ISREG(facts.st_mode) ? NULL : g_strdup_printf(_("%s is not a file"), value);
    return errno == EACCES ? NULL : g_strdup_printf(_("there is no file %s"), value);
}

static char *refuse_new_folder(const struct conf_row *row, const char *value)
{
    g_autofree char *parent = g_path_get_dirname(value);

    if (g_file_test(value, G_FILE_TEST_EXISTS))
        return refuse_folder(row, value);
    return refuse_folder(row, parent);
}

static char *refuse_address(const struct conf_row *row, const char *value)
{
    return text_is_safe_address(value)
               ? NULL
               : g_strdup(_("write one address, such as csirt@sakura.example"));
}

/* A network with more bits than its length says is a slip of the pen. */
static char *refuse_indicator(const struct conf_row *row, const char *value)
{
    g_autoptr(GInetAddressMask) network = g_inet_address_mask_new_from_string(value, NULL);
    gboolean is_name = g_regex_match_simple("^([A-Za-z0-9._%+-]{1,64}@)?([A-Za-z0-9_-]{1,63}\\.)+"
                                            "[A-Za-z][A-Za-z0-9-]{0,62}$",
        value, G_REGEX_DEFAULT, G_REGEX_MATCH_DEFAULT);

    if (network || is_name)
        return NULL;
    return g_strdup(_("write an address, a network with no bits behind its length, a name in ASCII "
                      "or a mail address"));
}

static char *refuse_pattern(const struct conf_row *row, const char *value)
{
    g_autofree char *whole = g_strconcat(
        *value == '@' ? "x" : "", value, g_str_has_suffix(value, "@") ? "x.example" : "", NULL);

    if (strlen(value) > 1 && text_is_safe_address(whole))
        return NULL;
    return g_strdup(_("write an address, \"localpart@\" or \"@domain\""));
}

static char *refuse_choice(const struct conf_row *row, const char *value)
{
    g_auto(GStrv) words = g_strsplit(row->words, " ", -1);
    g_autofree char *all = g_strjoinv("\", \"", words);
    const char *guess;

    if (g_strv_contains((const char *const *)words, value))
        return NULL;
    guess = conf_guess(value, (const char *const *)words);
    if (guess)
        return g_strdup_printf(_("did you mean \"%s\"? (one of \"%s\")"), guess, all);
    return g_strdup_printf(_("write one of \"%s\""), all);
}

static char *refuse_zone(const struct conf_row *row, const char *value)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(value);
    return zone ? NULL : g_strdup(_("write a name such as \"Asia/Tokyo\" or \"UTC\""));
}

/* What has a colon is an address, or a name with a port behind it. */
static char *refuse_host(const struct conf_row *row, const char *value)
{
    return !strchr(value, ':') || g_hostname_is_ip_address(value)
               ? NULL
               : g_strdup(_("write the host alone; its port stands in `port`"));
}

static char *refuse_listen(const struct conf_row *row, const char *value)
{
    g_autoptr(GSocketConnectable) parsed = g_network_address_parse(value, 0, NULL);
    const char *host = parsed ? g_network_address_get_hostname(G_NETWORK_ADDRESS(parsed)) : "";

    return g_hostname_is_ip_address(host) ? NULL : g_strdup(_("there is no such address or port"));
}

/* 2000 was a leap year: the 29th of February is a day. */
static gboolean is_day(const char *text)
{
    gboolean whole = strlen(text) > strlen("12-29");
    g_autofree char *date = g_strconcat(whole ? "" : "2000-", text, NULL);
    g_autofree char *moment = g_strconcat(date, "T00:00:00Z", NULL);
    g_autoptr(GDateTime) parsed = g_date_time_new_from_iso8601(moment, NULL);

    return parsed != NULL;
}

static char *refuse_closing(const struct conf_row *row, const char *value)
{
    g_auto(GStrv) ends = g_strsplit(value, "..", 2);

    for (char **end = ends; *end; end++)
        if (!is_day(*end))
            return g_strdup_printf(_("there is no day %s"), *end);
    if (ends[0] && ends[1] && strlen(ends[0]) > strlen("12-29") && strcmp(ends[0], ends[1]) > 0)
        return g_strdup(_("it ends before it begins"));
    return NULL;
}

#define QUOTED .takes_quoted = TRUE, .code = MADO_E_CONFIG_RANGE

const struct conf_type conf_text = {N_("text"), N_("text in quotes"), QUOTED};
const struct conf_type conf_address = {
    N_("address"), N_("an address in quotes"), QUOTED, .refuse = refuse_address};
const struct conf_type conf_pattern = {
    N_("address or part of one"), N_("an address in quotes"), QUOTED, .refuse = refuse_pattern};
const struct conf_type conf_indicator = {N_("address, network or name"),
    N_("an address, a network, a name or a mail address in quotes, such as \"192.0.2.0/24\""),
    QUOTED, .refuse = refuse_indicator};
const struct conf_type conf_choice = {
    N_("choice"), N_("a word in quotes"), QUOTED, .refuse = refuse_choice};
const struct conf_type conf_label = {
    N_("TLP label"), N_("a label in quotes"), QUOTED, .refuse = refuse_choice};
const struct conf_type conf_zone = {
    N_("time zone"), N_("a time zone in quotes"), QUOTED, .refuse = refuse_zone};
const struct conf_type conf_tag = {N_("tag"),
    N_("up to 16 capital letters, digits and hyphens, in quotes, such as \"SAKURA\""), QUOTED,
    .pattern = "[A-Z0-9-]{1,16}"};
const struct conf_type conf_shape = {N_("shape of a number"),
    N_("an example that begins with a letter and has zeros where digits stand, in quotes, such as "
       "\"ACME-000000\""),
    QUOTED, .pattern = "[A-Za-z][A-Za-z0-9 #|/._?+:-]*0[A-Za-z0-9 #|/._?+:-]*"};
const struct conf_type conf_form_field = {N_("label and field"),
    N_("a label, \"=\" and the name of a field in small letters, in quotes, such as \"氏名 = "
       "name\""),
    QUOTED, .pattern = "[^=]*[^= ][^=]*= *[a-z][a-z0-9-]{0,39}"};
#define WEEKDAY "(mon|tue|wed|thu|fri|sat|sun)"
#define WEEKDAYS WEEKDAY "(-" WEEKDAY ")?"
const struct conf_type conf_days = {N_("days of the week"),
    N_("days of the week such as \"mon-fri\" or \"mon,wed,fri\""), QUOTED,
    .pattern = WEEKDAYS "(," WEEKDAYS ")*"};
const struct conf_type conf_time = {N_("time of day"),
    N_("a time such as \"09:00\", up to \"24:00\", in quotes"), QUOTED,
    .pattern = "([01][0-9]|2[0-3]):[0-5][0-9]|24:00"};
#define MONTH_DAY "[0-9]{2}-[0-9]{2}"
#define DATE "[0-9]{4}-" MONTH_DAY
const struct conf_type conf_closing = {N_("days"),
    N_("a day or days, of each year such as \"12-29..01-03\", or of one such as \"2026-08-13\""),
    QUOTED, .pattern = MONTH_DAY "(\\.\\." MONTH_DAY ")?|" DATE "(\\.\\." DATE ")?",
    .refuse = refuse_closing};
const struct conf_type conf_year_day = {N_("day of the year"),
    N_("a day of each year such as \"04-01\", in quotes"), QUOTED, .pattern = MONTH_DAY,
    .refuse = refuse_closing};
const struct conf_type conf_worktime = {N_("span of business time"),
    N_("a span of business time such as \"4h\" or \"1d\" (as long as one day of business), or "
       "\"none\""),
    QUOTED, .pattern = "none|[1-9][0-9]{0,2}[mhd]"};
const struct conf_type conf_fingerprint = {N_("fingerprint"),
    N_("all 40 (or 64) hexadecimal digits, in quotes"), QUOTED,
    .pattern = "[0-9A-F]{40}([0-9A-F]{24})?", .normal = normal_fingerprint};
const struct conf_type conf_link = {N_("link"),
    N_("a link in quotes, such as \"https://sakura.example/key\""), QUOTED,
    .pattern = "https?://[!#-;=?-~]+"};
const struct conf_type conf_domain = {N_("domain"), N_("a host or domain name in quotes"), QUOTED,
    .pattern = "[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?"};
const struct conf_type conf_host = {N_("host"),
    N_("the name of a host, or its address without brackets, in quotes"), QUOTED,
    .pattern = "[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]*)?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*",
    .refuse = refuse_host};
const struct conf_type conf_account = {N_("name"),
    N_("up to 32 letters, digits, \"-\", \"_\" and \".\", in quotes"), QUOTED,
    .pattern = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}"};
const struct conf_type conf_folder = {N_("folder"), N_("the path of a folder, in quotes"),
    .takes_quoted = TRUE, .code = MADO_E_CONFIG_REFERENCE, .normal = normal_path,
    .refuse = refuse_folder};
const struct conf_type conf_new_folder = {N_("folder, made if it is missing"),
    N_("the path of a folder, in quotes"), .takes_quoted = TRUE, .code = MADO_E_CONFIG_REFERENCE,
    .normal = normal_path, .refuse = refuse_new_folder};
const struct conf_type conf_path = {N_("path"), N_("the path of a folder or socket, in quotes"),
    .takes_quoted = TRUE, .code = MADO_E_CONFIG_REFERENCE, .normal = normal_path};
const struct conf_type conf_file = {N_("file"), N_("the path of a file, in quotes"),
    .takes_quoted = TRUE, .code = MADO_E_CONFIG_REFERENCE, .normal = normal_path,
    .refuse = refuse_file};
const struct conf_type conf_certificate = {N_("certificate"),
    N_("the SHA-256 fingerprint of a certificate: all 64 hexadecimal digits, in quotes"), QUOTED,
    .pattern = "[0-9A-F]{64}", .normal = normal_certificate};
const struct conf_type conf_listen = {N_("loopback address"),
    N_("an address of this host and a port, such as \"127.0.0.1:2424\" or \"[::1]:2424\""), QUOTED,
    .pattern = "(127(\\.[0-9]{1,3}){3}|\\[::1\\]):[1-9][0-9]{0,4}", .refuse = refuse_listen};
const struct conf_type conf_integer = {N_("whole number"),
    N_("a whole number, without zeros before it"), .is_number = TRUE, .takes_bare = TRUE,
    .code = MADO_E_CONFIG_TYPE, .parse = parse_integer, .print = print_integer};
const struct conf_type conf_size = {N_("size"),
    N_("a size such as \"50MiB\", \"10MB\" or a number of bytes"), .is_number = TRUE,
    .takes_bare = TRUE, .takes_quoted = TRUE, .code = MADO_E_CONFIG_TYPE, .parse = parse_size,
    .print = print_size};
const struct conf_type conf_span = {N_("span of time"),
    N_("a span of time such as \"90s\", \"15m\", \"2h\" or \"3d\""), .is_number = TRUE,
    .takes_quoted = TRUE, .code = MADO_E_CONFIG_TYPE, .parse = parse_span, .print = print_span};

char *conf_value_normal(const struct conf_row *row, const char *value, const char *folder)
{
    return row->type->normal && *value ? row->type->normal(value, folder) : g_strdup(value);
}

char *conf_row_range(const struct conf_row *row)
{
    g_autofree char *from = NULL, *to = NULL;

    if (!row->type || !row->type->is_number)
        return g_strdup("");
    from = row->type->print(row->min);
    to = row->type->print(row->max);
    return g_strdup_printf(_("from %s to %s"), from, to);
}

static char *refuse_number(const struct conf_row *row, const char *value, int *code)
{
    g_autofree char *range = conf_row_range(row);
    gint64 number;

    if (!row->type->parse(value, &number))
        return g_strdup_printf(_("write %s"), _(row->type->form));
    *code = MADO_E_CONFIG_RANGE;
    if (number < row->min || number > row->max)
        return g_strdup_printf(_("write a %s %s"), _(row->type->name), range);
    return NULL;
}

char *conf_value_refuse(const struct conf_row *row, const char *value, int *code)
{
    g_autofree char *shown = text_harmless(value, NULL);
    gint64 most = row->max ? row->max : TEXT_BYTES;
    g_autofree char *pattern = g_strdup_printf("\\A(%s)\\z", row->type->pattern);

    *code = row->type->code;
    if (row->type->is_number)
        return refuse_number(row, value, code);
    /* These values go into headers of mail and onto terminals. */
    if (strcmp(shown, value) != 0)
        return g_strdup(_("leave out control characters and what cannot be seen"));
    if (!*value)
        return g_strdup(_("it may not be empty"));
    if ((gint64)strlen(value) > most)
        return g_strdup_printf(_("it takes up to %" PRIi64 " bytes"), most);
    if (row->type->pattern && !g_regex_match_simple(pattern, value, 0, 0))
        return g_strdup_printf(_("write %s"), _(row->type->form));
    return row->type->refuse ? row->type->refuse(row, value) : NULL;
}

/* The distance of Damerau and Levenshtein, with neighbours swapped once: how people mistype. */
static guint distance(const char *a, const char *b)
{
    gsize wide = strlen(b) + 1;
    g_autofree guint *cell = g_new0(guint, (strlen(a) + 1) * wide);

    for (gsize i = 0; i <= strlen(a); i++)
        for (gsize k = 0; k < wide; k++) {
            guint *here = cell + i * wide + k;
            if (i == 0 || k == 0) {
                *here = (guint)(i + k);
                continue;
            }
            *here = MIN(here[-1], here[-(gssize)wide]) + 1;
            *here = MIN(*here, here[-(gssize)wide - 1] + (a[i - 1] != b[k - 1]));
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
                *here = MIN(*here, here[-2 * (gssize)wide - 2] + 1);
        }
    return cell[(strlen(a) + 1) * wide - 1];
}

const char *conf_guess(const char *word, const char *const *candidates)
{
    g_autofree char *low = g_ascii_strdown(word, -1);
    const char *best = NULL;
    guint least = strlen(word) < 4 ? 2 : 3; /* must be nearer than that */

    for (; strlen(word) <= 64 && *candidates; candidates++) {
        g_autofree char *other = g_ascii_strdown(*candidates, -1);
        guint far = distance(low, other);
        if (far < least) {
            least = far;
            best = *candidates;
        }
    }
    return best;
}

/* help, version: everything from the one table of commands. */
#include "conf.h"
#include "error.h"
#include "madoctl.h"
#include <build-facts.h>
#include <string.h>

enum { NAMES_WIDTH = 74, USAGE_WIDTH = 28, WIDEST = 78, FURTHER = 6 };

static const char options_text[] =
    N_("  --json[=help]              for programs; =help: which fields\n"
       "  --color=auto|always|never  on a terminal; always; never\n"
       "  --config FILE              instead of the one of this host (mado.conf(5))\n"
       "  --socket PATH              of the daemon\n"
       "  -h, --help                 examples and commands, or those of one command\n"
       "  --version                  of this program\n");

static const struct {
    const char *name, *help, *text;
} topics[] = {
    {"ids", N_("how a ticket is named"),
        N_("A ticket is named by its number in any of these forms:\n"
           "  42  2026-42  2026-0042-K7  or a whole subject line with the number in it\n"
           "A bare 42 is the newest ticket with that number. K7 are check characters: a\n"
           "mistyped one is noticed. A mail is named mail:17 (see madoctl inbox).\n")},
    {"query", N_("the words of list, search and views"),
        N_("  phishing       a word of the mails or the subject; \"fake login\" together\n"
           "  state:new      open waiting embargo closed rejected any; state:new,open\n"
           "  sev:high       critical high medium low; 'sev:>=high' in quotes: the shell\n"
           "  cat:phishing   the category       team:network\n"
           "  handler:me     or handler:NAME; handler:- is nobody\n"
           "  tlp:red        'tlp:>=amber' is that and what is stricter\n"
           "  from:@jpcert.or.jp  who has written, or from:a@peer.example\n"
           "  due:today      due:overdue due:2026-12-01 due:any due:-\n"
           "  'age:>7d'      'age:<12h'         since:2026-04 since:7d\n"
           "  ref:JPCERT#90000123  a number of another tracker\n"
           "  -WORD          leaves out what WORD finds: -state:waiting\n"
           "  @NAME          the view of that name (list alone): madoctl view\n"
           "All words must hold. list: what is not closed, unless state: or --all says so.\n"
           "search: past cases too; its plain words are those of one mail, in any order.\n")},
    {"fields", N_("the fields of madoctl set"),
        N_("  severity=high      critical high medium low\n"
           "  category=phishing  one of the configuration; confirms a proposal\n"
           "  handler=tanaka     an operator; handler=me; handler= for nobody\n"
           "  team=network       in your own words; team= for none\n"
           "  label=AMBER        RED AMBER+STRICT AMBER GREEN CLEAR; a less strict one\n"
           "                     needs --reason\n"
           "  state=open         and other states (help states)\n"
           "  due=2026-12-01     due='2026-12-01 18:00' due=tomorrow due=3d; due=- for never\n"
           "  replied=now        by telephone; also updated=, verified=, fixed=, published=;\n"
           "                     a day or moment that is over, or replied=- for not\n"
           "  subject='TEXT'     what lists show\n"
           "All of them are set, or none.\n")},
    {"states", N_("what a ticket goes through"),
        N_("  new       nobody has looked at it       madoctl take ID\n"
           "  open      somebody works on it\n"
           "  waiting   for somebody                  madoctl set ID state=waiting:peer\n"
           "            reporter, peer, vendor, with a name: 'state=waiting:vendor: ACME'\n"
           "            until their mail comes, which makes it open again\n"
           "  embargo   until something is published  madoctl set ID state=embargo:DATE\n"
           "  closed    done                          madoctl close ID --result TEXT\n"
           "  rejected  it was no incident            madoctl reject ID --reason TEXT\n"
           "What is over is opened by madoctl reopen, or by a mail of a person who answers\n"
           "ours. What is under embargo is opened before it is closed.\n")},
    {"tlp", N_("who may get what, by FIRST TLP 2.0"),
        N_("  RED           named persons only (madoctl named): sealed, approved by others\n"
           "  AMBER+STRICT  our own organisation only: sealed\n"
           "  AMBER         our own organisation and clients: sealed, or confirmed\n"
           "  GREEN         peers and trusted groups, nothing public\n"
           "  CLEAR         anybody\n"
           "Who told us is always told what they told us. A contact that nobody has\n"
           "verified gets nothing stricter than gate.unverified. What came sealed leaves\n"
           "sealed (madoctl taint). A ticket has the strictest label of its mails; a less\n"
           "strict one needs --reason. Look before you send: --dry-run. Why a letter waits:\n"
           "madoctl hold show ID\n")},
    {"templates", N_("the texts of letters"),
        N_("The texts lie in daemon.templates, one file for each text and language:\n"
           "  ja/ask-info.tmpl, en/ask-info.tmpl\n"
           "The first line is the subject, the second is empty, then the text. {{name}}\n"
           "stands for a value, {{#name}} to {{/name}} for a part that is there only with\n"
           "one. What stands in <<< >>> the writer replaces: no letter goes with one left.\n"
           "What each text may use: man mado-templates. Are all right in both languages?\n"
           "madoctl doctor\n")},
    {"exit-codes", N_("what a script sees"),
        N_("  0  done (also an empty list)\n"
           "  1  negative answer: ledger, audit verify, taint check, try; or given up at a\n"
           "     question\n"
           " 64  wrong use\n"
           " 65  message not acceptable\n"
           " 66  no such ticket, mail or file\n"
           " 69  the daemon cannot be reached\n"
           " 70  a bug of madoctl\n"
           " 73  init: there is a configuration already\n"
           " 74  the store or the output failed\n"
           " 75  try again\n"
           " 77  not allowed\n"
           " 78  configuration error\n"
           "130  Ctrl-C\n"
           "doctor, key check: 0 ok, 1 warning, 2 failure, 3 could not be checked\n")},
    {"json", N_("for programs"),
        N_("--json prints one object for one thing, and a line for each element of a list\n"
           "(JSON Lines, UTF-8). The grammar is called mado/1:\n"
           "  answer = *row                    one line each; an empty list has none\n"
           "  row    = {\"schema\":\"mado/1\", then the fields of madoctl COMMAND --json=help,\n"
           "           in that order, all of them}\n"
           "  form   = what a command prints of another kind, behind \"; \" in that list\n"
           "  time   = RFC 3339 with the offset of the team's zone\n"
           "  age    = whole seconds, in fields that end in seconds\n"
           "  word   = English, whatever LANG says: states, labels, kinds\n"
           "What is not known is null, never missing; a list without elements is []. New\n"
           "fields come at the end of a row, and readers pass over what they do not know;\n"
           "what would break a reader makes it mado/2. Errors go to standard error as\n"
           "MADO-NNNN and a sentence, with the exit status (madoctl help exit-codes).\n"
           "madoctl watch --json goes on: a row for each event, as in madoctl history, and\n"
           "behind the last one when the daemon was started again.\n")},
    {"options", N_("what every command takes"), options_text},
    {"environment", N_("variables that are heeded"),
        N_("MADOCTL_CONFIG   configuration file      (--config goes first)\n"
           "MADOCTL_SOCKET   socket of the daemon    (--socket goes first)\n"
           "MADOCTL_PAGER    pager, else PAGER, else less -FRX; empty: none\n"
           "VISUAL, EDITOR   what madoctl note opens, else vi\n"
           "NO_COLOR, CLICOLOR_FORCE, TERM=dumb      colour, if --color is auto\n"
           "COLUMNS          width of the screen, instead of the terminal's own\n"
           "LC_ALL, LANG     text is written as UTF-8 whatever they say\n")},
};

static int first_word(const struct ctl_command *command)
{
    return (int)strcspn(command->name, " ");
}

static gboolean begins_as(const struct ctl_command *command, const struct ctl_command *other)
{
    return first_word(command) == first_word(other) &&
           strncmp(command->name, other->name, (gsize)first_word(command)) == 0;
}

static gboolean is_first_of_its_word(const struct ctl_command *command)
{
    for (const struct ctl_command *before = ctl_commands; before < command; before++)
        if (before->group && begins_as(before, command))
            return FALSE;
    return command->group != NULL;
}

/* As far as the next blank that is in no bracket. */
static gsize usage_word(const char *at)
{
    gsize length = 0;

    for (int open = 0; at[length] && (open > 0 || at[length] != ' '); length++)
        open += (at[length] == '[') - (at[length] == ']');
    return length;
}

/* Goes on below itself, behind `indent` columns that are there already. */
static void draw_usage(struct screen *screen, const struct ctl_command *command, gsize indent)
{
    g_autofree char *usage = g_strdup_printf("%s %s", command->name, command->args);
    gsize column = indent;

    for (const char *at = usage; *at; at += *at == ' ') {
        gsize length = usage_word(at);
        gboolean full = column + 1 + length > WIDEST;
        const char *before = column == indent ? "" : full ? "\n      " : " ";
        screen_print(screen, PLAIN, "%s%.*s", before, (int)length, at);
        column = full ? FURTHER + length : column + strlen(before) + length;
        at += length;
    }
}

/* A usage that is long has the help below it. */
static void draw_command(struct screen *screen, const struct ctl_command *command)
{
    gsize width = strlen(command->name) + 1 + strlen(command->args);

    if (MAX(width, USAGE_WIDTH) + strlen(command->help) <= WIDEST - 1) {
        g_autofree char *usage = g_strdup_printf("%s %s", command->name, command->args);
        screen_print(screen, PLAIN, "  %-*s %s\n", USAGE_WIDTH, usage, _(command->help));
        return;
    }
    screen_print(screen, PLAIN, "  ");
    draw_usage(screen, command, 2);
    screen_print(screen, PLAIN, "\n%*s%s\n", USAGE_WIDTH + 1, "", _(command->help));
}

/* With as many of its arguments as there is room for. */
static void draw_in_a_line(struct screen *screen, const struct ctl_command *command)
{
    g_autofree char *usage = g_strdup_printf("%s %s", command->name, command->args);
    gsize length = usage_word(usage);

    for (;;) {
        gsize more = usage[length] ? 1 + usage_word(usage + length + 1) : 0;
        if (!more || length + more > USAGE_WIDTH)
            break;
        length += more;
    }
    screen_print(screen, PLAIN, "  %-*.*s %s\n", USAGE_WIDTH, (int)length, usage, _(command->help));
}

/* `whole`: also the second words of a command, which its own help has. */
static void draw_group(struct screen *screen, const char *group, gboolean whole)
{
    screen_print(screen, BOLD, "%s\n", _(group));
    for (const struct ctl_command *command = ctl_commands; command->name; command++) {
        if (g_strcmp0(command->group, group) != 0 || (!whole && !is_first_of_its_word(command)))
            continue;
        if (whole)
            draw_command(screen, command);
        else
            draw_in_a_line(screen, command);
    }
}

/* The names alone, side by side; through a pipe, too, they fit a screen. */
static void draw_names(struct screen *screen, const char *group)
{
    g_autoptr(GString) names = g_string_new(NULL);
    gsize line = 0, head = strlen(group) + strlen(": ");

    for (const struct ctl_command *command = ctl_commands; command->name; command++)
        if (g_strcmp0(command->group, group) == 0 && is_first_of_its_word(command)) {
            gsize begins = line ? 0 : head;
            gboolean full = begins + names->len - line + strlen(command->name) > NAMES_WIDTH;
            g_string_append(names, names->len == 0 ? "" : full ? ",\n  " : ", ");
            line = full ? names->len : line;
            g_string_append(names, command->name);
        }
    screen_print(screen, BOLD, "%s: ", _(group));
    screen_print(screen, PLAIN, "%s\n", names->str);
}

/* `brief`: with what is not for every day in a line or two, so that it fits a screen. */
static void draw_commands(struct screen *screen, gboolean brief)
{
    const char *group = NULL;

    for (const struct ctl_command *command = ctl_commands; command->name; command++)
        if (command->group && g_strcmp0(command->group, group) != 0) {
            if (brief && group)
                draw_names(screen, command->group);
            else
                draw_group(screen, command->group, !brief);
            group = command->group;
        }
}

void help_print(struct screen *screen)
{
    screen_print(screen, PLAIN,
        "  madoctl                      what there is to do\n"
        "  madoctl show 42              one ticket, and what happened to it\n\n");
    draw_commands(screen, TRUE);
    screen_print(screen, PLAIN, "More: madoctl help, madoctl help COMMAND, man madoctl\n");
}

static void draw_all(struct screen *screen)
{
    screen_print(screen, PLAIN,
        "madoctl: the operators' tool of mado, the mail contact point\n"
        "madoctl alone shows what there is to do.\n\n");
    draw_commands(screen, FALSE);
    screen_print(screen, BOLD, "options\n");
    screen_print(screen, PLAIN, "%s", _(options_text));
    screen_print(screen, BOLD, "topics\n");
    for (gsize i = 0; i < G_N_ELEMENTS(topics); i++)
        screen_print(screen, PLAIN, "  help %-21s %s\n", topics[i].name, _(topics[i].help));
}

static void draw_siblings(struct screen *screen, const struct ctl_command *command)
{
    for (const struct ctl_command *other = ctl_commands; other->name; other++)
        if (other->group && other != command && begins_as(other, command))
            draw_command(screen, other);
}

void help_command(struct screen *screen, const struct ctl_command *command)
{
    g_auto(GStrv) examples = g_strsplit(command->examples, "\n", -1);

    for (char **example = examples; *example; example++)
        screen_print(screen, PLAIN, "  %s\n", *example);
    screen_print(screen, BOLD, "\nmadoctl ");
    draw_usage(screen, command, strlen("madoctl "));
    screen_print(screen, PLAIN, "\n  %s\n", _(command->help));
    if (command->role != CTL_ROLE_NONE)
        screen_print(
            screen, PLAIN, "  For the role %s and those above it.\n", ctl_role_name(command->role));
    draw_siblings(screen, command);
    screen_print(screen, PLAIN, "\n%s", _(options_text));
}

/* -- --help: the section of madoctl(1) -- */

static void draw_fields(struct screen *screen, const struct ctl_command *command)
{
    g_auto(GStrv) forms = g_strsplit(command->fields, "; ", -1);

    for (char **form = forms; *form && **form; form++) {
        screen_print(screen, PLAIN, "       ");
        screen_print(screen, PLAIN, form == forms ? "JSON fields: " : _("Or: "));
        screen_wrap(screen, 7, *form);
    }
}

static void draw_section(struct screen *screen, const struct ctl_command *command)
{
    g_auto(GStrv) examples = g_strsplit(command->examples, "\n", -1);

    screen_print(screen, BOLD, "\nmadoctl ");
    draw_usage(screen, command, strlen("madoctl "));
    screen_print(screen, PLAIN, "\n       ");
    screen_wrap(screen, 7, _(command->help));
    if (command->role == CTL_ROLE_NONE)
        screen_print(screen, PLAIN, "       Needs no daemon.\n");
    else
        screen_print(screen, PLAIN, "       For the role %s and those above it.\n",
            ctl_role_name(command->role));
    draw_fields(screen, command);
    for (char **example = examples; *example; example++)
        screen_print(screen, PLAIN, "         %s\n", *example);
}

void help_manual(struct screen *screen, const struct ctl_command *command)
{
    for (const struct ctl_command *other = ctl_commands; other->name; other++)
        if (other->group && (other == command || begins_as(other, command)))
            draw_section(screen, other);
    screen_print(screen, BOLD, "\noptions\n");
    screen_print(screen, PLAIN, "%s", _(options_text));
    screen_print(screen, PLAIN, "\nAll of it: man madoctl\n");
}

/* Of the topics and the commands. */
static const char *nearest_topic(const char *name)
{
    const char *names[G_N_ELEMENTS(topics) + 1] = {NULL};
    const char *guess;

    for (gsize i = 0; i < G_N_ELEMENTS(topics); i++)
        names[i] = topics[i].name;
    guess = ctl_nearest(name, names);
    return guess ? guess : ctl_guess(name);
}

static void help_setting(struct screen *screen, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line && **line; line++) {
        int indent = (int)strspn(*line, " ");
        screen_print(screen, PLAIN, "%*s", indent, "");
        screen_wrap(screen, indent, *line + indent);
    }
}

static gboolean help_topic(struct screen *screen, const char *name, GError **error)
{
    const struct ctl_command *command = ctl_find(name);
    const char *guess = nearest_topic(name);
    g_autofree char *setting = conf_table_to_help(name);

    if (setting) {
        help_setting(screen, setting);
        return TRUE;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(topics); i++)
        if (g_str_equal(topics[i].name, name)) {
            screen_print(screen, PLAIN, "%s", _(topics[i].text));
            return TRUE;
        }
    if (command && command->group) {
        help_command(screen, command);
        return TRUE;
    }
    if (guess)
        return view_usage(
            error, "No help about \"%s\": did you mean \"%s\"? See: madoctl help", name, guess);
    return view_usage(error, "No help about \"%s\". See: madoctl help", name);
}

static int help(struct call *call, GError **error)
{
    g_autofree char *topic = g_strjoinv(" ", call->words);

    if (!*topic)
        draw_all(call->screen);
    else if (!help_topic(call->screen, topic, error))
        return -1;
    screen_flush(call->screen, FALSE);
    return 0;
}

static int version(struct call *call, GError **error)
{
    if (call->options.json)
        screen_print(call->screen, PLAIN, "{\"schema\":\"%s\",\"version\":\"%s\"}\n", CTL_SCHEMA,
            MADO_VERSION);
    else
        screen_print(call->screen, PLAIN, "madoctl %s\n", MADO_VERSION);
    screen_flush(call->screen, FALSE);
    return 0;
}

const struct view view_help = {"help", .run = help};
const struct view view_version = {"version", .run = version};

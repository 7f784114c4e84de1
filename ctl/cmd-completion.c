/* completion: scripts for three shells, and what they offer. Numbers and contacts come from the
 * daemon, which tells each operator only what they may see; without it nothing is offered, at once
 * and without a word. */
#include "conf.h"
#include "error.h"
#include "madoctl.h"
#include "text.h"
#include <inttypes.h>
#include <string.h>

enum { PATIENCE_SECONDS = 1, REMARK_COLUMNS = 40 };

/* -- what is offered -- */

struct offer {
    struct call *call;
    const char *begun; /* the word so far */
};

/* "2026-0042-K7<tab>open  phishing site": shells that show remarks do. */
static void add(const struct offer *offer, const char *word, const char *remark)
{
    g_autofree char *fit = text_fit(remark, REMARK_COLUMNS);

    if (g_str_has_prefix(word, offer->begun))
        screen_cells(offer->call->screen, word, *fit ? fit : NULL, NULL);
}

static void add_part(const struct offer *offer, const char *word, gsize length, const char *remark)
{
    g_autofree char *part = g_strndup(word, length);

    add(offer, part, remark);
}

static gboolean begins_with(const struct ctl_command *command, const char *word)
{
    gsize length = strcspn(command->name, " ");

    return strlen(word) == length && strncmp(command->name, word, length) == 0;
}

static gboolean stood_before(const struct ctl_command *command)
{
    for (const struct ctl_command *other = ctl_commands; other < command; other++)
        if (other->group && strcspn(other->name, " ") == strcspn(command->name, " ") &&
            strncmp(other->name, command->name, strcspn(command->name, " ")) == 0)
            return TRUE;
    return FALSE;
}

/* In the order of the table: those of every day first. */
static void offer_commands(const struct offer *offer)
{
    for (const struct ctl_command *command = ctl_commands; command->name; command++)
        if (command->group && !stood_before(command))
            add_part(offer, command->name, strcspn(command->name, " "), command->help);
}

static void offer_second_words(const struct offer *offer, const char *first)
{
    for (const struct ctl_command *command = ctl_commands; command->name; command++)
        if (command->group && begins_with(command, first) && strchr(command->name, ' '))
            add(offer, strchr(command->name, ' ') + 1, command->help);
}

static void offer_options(const struct offer *offer, const struct ctl_command *command)
{
    static const char *const common[] = {
        "--json", "--color=", "--config", "--socket", "--help", NULL};
    const char *at = command ? command->args : "";

    for (; (at = strstr(at, "--")); at += strspn(at, "-abcdefghijklmnopqrstuvwxyz"))
        add_part(offer, at, strspn(at, "-abcdefghijklmnopqrstuvwxyz"), "");
    for (const char *const *one = common; *one; one++)
        add(offer, *one, "");
}

static void offer_topics(const struct offer *offer)
{
    g_autofree char *names = conf_table_to_names();
    g_auto(GStrv) settings = g_strsplit(names, "\n", -1);

    offer_commands(offer);
    for (char **one = settings; *one; one++)
        if (**one)
            add(offer, *one, "");
}

/* -- what the daemon knows -- */

static json_t *ask(const struct offer *offer, const char *command)
{
    json_t *rows = json_array(), *next = NULL;
    g_autoptr(GError) error = NULL;

    if (!client_ask(offer->call, command, json_object(), rows, &next, &error))
        json_array_clear(rows);
    json_decref(next);
    return rows;
}

static void add_ticket(const struct offer *offer, const json_t *row)
{
    g_autofree char *remark =
        g_strdup_printf("%s  %s", row_text(row, "state"), row_text(row, "subject"));

    add(offer, row_text(row, "ticket"), remark);
}

/* By a name without blanks, or by the number: what a shell would cut is not offered. */
static void add_contact(const struct offer *offer, const json_t *row)
{
    const char *name = row_text(row, "name");
    g_autofree char *number = g_strdup_printf("%" PRIi64, row_number(row, "contact"));
    gboolean plain = *name && !strpbrk(name, " \t\n'\"\\$`&|;<>()*?[]{}~#!:=");

    add(offer, plain ? name : number, plain ? row_text(row, "organisation") : name);
}

static void add_numbered(const struct offer *offer, const json_t *row, const char *id)
{
    g_autofree char *number = g_strdup_printf("%" PRIi64, row_number(row, id));

    add(offer, number, row_text(row, "subject"));
}

static void add_letter(const struct offer *offer, const json_t *row)
{
    add_numbered(offer, row, "id");
}

static void add_mail(const struct offer *offer, const json_t *row)
{
    add_numbered(offer, row, "mail");
}

/* What a command's words are, by what it begins with; the first that fits. */
static const struct {
    const char *command, *source;
    void (*add)(const struct offer *offer, const json_t *row);
} words[] = {
    {"inbox attach ", "list", add_ticket}, /* behind its first word */
    {"inbox ", "inbox", add_mail},
    {"outbox ", "outbox", add_letter},
    {"hold ", "hold", add_letter},
    {"contact", "contact", add_contact},
    {"", "list", add_ticket},
};

static void offer_from(const struct offer *offer, const char *source,
    void (*add_row)(const struct offer *offer, const json_t *row))
{
    json_t *rows = ask(offer, source), *row;
    gsize i;

    json_array_foreach(rows, i, row)
        add_row(offer, row);
    json_decref(rows);
}

/* `given`: how many words stand behind the command already. */
static void offer_words(const struct offer *offer, const struct ctl_command *command, guint given)
{
    g_autofree char *name = g_strdup_printf("%s%s", command->name, given > 0 ? " " : "");

    if (!strstr(command->args, "ID") && !strstr(command->args, "NAME|"))
        return;
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_str_has_prefix(name, words[i].command)) {
            offer_from(offer, words[i].source, words[i].add);
            return;
        }
}

static void offer_behind(const struct offer *offer, char **typed, guint count)
{
    g_autofree char *two = count > 2 ? g_strdup_printf("%s %s", typed[0], typed[1]) : NULL;
    const struct ctl_command *command = two ? ctl_find(two) : NULL;
    guint behind = command ? 2 : 1;

    command = command ? command : ctl_find(typed[0]);
    if (*offer->begun == '-')
        offer_options(offer, command);
    else if (g_str_has_prefix(typed[count - 2], "--"))
        g_strcmp0(typed[count - 2], "--contact") == 0 ? offer_from(offer, "contact", add_contact)
                                                      : (void)0;
    else if (g_str_equal(typed[0], "help"))
        offer_topics(offer);
    else {
        if (count == 2)
            offer_second_words(offer, typed[0]);
        if (command && command->group)
            offer_words(offer, command, count - 1 - behind);
    }
}

/* The last word is the one that is being typed. */
static int offer_all(struct call *call, char **given)
{
    /* GLib leaves the -- where an option stands behind it. */
    char **typed = given + (g_strcmp0(*given, "--") == 0);
    guint count = g_strv_length(typed);
    struct offer offer = {call, count ? typed[count - 1] : ""};

    call->options.patience = PATIENCE_SECONDS;
    if (count < 2)
        offer_commands(&offer);
    else
        offer_behind(&offer, typed, count);
    screen_flush(call->screen, FALSE);
    return 0;
}

/* -- scripts -- */

#define ASK "madoctl completion words -- "
static const char bash[] = "# bash completion for madoctl, written by: madoctl completion bash\n"
                           "_madoctl() {\n"
                           "    local here=${COMP_WORDS[COMP_CWORD]} line\n"
                           "    COMPREPLY=()\n"
                           "    if ((COMP_CWORD == 1)) && [[ $here != -* ]]; then\n"
                           "        COMPREPLY=($(compgen -W \"$_madoctl_commands\" -- \"$here\"))\n"
                           "        return\n"
                           "    fi\n"
                           "    while IFS= read -r line; do\n"
                           "        COMPREPLY+=(\"${line%%$'\\t'*}\")\n"
                           "    done < <(" ASK "\"${COMP_WORDS[@]:1:COMP_CWORD}\" 2> /dev/null)\n"
                           "}\n"
                           "complete -o default -o nosort -F _madoctl madoctl\n";
static const char zsh[] =
    "#compdef madoctl\n"
    "# zsh completion for madoctl, written by: madoctl completion zsh\n"
    "_madoctl() {\n"
    "    local line tab=$'\\t'\n"
    "    local -a offered\n"
    "    for line in \"${(@f)$(" ASK "\"${(@)words[2,CURRENT]}\" 2> /dev/null)}\"; do\n"
    "        [[ -n $line ]] && offered+=(\"${${line%%$tab*}//:/\\\\:}:${line#*$tab}\")\n"
    "    done\n"
    "    if (( $#offered )); then\n"
    "        _describe -V madoctl offered\n"
    "    else\n"
    "        _files\n"
    "    fi\n"
    "}\n"
    "if [[ $funcstack[1] == _madoctl ]]; then _madoctl \"$@\"; else compdef _madoctl madoctl; fi\n";
static const char fish[] = "# fish completion for madoctl, written by: madoctl completion fish\n"
                           "function __madoctl\n"
                           "    set -l typed (commandline -opc) (commandline -ct)\n"
                           "    set -l offered (" ASK "$typed[2..-1] 2> /dev/null)\n"
                           "    if count $offered > /dev/null\n"
                           "        printf '%s\\n' $offered\n"
                           "    else\n"
                           "        __fish_complete_path (commandline -ct)\n"
                           "    end\n"
                           "end\n"
                           "complete -c madoctl -f -k -a '(__madoctl)'\n";

/* The commands stand in it: an installed script offers them wherever madoctl is. */
static char *bash_commands(void)
{
    GString *names = g_string_new("_madoctl_commands=\"");

    for (const struct ctl_command *command = ctl_commands; command->name; command++)
        if (command->group && !stood_before(command))
            g_string_append_printf(names, "%s%.*s", g_str_has_suffix(names->str, "\"") ? "" : " ",
                (int)strcspn(command->name, " "), command->name);
    g_string_append(names, "\"\n");
    return g_string_free(names, FALSE);
}

static int completion(struct call *call, GError **error)
{
    static const struct {
        const char *shell, *script;
    } scripts[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};
    g_autofree char *commands = bash_commands();
    const char *shell = call->words[0] ? call->words[0] : "";

    if (g_str_equal(shell, "words"))
        return offer_all(call, call->words + 1);
    for (gsize i = 0; i < G_N_ELEMENTS(scripts); i++)
        if (g_str_equal(scripts[i].shell, shell)) {
            /* As it is: a tab of a script is no stranger's. */
            g_string_append_printf(call->screen->text, "%s%s",
                scripts[i].script == bash ? commands : "", scripts[i].script);
            screen_flush(call->screen, FALSE);
            return 0;
        }
    view_usage(error, "Known are bash, zsh and fish. Write: madoctl completion bash");
    return -1;
}

const struct view view_completion = {"completion", .run = completion};

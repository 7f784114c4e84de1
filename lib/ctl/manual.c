/* The COMMANDS of madoctl(1), from the one table. */
#include "ctl.h"

/* Nothing of a text may be taken for a request or an escape. */
static void append_text(GString *out, const char *text)
{
    for (const char *at = text; *at; at++) {
        if ((*at == '.' || *at == '\'') && (at == text || at[-1] == '\n'))
            g_string_append(out, "\\&");
        if (*at == '\\')
            g_string_append(out, "\\e");
        else if (*at == '\'')
            g_string_append(out, "\\(aq");
        else if (*at == '-')
            g_string_append(out, "\\-");
        else
            g_string_append_c(out, *at);
    }
}

/* Behind "; " stand the fields of a second form, for a mail of `show` or `ledger`. */
static void append_fields(GString *out, const struct ctl_command *command)
{
    g_auto(GStrv) forms = g_strsplit(command->fields, "; ", -1);

    for (char **form = forms; *form && **form; form++) {
        g_string_append(
            out, form == forms ? ".IP\nJSON fields:\n.I schema " : ".IP\nOr:\n.I schema ");
        append_text(out, *form);
        g_string_append_c(out, '\n');
    }
}

static void append_examples(GString *out, const struct ctl_command *command)
{
    g_string_append(out, ".IP\n.EX\n");
    append_text(out, command->examples);
    g_string_append(out, "\n.EE\n");
}

static void append_command(GString *out, const struct ctl_command *command)
{
    g_autofree char *initial = g_strdup_printf("%c", g_ascii_toupper(*command->help));

    g_string_append(out, ".TP\n.B ");
    append_text(out, command->name);
    if (*command->args)
        g_string_append(out, " \\fR");
    append_text(out, command->args);
    g_string_append_c(out, '\n');
    append_text(out, initial);
    append_text(out, command->help + 1);
    g_string_append(out, g_str_has_suffix(command->help, "?") ? "\n" : ".\n");
    if (command->role == CTL_ROLE_NONE)
        g_string_append(out, "Needs no daemon.\n");
    else
        g_string_append_printf(
            out, "For the role %s and those above it.\n", ctl_role_name(command->role));
    append_fields(out, command);
    append_examples(out, command);
}

char *ctl_commands_to_manual(void)
{
    GString *out = g_string_new(NULL);
    const char *group = NULL;

    for (const struct ctl_command *command = ctl_commands; command->name; command++) {
        if (!command->group)
            continue;
        if (g_strcmp0(command->group, group) != 0)
            g_string_append_printf(out, ".SS %s\n", command->group);
        group = command->group;
        append_command(out, command);
    }
    return g_string_free(out, FALSE);
}

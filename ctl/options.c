/* What is typed behind two hyphens: one table, by which it is read, refused and forgotten. */
#include "ctl.h"
#include "madoctl.h"
#include <string.h>

#define PLACE(field) G_STRUCT_OFFSET(struct options, field)

static const struct {
    const char *name;
    char letter; /* 0: none */
    GOptionArg kind;
    gsize place;
    gboolean everywhere; /* else for commands whose arguments name it */
} table[] = {
    {"text", 0, G_OPTION_ARG_FILENAME, PLACE(text), FALSE},
    {"in-clear", 0, G_OPTION_ARG_NONE, PLACE(in_clear), FALSE},
    {"approve", 0, G_OPTION_ARG_NONE, PLACE(approve), FALSE},
    {"yes", 0, G_OPTION_ARG_NONE, PLACE(yes), FALSE},
    {"quote", 0, G_OPTION_ARG_NONE, PLACE(quote), FALSE},
    {"format", 0, G_OPTION_ARG_STRING, PLACE(format), FALSE},
    {"only", 0, G_OPTION_ARG_STRING, PLACE(only), FALSE},
    {"attach", 0, G_OPTION_ARG_FILENAME_ARRAY, PLACE(attach), FALSE},
    {"notice", 0, G_OPTION_ARG_NONE, PLACE(notice), FALSE},
    {"request", 0, G_OPTION_ARG_STRING_ARRAY, PLACE(requests), FALSE},
    {"reply-by", 0, G_OPTION_ARG_STRING, PLACE(reply_by), FALSE},
    {"show-reporter", 0, G_OPTION_ARG_STRING, PLACE(show_reporter), FALSE},
    {"label", 0, G_OPTION_ARG_STRING, PLACE(label), FALSE},
    {"group", 0, G_OPTION_ARG_STRING, PLACE(group), FALSE},
    {"json", 0, G_OPTION_ARG_NONE, PLACE(json), TRUE},
    {"json-help", 0, G_OPTION_ARG_NONE, PLACE(json_help), TRUE},
    {"color", 0, G_OPTION_ARG_STRING, PLACE(colour), TRUE},
    {"config", 0, G_OPTION_ARG_FILENAME, PLACE(config), TRUE},
    {"socket", 0, G_OPTION_ARG_FILENAME, PLACE(socket), TRUE},
    {"all", 0, G_OPTION_ARG_NONE, PLACE(all), FALSE},
    {"changed", 0, G_OPTION_ARG_NONE, PLACE(changed), FALSE},
    {"mail", 0, G_OPTION_ARG_NONE, PLACE(mail), FALSE},
    {"now", 0, G_OPTION_ARG_STRING, PLACE(now), FALSE},
    {"over", 0, G_OPTION_ARG_NONE, PLACE(over), FALSE},
    {"advice", 0, G_OPTION_ARG_NONE, PLACE(advice), FALSE},
    {"decision", 0, G_OPTION_ARG_STRING, PLACE(decision), FALSE},
    {"result", 0, G_OPTION_ARG_STRING, PLACE(result), FALSE},
    {"reason", 0, G_OPTION_ARG_STRING, PLACE(reason), FALSE},
    {"keys", 0, G_OPTION_ARG_FILENAME, PLACE(keys), FALSE},
    {"dry-run", 0, G_OPTION_ARG_NONE, PLACE(dry_run), FALSE},
    {"own", 0, G_OPTION_ARG_NONE, PLACE(own), FALSE},
    {"keep", 0, G_OPTION_ARG_NONE, PLACE(keep), FALSE},
    {"replace", 0, G_OPTION_ARG_NONE, PLACE(replace), FALSE},
    {"print", 0, G_OPTION_ARG_NONE, PLACE(print), FALSE},
    {"ack", 0, G_OPTION_ARG_NONE, PLACE(ack), FALSE},
    {"kind", 0, G_OPTION_ARG_STRING, PLACE(kind), FALSE},
    {"organisation", 0, G_OPTION_ARG_STRING, PLACE(organisation), FALSE},
    {"language", 0, G_OPTION_ARG_STRING, PLACE(language), FALSE},
    {"seal", 0, G_OPTION_ARG_STRING, PLACE(seal), FALSE},
    {"note", 0, G_OPTION_ARG_STRING, PLACE(note), FALSE},
    {"address", 0, G_OPTION_ARG_STRING_ARRAY, PLACE(addresses), FALSE},
    {"member", 0, G_OPTION_ARG_STRING_ARRAY, PLACE(members), FALSE},
    {"name", 0, G_OPTION_ARG_STRING, PLACE(name), FALSE},
    {"contact", 0, G_OPTION_ARG_STRING, PLACE(contact), FALSE},
    {"how", 0, G_OPTION_ARG_STRING, PLACE(how), FALSE},
    {"last", 0, G_OPTION_ARG_STRING, PLACE(last), FALSE},
    {"count", 0, G_OPTION_ARG_STRING, PLACE(count), FALSE},
    {"by", 0, G_OPTION_ARG_STRING, PLACE(by), FALSE},
    {"audience", 0, G_OPTION_ARG_STRING, PLACE(audience), FALSE},
    {"output", 0, G_OPTION_ARG_FILENAME, PLACE(output), FALSE},
    {"commander", 0, G_OPTION_ARG_NONE, PLACE(commander), FALSE},
    {"meeting", 0, G_OPTION_ARG_NONE, PLACE(meeting), FALSE},
    {"mapping", 0, G_OPTION_ARG_FILENAME, PLACE(mapping), FALSE},
    {"undo", 0, G_OPTION_ARG_STRING, PLACE(undo), FALSE},
    {"to", 0, G_OPTION_ARG_FILENAME_ARRAY, PLACE(tos), FALSE},
    {"days", 0, G_OPTION_ARG_STRING, PLACE(days), FALSE},
    {"until", 0, G_OPTION_ARG_STRING, PLACE(until), FALSE},
    {"brief", 'h', G_OPTION_ARG_NONE, PLACE(short_help), TRUE},
    {"help", 0, G_OPTION_ARG_NONE, PLACE(long_help), TRUE},
    {"version", 0, G_OPTION_ARG_NONE, PLACE(version), TRUE},
};

static gpointer place_of(struct options *options, gsize i)
{
    return G_STRUCT_MEMBER_P(options, table[i].place);
}

static gboolean check_colour(struct options *options, GError **error)
{
    if (!options->colour)
        options->colour = g_strdup("auto");
    if (!g_strv_contains((const char *const[]){"auto", "always", "never", NULL}, options->colour))
        return view_usage(error, "--color is one of auto, always, never. Nothing was changed.");
    return TRUE;
}

gboolean options_parse(struct options *options, int *argc, char ***argv, GError **error)
{
    GOptionEntry entries[G_N_ELEMENTS(table) + 1] = {{NULL}};
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) failed = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
        entries[i].long_name = table[i].name;
        entries[i].short_name = table[i].letter;
        entries[i].arg = table[i].kind;
        entries[i].arg_data = place_of(options, i);
    }
    g_option_context_set_help_enabled(context, FALSE);
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, &failed))
        return view_usage(error, "%s. Nothing was changed. See: madoctl help", failed->message);
    if (options->tos)
        options->to = options->tos[g_strv_length(options->tos) - 1];
    return check_colour(options, error);
}

static gboolean is_given(struct options *options, gsize i)
{
    gpointer place = place_of(options, i);

    return table[i].kind == G_OPTION_ARG_NONE ? *(gboolean *)place : *(gpointer *)place != NULL;
}

gboolean options_check(struct options *options, const struct ctl_command *command, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *typed = g_strconcat("--", table[i].name, NULL);
        if (!table[i].everywhere && is_given(options, i) && !strstr(command->args, typed))
            return view_usage(error,
                "%s has no option %s. Nothing was changed. See: madoctl help %s", command->name,
                typed, command->name);
    }
    return TRUE;
}

void options_clear(struct options *options)
{
    for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
        gpointer place = place_of(options, i);
        if (table[i].kind == G_OPTION_ARG_STRING || table[i].kind == G_OPTION_ARG_FILENAME)
            g_clear_pointer((char **)place, g_free);
        else if (table[i].kind != G_OPTION_ARG_NONE)
            g_clear_pointer((char ***)place, g_strfreev);
    }
}

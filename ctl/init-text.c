/* The configuration from the answers: short, commented, the operator's own from then on. */
#include "conf.h"
#include "init.h"
#include <grp.h>
#include <string.h>
#include <unistd.h>

static void put(GString *out, int indent, const char *name, const char *value)
{
    g_autofree char *quoted = conf_setting_quote(value);

    if (*value)
        g_string_append_printf(out, "%*s%s = %s;\n", indent, "", name, quoted);
}

static void put_answer(const struct init *init, GString *out, int indent, const char *setting)
{
    put(out, indent, strrchr(setting, '.') + 1, init_answer(init, setting));
}

/* The zone of this host: /etc/localtime is a link into the data base of zones. */
static char *zone_of_host(const struct init *init)
{
    g_autofree char *target = g_file_read_link("/etc/localtime", NULL);
    const char *inside = target ? strstr(target, "/zoneinfo/") : NULL;
    const char *zone = inside ? inside + strlen("/zoneinfo/") : "UTC";
    g_autofree char *why = conf_setting_refuse("team.timezone", zone, init->folder);

    return g_strdup(why ? "UTC" : zone);
}

static void put_team(const struct init *init, GString *out)
{
    g_autofree char *zone = zone_of_host(init);

    g_string_append(out, "team :\n{\n");
    put_answer(init, out, 2, "team.name");
    put_answer(init, out, 2, "team.address");
    put(out, 2, "timezone", zone);
    g_string_append(out, "};\n\n");
}

/* A server and how it is spoken to; what stands nowhere has its default. */
static void put_server(const struct init *init, GString *out, int indent, const char *group)
{
    static const char *const names[] = {"host", "tls", "port", "user"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *setting = g_strconcat(group, ".", names[i], NULL);
        const char *value = init_answer(init, setting);
        if (g_str_equal(names[i], "port") && *value)
            g_string_append_printf(out, "%*sport = %s;\n", indent, "", value);
        else
            put(out, indent, names[i], value);
    }
}

static void put_intake(const struct init *init, GString *out)
{
    const char *host = init_answer(init, "intake.sources.host");

    g_string_append(out, "# More mailboxes: a comma behind the bracket, and { ... } again.\n"
                         "intake :\n{\n  sources = (\n    {\n");
    put_answer(init, out, 6, "intake.sources.type");
    put_answer(init, out, 6, "intake.sources.path");
    put_server(init, out, 6, "intake.sources");
    if (*host && init_is_local(host))
        put(out, 6, "tls", "none");
    if (*host)
        g_string_append(out, "      password_file = \"" INIT_MAILBOX_FILE "\";\n"
                             "      after = \"leave\"; # what is done there with what was taken\n");
    g_string_append(out, "    }\n  );\n};\n\n");
}

static void put_outgoing(const struct init *init, GString *out)
{
    const char *host = init_answer(init, "outgoing.host");

    g_string_append(out, "outgoing :\n{\n");
    put_answer(init, out, 2, "outgoing.transport");
    put_server(init, out, 2, "outgoing");
    if (*host && init_is_local(host))
        put(out, 2, "tls", "none");
    if (*host && init_is_local(host) && init_answer_is(init, "outgoing.port", ""))
        g_string_append(out, "  port = 25;\n");
    if (*init_answer(init, "outgoing.user"))
        put(out, 2, "password_file",
            *init_answer(init, INIT_RELAY_PASSWORD) ? INIT_RELAY_FILE : INIT_MAILBOX_FILE);
    g_string_append(out, "};\n\n");
}

static void put_people(const struct init *init, GString *out)
{
    g_autofree char *user = conf_setting_quote(init_answer(init, "operators.user"));

    g_string_append(out, "notices :\n{\n");
    put_answer(init, out, 2, "notices.to");
    g_string_append_printf(out,
        "};\n\n# Roles: viewer, night, handler, commander, admin.\n"
        "operators = (\n  { user = %s; role = \"admin\"; }\n);\n",
        user);
}

/* Where it is not the one of the host, everything lies beside it and belongs to whoever made it. */
static void put_places(const struct init *init, GString *out)
{
    const struct group *group = getgrgid(getgid());
    g_autofree char *templates = g_build_filename(init->folder, "templates", NULL);

    if (init->of_host)
        return;
    g_string_append(out, "\ndaemon :\n{\n");
    put(out, 2, "state", "state");
    put(out, 2, "run", "run");
    if (g_file_test(templates, G_FILE_TEST_IS_DIR))
        put(out, 2, "templates", "templates");
    if (group) {
        put(out, 2, "operator_group", group->gr_name);
        put(out, 2, "deliver_group", group->gr_name);
    }
    g_string_append(out, "};\n");
}

char *init_text(const struct init *init)
{
    GString *out =
        g_string_new("# The contact point, as madoctl init wrote it; yours from now on.\n"
                     "# Every setting: mado.conf(5). Check it: madoctl check-config\n\n");

    put_team(init, out);
    put_intake(init, out);
    put_outgoing(init, out);
    put_people(init, out);
    put_places(init, out);
    return g_string_free(out, FALSE);
}

/* -- what would change -- */

/* Without comments and indentation; all blanks are one. */
static GPtrArray *essence(const char *text)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) all = g_strsplit(text, "\n", -1);

    for (char **line = all; *line; line++) {
        g_auto(GStrv) words = g_strsplit_set(g_strstrip(*line), " \t", -1);
        GString *kept = g_string_new(NULL);
        for (char **word = words; *word && **word != '#'; word++)
            if (**word)
                g_string_append_printf(kept, "%s%s", kept->len ? " " : "", *word);
        if (kept->len)
            g_ptr_array_add(lines, g_string_free(kept, FALSE));
        else
            g_string_free(kept, TRUE);
    }
    return lines;
}

static void append_missing(GString *out, char sign, GPtrArray *lines, GPtrArray *others)
{
    for (guint i = 0; i < lines->len; i++)
        if (!g_ptr_array_find_with_equal_func(others, lines->pdata[i], g_str_equal, NULL))
            g_string_append_printf(out, "%c %s\n", sign, (char *)lines->pdata[i]);
}

char *init_difference(const char *file, const char *text)
{
    g_autofree char *before = NULL;
    g_autoptr(GPtrArray) here = NULL, there = essence(text);
    GString *out = g_string_new(NULL);

    g_file_get_contents(file, &before, NULL, NULL);
    here = essence(before ? before : "");
    append_missing(out, '-', here, there);
    append_missing(out, '+', there, here);
    return g_string_free(out, FALSE);
}

#include "start.h"
#include "error.h"
#include "log.h"
#include "now.h"
#include <build-facts.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <unistd.h>

static struct {
    struct options options;
    char *role, *now;
    gboolean version;
} given;

static const GOptionEntry entries[] = {
    {"config", 'c', 0, G_OPTION_ARG_FILENAME, &given.options.config,
        "the configuration (" MADO_CONFDIR "/mado.conf)", "FILE"},
    {"once", 0, 0, G_OPTION_ARG_NONE, &given.options.once, "process what is there, then end", NULL},
    {"rebuild", 0, 0, G_OPTION_ARG_NONE, &given.options.rebuild,
        "make the store again from its mails, then end (the daemon is stopped)", NULL},
    {"now", 0, 0, G_OPTION_ARG_STRING, &given.now, "fix the clock, for demonstrations and tests",
        "TIME"},
    {"version", 0, 0, G_OPTION_ARG_NONE, &given.version, "print the version", NULL},
    {"role", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &given.role, NULL, NULL},
    {"instance", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_INT, &given.options.instance, NULL, NULL},
    G_OPTION_ENTRY_NULL,
};

/* Whoever starts us with one of these closed would have a socket or the store in its place. What
 * was no standard input cannot be read: an empty mail would be a lie. */
static void open_standard_files(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        int opened = fcntl(fd, F_GETFD) < 0 ? open("/dev/null", O_WRONLY | O_CLOEXEC) : fd;
        if (opened != fd)
            _exit(EX_OSERR);
    }
}

static gboolean take_arguments(const struct start *start, int argc, char **argv)
{
    g_autoptr(GOptionContext) context = g_option_context_new("- the contact point's daemon");
    g_autoptr(GError) error = NULL;

    given.options.config = g_strdup(MADO_CONFDIR "/mado.conf");
    g_option_context_add_main_entries(context, entries, NULL);
    if (start->more)
        g_option_context_add_main_entries(context, start->more, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error) ||
        (given.now && !now_fix_from_text(given.now, &error))) {
        error_print(start->program, error);
        return FALSE;
    }
    if (argc > 1)
        fprintf(stderr, "%s: unexpected argument; see %s --help\n", start->program, start->program);
    return argc <= 1;
}

static int run(const struct start *start, char **arguments)
{
    if (given.version) {
        printf("%s " MADO_VERSION "\n", start->program);
        return EX_OK;
    }
    log_start(given.role ? given.role : "launcher");
    if (given.role) { /* for ps and top */
        g_autofree char *name = g_strconcat("mado-", given.role, NULL);
        prctl(PR_SET_NAME, name);
    }
    return start->run(&given.options, given.role, arguments);
}

G_NORETURN void start_program(const struct start *start, int argc, char **argv)
{
    char **arguments;
    int status = EX_USAGE;

    open_standard_files();
    arguments = g_strdupv(argv);
    if (take_arguments(start, argc, argv))
        status = run(start, arguments);
    fflush(NULL);
    _exit(status); /* a confined process cannot do what libraries want to do at exit */
}

static struct {
    const char *name;
    int (*run)(const struct options *);
} own_role;

static int run_own_role(const struct options *options, const char *role, char **arguments)
{
    if (g_strcmp0(role, own_role.name) == 0)
        return own_role.run(options);
    fprintf(stderr, "mado-%s: madod and madoctl start it themselves\n", own_role.name);
    return EX_USAGE;
}

G_NORETURN void start_as_role(
    const char *name, int (*role)(const struct options *), int argc, char **argv)
{
    g_autofree char *program = g_strconcat("mado-", name, NULL);
    struct start start = {.program = program, .run = run_own_role};

    own_role.name = name;
    own_role.run = role;
    start_program(&start, argc, argv);
}

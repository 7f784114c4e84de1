/* init: six questions, one configuration that checks out, and a mail to ourselves as its proof. */
#include "error.h"
#include "init.h"
#include <build-facts.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define DAEMON_USER "mado"
#define OPERATORS "mado-operators"

static void wipe(gpointer data)
{
    char *text = data;

    explicit_bzero(text, strlen(text));
    g_free(text);
}

static void prepare(struct init *init, const struct options *options)
{
    const char *named = options->config ? options->config : g_getenv("MADOCTL_CONFIG");

    init->path = g_canonicalize_filename(named ? named : MADO_CONFDIR "/mado.conf", NULL);
    init->folder = g_path_get_dirname(init->path);
    init->of_host = g_str_equal(init->path, MADO_CONFDIR "/mado.conf");
    init->exists = g_file_test(init->path, G_FILE_TEST_EXISTS);
    init->answers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, wipe);
    init->made = g_ptr_array_new_with_free_func(g_free);
    init->next = g_ptr_array_new_with_free_func(g_free);
}

static void clear(struct init *init)
{
    g_free(init->path);
    g_free(init->folder);
    g_hash_table_unref(init->answers);
    g_ptr_array_unref(init->made);
    g_ptr_array_unref(init->next);
}

static gboolean refuse(GError **error, int code, const char *text)
{
    return error_set_said(error, code, text, text);
}

/* Beside the configuration, or where they are installed. */
static gboolean has_texts(const struct init *init, GError **error)
{
    g_autofree char *beside = g_build_filename(init->folder, "templates", NULL);
    g_autofree char *text = NULL;

    if (g_file_test(beside, G_FILE_TEST_IS_DIR) ||
        g_file_test(MADO_CONFDIR "/templates", G_FILE_TEST_IS_DIR))
        return TRUE;
    text = g_strdup_printf(
        _("The texts that are sent are neither in %s nor in %s. Nothing was changed. Install "
          "mado (README.md), or copy etc/mado/templates of its sources there."),
        MADO_CONFDIR "/templates", beside);
    return refuse(error, MADO_E_NO_SUCH, text);
}

/* Before anything is asked: what would fail behind the last question. */
static gboolean may_begin(struct init *init, GError **error)
{
    const struct passwd *daemon = getpwnam(DAEMON_USER);
    g_autofree char *text = NULL;

    if (init->of_host && geteuid() != 0)
        return refuse(error, MADO_E_FORBIDDEN,
            _("The configuration of this host is written by root. Nothing was changed. Write: sudo "
              "madoctl init, or try it in a folder of yours: madoctl init --config ./mado.conf"));
    if (init->of_host && !daemon)
        return refuse(error, MADO_E_NO_SUCH,
            _("This host has no user mado yet. Nothing was changed. Write: systemd-sysusers && "
              "systemd-tmpfiles --create, then again: madoctl init"));
    if (init->of_host) {
        init->uid = daemon->pw_uid;
        init->gid = daemon->pw_gid;
    }
    if (access(init->folder, W_OK) == 0)
        return has_texts(init, error);
    text = g_strdup_printf(_("The folder %s cannot be written in: %s. Nothing was changed."),
        init->folder, g_strerror(errno));
    return refuse(error, MADO_E_NO_SUCH, text);
}

static void say_hello(const struct init *init)
{
    if (init->exists)
        init_say("Nothing is changed: %s is there already and stays as it is.\n"
                 "At the end you see what these answers would change.\n",
            init->path);
    else
        init_say("Six questions, then %s is written.\n", init->path);
    init_say("Enter takes what stands in [brackets]. Ctrl-C ends it, and nothing is written.\n");
}

/* -- behind the answers -- */

static int show_difference(const struct init *init)
{
    g_autofree char *text = init_text(init);
    g_autofree char *difference = init_difference(init->path, text);

    init_say("\nBehind -: only in %s\nBehind +: only in these answers\n%s%s", init->path,
        difference, *difference ? "" : _("  nothing: they say the same\n"));
    init_say("Nothing was changed. To change it: edit it, see whether it checks out with\n"
             "madoctl check-config %s\n"
             "and have the daemon read it again (SIGHUP, or systemctl reload madod).\n"
             "To begin anew: move it away, then madoctl init.\n",
        init->path);
    return EX_CANTCREAT;
}

static gboolean is_member(const char *user)
{
    const struct group *group = getgrnam(OPERATORS);
    return group && g_strv_contains((const char *const *)group->gr_mem, user);
}

static void plan_next(struct init *init)
{
    const char *user = init_answer(init, "operators.user");

    if (!init->of_host) {
        g_ptr_array_add(init->next, g_strdup_printf("madod --config %s", init->path));
        g_ptr_array_add(init->next, g_strdup_printf("madoctl --config %s doctor", init->path));
        return;
    }
    if (!g_str_equal(user, "root") && !is_member(user))
        g_ptr_array_add(
            init->next, g_strdup_printf(_("usermod -aG %s %s   (in effect at the next login)"),
                            OPERATORS, user));
    if (init_answer_is(init, "intake.sources.type", "lmtp"))
        g_ptr_array_add(
            init->next, g_strdup(_("man madod   (DELIVERY: what your mail server has to know)")));
    g_ptr_array_add(init->next, g_strdup("systemctl enable --now madod"));
    g_ptr_array_add(init->next, g_strdup("madoctl doctor"));
}

static gboolean is_made(const struct init *init, const char *path)
{
    return g_ptr_array_find_with_equal_func(init->made, path, g_str_equal, NULL);
}

/* What is inside of something new is not said. */
static void say_what_is_there(const struct init *init)
{
    for (guint i = 0; i < init->made->len; i++) {
        const char *path = init->made->pdata[i];
        g_autofree char *folder = g_path_get_dirname(path);
        if (g_file_test(path, G_FILE_TEST_EXISTS) && !is_made(init, folder))
            init_say("made  %s\n", path);
    }
}

static void say_next(const struct init *init)
{
    init_say("\nNext:\n");
    for (guint i = 0; i < init->next->len; i++)
        init_say("  %s\n", (char *)init->next->pdata[i]);
}

static gboolean wants_try(const struct init *init)
{
    return *init_answer(init, INIT_TRY) == 'y';
}

static int proceed(struct init *init, struct call *call, GError **error)
{
    int status = init_ask(init);

    if (status)
        return status;
    if (init->exists)
        return show_difference(init);
    init_say("\n");
    if (!init_write(init, error))
        return -1;
    say_what_is_there(init);
    plan_next(init);
    if (wants_try(init))
        status = init_try(init, call, error);
    say_next(init);
    return status;
}

static int run(struct call *call, GError **error)
{
    struct init init = {0};
    int status = -1;

    prepare(&init, &call->options);
    if (may_begin(&init, error)) {
        say_hello(&init);
        status = proceed(&init, call, error);
    }
    clear(&init);
    return status;
}

const struct view view_init = {"init", .run = run};

/*
 * The six questions, each with those that it leads to.
 *
 * What a good answer is, is said by the table of settings, at once; a bad one is asked again. From
 * a pipe there is nobody to be asked again, so that the first bad answer ends it.
 */
#include "conf.h"
#include "init.h"
#include <gio/gio.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define NONE "-"

enum { HIDDEN = 1, OPTIONAL = 2 };

static const struct {
    const char *title, *note;
} heads[] = {
    {N_("Your team, as acknowledgements call it"), NULL},
    {N_("The mail address that you publish"), NULL},
    {N_("The mailbox in which its mail arrives"),
        N_("maildir: a folder on this host; imap, pop3: on a mail server;\n"
           "   lmtp: a mail server hands it over")},
    {N_("How acknowledgements leave"),
        N_("smtp: by a mail server; maildir: into a folder, to try out")},
    {N_("Who works with it"), NULL},
    {N_("A mail to yourselves, as a test of the way out and the way in"), NULL},
};

struct init_question {
    guint head;
    const char *setting, *prompt;
    unsigned flags;
    gboolean (*wanted)(const struct init *);
    char *(*suggest)(const struct init *);
    /* Beyond what the table of settings says; with `flags` HIDDEN or no such setting, alone. */
    char *(*refuse)(const struct init *, const char *value);
};

const char *init_answer(const struct init *init, const char *setting)
{
    const char *answer = g_hash_table_lookup(init->answers, setting);
    return answer ? answer : "";
}

gboolean init_answer_is(const struct init *init, const char *setting, const char *value)
{
    return g_str_equal(init_answer(init, setting), value);
}

gboolean init_is_local(const char *host)
{
    return g_str_equal(host, "localhost") || g_str_equal(host, "::1") ||
           (g_str_has_prefix(host, "127.") && g_hostname_is_ip_address(host));
}

/* -- which are asked -- */

static gboolean is_maildir(const struct init *init)
{
    return init_answer_is(init, "intake.sources.type", "maildir");
}

static gboolean is_lmtp(const struct init *init)
{
    return init_answer_is(init, "intake.sources.type", "lmtp");
}

static gboolean is_remote(const struct init *init)
{
    return !is_maildir(init) && !is_lmtp(init);
}

static gboolean is_smtp(const struct init *init)
{
    return init_answer_is(init, "outgoing.transport", "smtp");
}

static gboolean is_far_relay(const struct init *init)
{
    return is_smtp(init) && !init_is_local(init_answer(init, "outgoing.host"));
}

static gboolean is_same_account(const struct init *init)
{
    return is_remote(init) &&
           init_answer_is(init, "outgoing.host", init_answer(init, "intake.sources.host")) &&
           init_answer_is(init, "outgoing.user", init_answer(init, "intake.sources.user"));
}

static gboolean wants_relay_password(const struct init *init)
{
    return is_far_relay(init) && !init_answer_is(init, "outgoing.user", "") &&
           !is_same_account(init);
}

/* -- what is suggested -- */

static char *suggest_maildir_kind(const struct init *init)
{
    return g_strdup("maildir");
}

static char *suggest_maildir(const struct init *init)
{
    return g_build_filename(init->of_host ? "/var/lib/mado" : init->folder, "Maildir", NULL);
}

static char *suggest_socket(const struct init *init)
{
    if (init->of_host)
        return g_strdup("/run/mado/lmtp.sock");
    return g_build_filename(init->folder, "run", "lmtp.sock", NULL);
}

static char *suggest_user(const struct init *init)
{
    return g_strdup(init_answer(init, "team.address"));
}

static char *suggest_smtp(const struct init *init)
{
    return g_strdup("smtp");
}

static char *suggest_relay(const struct init *init)
{
    return g_strdup(is_remote(init) ? init_answer(init, "intake.sources.host") : "localhost");
}

static char *suggest_tls(const struct init *init)
{
    return g_strdup("tls");
}

static char *suggest_relay_user(const struct init *init)
{
    return g_strdup(is_remote(init) ? init_answer(init, "intake.sources.user") : NONE);
}

static char *suggest_operator(const struct init *init)
{
    const char *of_sudo = g_getenv("SUDO_USER");
    const char *of_terminal = getlogin();
    const struct passwd *own = getpwuid(getuid());

    if (of_sudo && *of_sudo)
        return g_strdup(of_sudo);
    return g_strdup(of_terminal ? of_terminal : own ? own->pw_name : NULL);
}

static char *suggest_none(const struct init *init)
{
    return g_strdup(NONE);
}

static char *suggest_yes(const struct init *init)
{
    return g_strdup("yes");
}

/* -- what is refused beyond the table -- */

/* One that is named wrongly would be made, and stay empty for ever: only our own is made. */
static char *refuse_maildir(const struct init *init, const char *value)
{
    g_autofree char *ours = suggest_maildir(init);
    g_autofree char *inbox = g_build_filename(value, "new", NULL);

    if (!g_path_is_absolute(value))
        return g_strdup(_("write the whole path, from the first /"));
    if (!g_str_equal(value, ours) && !g_file_test(value, G_FILE_TEST_IS_DIR))
        return g_strdup_printf(_("there is no folder %s"), value);
    if (g_file_test(value, G_FILE_TEST_IS_DIR) && !g_file_test(inbox, G_FILE_TEST_IS_DIR) &&
        !g_str_equal(value, ours))
        return g_strdup_printf(_("%s is no Maildir: it has no folder \"new\""), value);
    return NULL;
}

static char *refuse_socket(const struct init *init, const char *value)
{
    g_autofree char *folder = g_path_get_dirname(value);
    g_autofree char *usual = suggest_socket(init);

    if (!g_path_is_absolute(value))
        return g_strdup(_("write the whole path, from the first /"));
    if (!g_str_equal(value, usual) && !g_file_test(folder, G_FILE_TEST_IS_DIR))
        return g_strdup_printf(_("there is no folder %s"), folder);
    return NULL;
}

/* As link reads it: one line. */
static char *refuse_password(const struct init *init, const char *value)
{
    return *value ? NULL : g_strdup(_("it may not be empty"));
}

static char *refuse_user(const struct init *init, const char *value)
{
    return getpwnam(value) ? NULL : g_strdup_printf(_("%s is no user of this host"), value);
}

/* A notice that comes in again as a report would be told to operators, and so on. */
static char *refuse_own(const struct init *init, const char *value)
{
    if (g_ascii_strcasecmp(value, init_answer(init, "team.address")) != 0)
        return NULL;
    return g_strdup(_("name a mailbox that mado does not read: it would take notices for reports"));
}

static char *refuse_tls(const struct init *init, const char *value)
{
    return g_str_equal(value, "none")
               ? g_strdup(_("without TLS everybody on the way could read mail and password"))
               : NULL;
}

static char *refuse_doubt(const struct init *init, const char *value)
{
    static const char *const known[] = {"yes", "no", "y", "n", NULL};
    return g_strv_contains(known, value) ? NULL : g_strdup(_("write yes or no"));
}

static const struct init_question questions[] = {
    {0, "team.name", N_("name"), 0, NULL, NULL, NULL},
    {1, "team.address", N_("address"), 0, NULL, NULL, NULL},
    {2, "intake.sources.type", N_("kind"), 0, NULL, suggest_maildir_kind, NULL},
    {2, "intake.sources.path", N_("folder"), 0, is_maildir, suggest_maildir, refuse_maildir},
    {2, "intake.sources.path", N_("socket"), 0, is_lmtp, suggest_socket, refuse_socket},
    {2, "intake.sources.host", N_("server"), 0, is_remote, NULL, NULL},
    {2, "intake.sources.user", N_("user"), 0, is_remote, suggest_user, NULL},
    {2, INIT_MAILBOX_PASSWORD, N_("password (is not shown)"), HIDDEN, is_remote, NULL,
        refuse_password},
    {3, "outgoing.transport", N_("way"), 0, NULL, suggest_smtp, NULL},
    {3, "outgoing.host", N_("server"), 0, is_smtp, suggest_relay, NULL},
    {3, "outgoing.tls", N_("tls from the first byte, or starttls"), 0, is_far_relay, suggest_tls,
        refuse_tls},
    {3, "outgoing.user", N_("user, or - for no login"), OPTIONAL, is_far_relay, suggest_relay_user,
        NULL},
    {3, INIT_RELAY_PASSWORD, N_("password (is not shown)"), HIDDEN, wants_relay_password, NULL,
        refuse_password},
    {4, "operators.user", N_("your user name on this host"), 0, NULL, suggest_operator,
        refuse_user},
    {4, "notices.to", N_("mail address for notices, or - for none"), OPTIONAL, NULL, suggest_none,
        refuse_own},
    {5, INIT_TRY, N_("try it now"), 0, NULL, suggest_yes, refuse_doubt},
};

/* -- asking -- */

/* "imap.sakura.example:1993" and "[2001:db8::25]:1993" are a server and its port; the rest is the
 * name. */
static char *split_port(const char *value, char **port)
{
    const char *bracket = *value == '[' ? strchr(value, ']') : NULL;
    const char *colon = strchr(bracket ? bracket : value, ':');

    if (!bracket && g_hostname_is_ip_address(value))
        colon = NULL;
    *port = colon && colon[1] ? g_strdup(colon + 1) : NULL;
    if (bracket)
        return g_strndup(value + 1, (gsize)(bracket - value) - 1);
    return colon ? g_strndup(value, (gsize)(colon - value)) : g_strdup(value);
}

static char *port_name(const char *setting)
{
    g_autofree char *group = g_strndup(setting, (gsize)(strrchr(setting, '.') - setting));
    return g_strconcat(group, ".port", NULL);
}

static char *refuse_host(const struct init *init, const char *setting, const char *value)
{
    g_autofree char *port = NULL;
    g_autofree char *host = split_port(value, &port);
    g_autofree char *name = port_name(setting);
    char *why = conf_setting_refuse(setting, host, init->folder);

    return why || !port ? why : conf_setting_refuse(name, port, init->folder);
}

static gboolean is_host(const struct init_question *question)
{
    return g_str_has_suffix(question->setting, ".host");
}

static char *refuse(
    const struct init *init, const struct init_question *question, const char *value)
{
    gboolean of_table = !(question->flags & HIDDEN) && !g_str_equal(question->setting, INIT_TRY);
    char *why = NULL;

    if (question->flags & OPTIONAL && g_str_equal(value, NONE))
        return NULL;
    if (is_host(question))
        return refuse_host(init, question->setting, value);
    if (of_table)
        why = conf_setting_refuse(question->setting, value, init->folder);
    return why || !question->refuse ? why : question->refuse(init, value);
}

static void take(struct init *init, const struct init_question *question, const char *value)
{
    gboolean none = question->flags & OPTIONAL && g_str_equal(value, NONE);
    g_autofree char *port = NULL;
    char *kept = is_host(question) ? split_port(value, &port) : g_strdup(none ? "" : value);

    g_hash_table_insert(init->answers, g_strdup(question->setting), kept);
    if (port)
        g_hash_table_insert(init->answers, port_name(question->setting), g_steal_pointer(&port));
}

static char *read_answer(const struct init *init, const struct init_question *question)
{
    g_autofree char *suggested = question->suggest ? question->suggest(init) : NULL;
    g_autofree char *prompt = suggested
                                  ? g_strdup_printf("   %s [%s]: ", _(question->prompt), suggested)
                                  : g_strdup_printf("   %s: ", _(question->prompt));
    char *typed = init_read_line(prompt, question->flags & HIDDEN);

    if (!typed || *typed || !suggested)
        return typed;
    g_free(typed);
    return g_steal_pointer(&suggested);
}

static int ask_one(struct init *init, const struct init_question *question)
{
    for (;;) {
        g_autofree char *value = read_answer(init, question);
        g_autofree char *why = value ? refuse(init, question, value) : NULL;
        if (!value) {
            init_say("That was the end of the answers. Nothing was written.\n");
            return 1;
        }
        if (!why)
            take(init, question, value);
        explicit_bzero(value, strlen(value));
        if (!why)
            return 0;
        init_say("   Not taken: %s.\n", why);
        if (!isatty(STDIN_FILENO)) {
            init_say("Nothing was written.\n");
            return EX_DATAERR;
        }
    }
}

static void say_head(guint head)
{
    init_say("%s%u. %s\n", head ? "" : "\n", head + 1, _(heads[head].title));
    if (heads[head].note)
        init_say("   %s\n", _(heads[head].note));
}

/* Where nothing is written a person need not type a password. Answers from a pipe keep their order.
 */
static gboolean is_in_vain(const struct init *init, const struct init_question *question)
{
    return init->exists && isatty(STDIN_FILENO) &&
           (question->flags & HIDDEN || g_str_equal(question->setting, INIT_TRY));
}

static int ask_or_pass_over(struct init *init, const struct init_question *question)
{
    if (!is_in_vain(init, question))
        return ask_one(init, question);
    take(init, question, NONE);
    return 0;
}

int init_ask(struct init *init)
{
    guint head = G_N_ELEMENTS(heads);
    int status = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(questions) && status == 0; i++) {
        if (questions[i].wanted && !questions[i].wanted(init))
            continue;
        if (questions[i].head != head && !is_in_vain(init, &questions[i]))
            say_head(head = questions[i].head);
        status = ask_or_pass_over(init, &questions[i]);
    }
    return status;
}

/* madoctl: one line on the command line -> one view. */
#include "error.h"
#include "madoctl.h"
#include <locale.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static const struct view *const views[] = {&view_status, &view_list, &view_show, &view_search,
    &view_history, &view_outbox, &view_outbox_show, &view_outbox_retry, &view_outbox_drop,
    &view_retry, &view_ledger, &view_alarms, &view_explain, &view_doctor, &view_check_config,
    &view_config_show, &view_contact, &view_contact_show, &view_contact_add, &view_contact_edit,
    &view_contact_import, &view_key, &view_key_show, &view_key_import, &view_key_pin,
    &view_key_unpin, &view_key_export, &view_key_check, &view_key_init, &view_key_extend,
    &view_key_publish, &view_audit_verify, &view_try, &view_init, &view_completion, &view_help,
    &view_version, &view_hold, &view_hold_show, &view_hold_release, &view_hold_drop, &view_inbox,
    &view_inbox_show, &view_inbox_accept, &view_inbox_attach, &view_inbox_feed, &view_inbox_spam,
    &view_inbox_reject, &view_taint_check, &view_taint_release, &view_restrict, &view_unrestrict,
    &view_artifact, &view_artifact_save, &view_rules_test, &view_take, &view_set, &view_note,
    &view_close, &view_reopen, &view_contact_verify, &view_named, &view_named_add,
    &view_named_remove, &view_reply, &view_ask, &view_reject, &view_hold_undo, &view_merge,
    &view_merge_undo, &view_split, &view_link, &view_link_drop, &view_similar, &view_views,
    &view_view_set, &view_view_drop, &view_backup, &view_log_phone, &view_log_visit, &view_log_web,
    &view_watch, &view_import, &view_share, &view_export, &view_coord, &view_coord_list,
    &view_coord_show, &view_coord_remind, &view_coord_done, &view_notify, &view_notify_list,
    &view_escalate, &view_escalate_list, &view_ack_escalation, &view_purge, &view_audit_export,
    &view_stats, &view_periodic, &view_duty, &view_duty_week, &view_duty_set, &view_duty_swap,
    &view_duty_handover, &view_duty_accept, &view_duty_show, &view_contact_review,
    &view_contact_ask, &view_damage, &view_goal, &view_goal_set, &view_goal_drop};

static const struct view *find_view(const char *command)
{
    for (gsize i = 0; i < G_N_ELEMENTS(views); i++)
        if (g_str_equal(views[i]->command, command))
            return views[i];
    return NULL;
}

/* -- commands -- */

/* What a command does not take is refused. */
static gboolean check_typed(struct call *call, GError **error)
{
    const struct ctl_command *command = call->command;

    if (!*command->args && *call->words)
        return view_usage(error, "%s takes no \"%s\". Nothing was changed. See: madoctl help %s",
            command->name, *call->words, command->name);
    return options_check(&call->options, command, error);
}

static gboolean unknown_command(const char *word, GError **error)
{
    const char *guess = ctl_guess(word);

    for (const struct ctl_command *command = ctl_commands; !guess && command->name; command++)
        if (g_str_has_prefix(command->name, word) && command->group)
            guess = command->name;
    if (guess)
        return error_set(error, MADO_E_UNKNOWN_COMMAND,
            "unknown command `%s`: did you mean `%s`? Nothing was changed. See: madoctl help", word,
            guess);
    return error_set(error, MADO_E_UNKNOWN_COMMAND,
        "unknown command `%s`. Nothing was changed. See: madoctl help", word);
}

/* Takes the command off the words: "audit verify" is one. */
static gboolean find_command(struct call *call, GError **error)
{
    char **words = call->words;
    g_autofree char *two =
        words[0] && words[1] ? g_strdup_printf("%s %s", words[0], words[1]) : NULL;
    const struct ctl_command *command = two ? ctl_find(two) : NULL;

    if (!words[0]) {
        call->command = ctl_find("status");
        return TRUE;
    }
    call->words += command ? 2 : 1;
    call->command = command ? command : ctl_find(words[0]);
    if (call->command && call->command->group)
        return TRUE;
    return unknown_command(two && !ctl_guess(words[0]) ? two : words[0], error);
}

static int print_help(struct call *call, gboolean of_program)
{
    if (call->options.json_help)
        screen_print(call->screen, PLAIN, "schema %s\n", call->command->fields);
    else if (of_program)
        help_print(call->screen);
    else if (call->options.long_help)
        help_manual(call->screen, call->command);
    else
        help_command(call->screen, call->command);
    screen_flush(call->screen, call->options.long_help);
    return 0;
}

static int run(struct call *call, GError **error)
{
    gboolean bare = call->words[0] == NULL;
    const struct view *view;

    if (call->options.version)
        return view_version.run(call, error);
    if (!find_command(call, error))
        return -1;
    if (call->options.short_help || call->options.long_help || call->options.json_help)
        return print_help(call, bare);
    if (!check_typed(call, error))
        return -1;
    view = bare ? &view_home : find_view(call->command->name);
    return view->run ? view->run(call, error) : view_run(view, call, error);
}

static void clear(struct call *call)
{
    client_free(call->client);
    screen_free(call->screen);
    options_clear(&call->options);
}

/* GLib's parser would take the word behind --json as its value. */
static void split_json_help(char **argv)
{
    static char written[] = "--json-help";

    for (; *argv; argv++)
        if (g_str_equal(*argv, "--json=help"))
            *argv = written;
}

/* What a query leaves out begins with a dash, as options do: "-state:closed", and no "-h". */
static gboolean leaves_out(const char *word)
{
    return word[0] == '-' && word[1] && word[1] != '-' && word[2];
}

enum { HIDDEN_DASH = 1 };

/* From GLib's parser, behind the name of a command that has a query. */
static void hide_dashes(char **words)
{
    static const char *const commands[] = {"list", "search", "view", NULL};
    gboolean query = FALSE;

    for (; *words && !g_str_equal(*words, "--"); words++) {
        if (query && leaves_out(*words))
            **words = HIDDEN_DASH;
        query |= g_strv_contains(commands, *words);
    }
}

static void show_dashes(char **words)
{
    for (; *words; words++)
        if (**words == HIDDEN_DASH)
            **words = '-';
}

/* As POSIX orders them, and an empty one is none. */
static const char *wanted_locale(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_getenv(names[i]) && *g_getenv(names[i]))
            return g_getenv(names[i]);
    return "";
}

/* The text is UTF-8 in any case; this is for what the C library knows of it, where the locale that
 * is asked for is not installed. */
static void set_language(void)
{
    g_autofree char *wanted = g_ascii_strdown(wanted_locale(), -1);
    const char *language = say_wanted();

    if (!setlocale(LC_ALL, "") && strstr(wanted, "utf"))
        setlocale(LC_ALL, "C.UTF-8");
    if (g_str_equal(language, "en"))
        return;
    say_open();
    say_in(language);
}

/* A core is mail on disk, sealed or not, and so is that of an editor. The limit alone does not keep
 * a program from it that takes cores (core(5)). */
static void leave_no_core(void)
{
    const struct rlimit none = {0, 0};

    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autofree char **own = g_memdup2(argv, sizeof *argv * (gsize)(argc + 1));
    char **words = own;
    struct call call = {0};
    int status = -1;

    leave_no_core();
    set_language();
    split_json_help(words);
    hide_dashes(words);
    if (options_parse(&call.options, &argc, &words, &error)) {
        call.words = words + 1;
        show_dashes(call.words);
        call.screen = screen_new(call.options.colour);
        status = run(&call, &error);
    }
    if (error && call.screen)
        edit_give_back(call.screen);
    if (error)
        screen_complain(error);
    clear(&call);
    return status >= 0 ? status : error_exit_status(error);
}

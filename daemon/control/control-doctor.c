/* doctor: is everything in order? Told from the store, from memory, and by asking the servers. */
#include "control-answers.h"
#include "clock.h"
#include "duty.h"
#include "error.h"
#include "now.h"
#include "room.h"
#include "store-event.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { ASK_AGAIN_MS = 100, MOST_LETTERS = 1000, LIST_ENDS_SOON = 60 * 24 * 60 * 60 };

void answer_finding(struct answer *answer, const char *check, enum finding result, const char *todo,
    const char *text)
{
    static const char *const words[] = {"ok", "warning", "failure", "unknown"};
    json_t *row = ctl_row();

    answer_set(row, "check", ctl_string(check));
    answer_set(row, "result", ctl_string(words[result]));
    answer_set(row, "text", ctl_string(_(text)));
    answer_set(row, "do", ctl_string(result == FINE || !todo ? NULL : _(todo)));
    answer_add(answer, row);
}

static void add_finding(struct answer *answer, const char *check, enum finding result,
    const char *todo, const char *format, ...) G_GNUC_PRINTF(5, 6);
static void add_finding(struct answer *answer, const char *check, enum finding result,
    const char *todo, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list values;

    va_start(values, format);
    text = g_strdup_vprintf(_(format), values);
    va_end(values);
    answer_finding(answer, check, result, todo, text);
}

/* The beginning of the chain only: doctor is asked every minute by a monitor. */
static void examine_journal(struct answer *answer)
{
    g_autoptr(GError) error = NULL;
    char hash[STORE_HASH_SIZE] = "";
    guint64 after = 0;
    guint checked = 0;
    gboolean intact =
        store_audit(answer->context->store, &after, hash, AUDIT_PAGE, &checked, &error);

    if (!intact)
        add_finding(answer, "journal", FAILURE,
            "keep a copy of the store, then find out who wrote to it", "%s", error->message);
    else if (checked == AUDIT_PAGE)
        add_finding(answer, "journal", FINE, NULL,
            "the first %u rows are intact (all: madoctl audit verify)", checked);
    else
        add_finding(answer, "journal", FINE, NULL, "%u rows, intact", checked);
}

static void examine_ledger(struct answer *answer)
{
    g_autoptr(GError) error = NULL;
    struct ledger_sum sum;
    guint64 all = 0;

    if (!store_ledger(answer->context->store, &sum, &error)) {
        add_finding(answer, "store", FAILURE, "see the log of madod", "%s", error->message);
        return;
    }
    for (int place = LEDGER_NONE + 1; place < LEDGER_PLACES; place++)
        all += sum.place[place];
    if (all + sum.waiting == sum.mails)
        add_finding(answer, "store", FINE, NULL,
            "%" PRIu64 " mails in all, each in one place, %" PRIu64 " not read yet", sum.mails,
            sum.waiting);
    else
        add_finding(answer, "store", FAILURE, "madoctl ledger", "the ledger does not add up");
}

static void examine_disk(struct answer *answer)
{
    const char *folder = answer->context->settings->daemon.state;
    struct room room;
    g_autofree char *space = NULL;
    gboolean low;

    if (!room_look(folder, &room)) {
        add_finding(answer, "disk", UNKNOWN, "look with: df", "%s: %s", folder, g_strerror(errno));
        return;
    }
    space = ctl_bytes(room.left);
    low = room_judge(&room, ROOM_ENOUGH) != ROOM_ENOUGH;
    add_finding(answer, "disk", low ? FAILURE : FINE, "make room: no mail is taken until then",
        "%s left in %s", space, folder);
}

/* -- mailboxes and relay: what they answered to a proof -- */

struct proven {
    const char *check, *state, *left, *proof;
    gboolean well;
};

static void add_proven(struct answer *answer, const struct proven *one)
{
    const char *mend = _("mend what it names; the log of madod has more");

    if (one->proof && *one->proof)
        add_finding(answer, one->check, FAILURE, mend, "%s", one->proof);
    else if (!one->well)
        add_finding(answer, one->check, FAILURE, mend, "%s", one->state);
    else if (one->left)
        add_finding(answer, one->check, WARNING,
            "read it there, then move it or mend what it names", "%s", one->left);
    else if (one->proof)
        add_finding(answer, one->check, FINE, NULL, "answers; %s", one->state);
    else
        add_finding(answer, one->check, WARNING, "ask again; if that lasts, see the log of madod",
            "no answer yet within %d s; %s", PROOF_SECONDS, one->state);
}

static void examine_servers(struct answer *answer)
{
    struct status_facts facts;

    answer_facts(answer, &facts);
    for (guint i = 0; i < facts.sources->len; i++) {
        const struct source_facts *one = g_ptr_array_index(facts.sources, i);
        g_autofree char *check = g_strdup_printf("source %s", one->name);
        g_autofree char *state =
            g_strdup_printf(_("%s, %" PRIu64 " waiting"), one->state, one->waiting);
        add_proven(answer, &(struct proven){check, state, one->left, one->proof, one->well});
    }
    add_proven(answer, &(struct proven){"sending", facts.courier ? facts.courier : _("not known"),
                           NULL, facts.courier_proof, facts.courier_well});
    answer_facts_clear(&facts);
}

/* -- what is known at once -- */

static void examine_reader(struct answer *answer, const struct status_facts *facts)
{
    add_finding(answer, "reader", facts->reader_well ? FINE : FAILURE, "see the log of madod", "%s",
        facts->reader ? facts->reader : _("not known"));
}

static void examine_keys(struct answer *answer, const struct status_facts *facts)
{
    add_finding(answer, "keys role", facts->keys_role_well ? FINE : FAILURE,
        "see that gpg and gpgsm are there (Debian: gnupg, gpgsm), and the log of madod", "%s",
        facts->keys_role ? facts->keys_role : _("not known"));
}

static void examine_alarms(struct answer *answer, const struct status_facts *facts)
{
    const struct settings *settings = answer->context->settings;
    const char *to = duty_is_kept(settings) && !*settings->notices.to ? _("who is on duty")
                                                                      : settings->notices.to;
    json_t *rows = answer_alarm_rows(answer, facts->not_taking, FALSE);
    json_t *row;
    gsize i;

    json_array_foreach(rows, i, row)
        add_finding(answer, "alarm", FAILURE, "madoctl alarms", "%s since %s: %s",
            json_string_value(json_object_get(row, "condition")),
            json_string_value(json_object_get(row, "since")),
            json_string_value(json_object_get(row, "text")));
    if (!json_array_size(rows))
        add_finding(answer, "alarms", FINE, NULL, "none; %s%s",
            *to ? _("one would be told to ") : _("nobody would be told: notices.to is not set"),
            to);
    else if (!*to)
        add_finding(answer, "alarms", WARNING, "set notices.to, then reload",
            "nobody is told: notices.to is not set");
    json_decref(rows);
}

static void examine_hooks(struct answer *answer, const struct status_facts *facts)
{
    g_autoptr(GError) error = NULL;
    gint64 waiting = 0;

    if (!facts->hooks)
        return;
    if (!store_count_events(answer->context->store, &waiting, &error))
        add_finding(answer, "hooks", UNKNOWN, "see the log", "%s", error->message);
    else if (facts->hooks_well)
        add_finding(answer, "hooks", FINE, NULL, "%" PRIi64 " events wait", waiting);
    else
        add_finding(answer, "hooks", WARNING, "mend the program; its words are in the log",
            "%s; %" PRIi64 " events wait", facts->hooks_state, waiting);
}

static void examine_outbox(struct answer *answer)
{
    gint64 lost = 0;

    store_count_lost_letters(answer->context->store, MOST_LETTERS, &lost, NULL);
    add_finding(answer, "outbox", lost ? WARNING : FINE, "madoctl outbox failed",
        "%" PRIi64 "%s letters not delivered or uncertain", lost,
        lost == MOST_LETTERS ? " and more" : "");
}

/* That a key is missing is seen here before its owner asks. */
static void examine_closed(struct answer *answer)
{
    gint64 closed = 0;

    store_count_unreadable(answer->context->store, &closed, NULL);
    add_finding(answer, "closed mail", closed ? WARNING : FINE,
        "madoctl ledger unreadable; with the key: madoctl retry",
        "%" PRIi64 " mails that could not be opened", closed);
}

static void examine_held(struct answer *answer)
{
    gint64 count = 0, oldest, newest;

    store_count_held(answer->context->store, &count, &oldest, &newest, NULL);
    add_finding(answer, "held", count ? WARNING : FINE, "madoctl hold",
        "%" PRIi64 " letters must not go as things are", count);
}

/* Of those of whom somebody made sure once: where nobody answers, mail may go astray. */
static void examine_contacts(struct answer *answer)
{
    guint old = 0, all = 0;

    if (!answer_count_old_contacts(answer, &old, &all))
        return;
    add_finding(answer, "contacts", old ? WARNING : FINE, "madoctl contact review",
        "%u of %u were verified longer ago than contacts.review", old, all);
}

static void examine_clock(struct answer *answer)
{
    if (now_is_fixed())
        add_finding(answer, "clock", WARNING, "start madod without --now",
            "the clock of madod stands still (--now)");
    else
        add_finding(answer, "clock", FINE, NULL, "runs");
}

/* A list that has ended counts every weekday as one of business. */
static void examine_holidays(struct answer *answer, const struct clock *clock)
{
    const char *trouble = answer->context->clock_trouble;
    gint64 last;
    gboolean known = clock_last_holiday(clock, &last);
    g_autofree char *day = clock_tell_day(clock, last);

    if (trouble)
        add_finding(answer, "holidays", WARNING, "mend the file of hours.holidays, then reload",
            "%s", trouble);
    else if (!known)
        add_finding(answer, "holidays", FINE, NULL, "no list (hours.holidays)");
    else
        add_finding(answer, "holidays", last - now_seconds() < LIST_ENDS_SOON ? WARNING : FINE,
            "renew the file of hours.holidays, then reload", "known until %s", day);
}

static void examine_hours(struct answer *answer)
{
    const struct clock *clock = answer->context->clock;
    gint64 now = now_seconds(), opens;
    g_autofree char *hours = clock ? clock_tell_hours(clock, now, "en") : NULL;

    if (!clock)
        return;
    if (clock_next_open(clock, now, &opens))
        add_finding(answer, "hours", FINE, NULL, "%s%s", hours,
            clock_is_open(clock, now) ? "" : _("; closed now"));
    else
        add_finding(answer, "hours", WARNING, "mend hours.closed and hours.days, then reload",
            "the team is never at work: letters promise no answer");
    examine_holidays(answer, clock);
}

/* First what is known at once, while mailboxes and relay are asked; the pages behind it are empty
 * until they have answered, or had their time. */
gboolean answer_doctor(struct answer *answer, GError **error)
{
    const struct control_context *context = answer->context;
    gboolean first = !json_object_get(answer->args, "page");
    struct status_facts facts;

    if (first) {
        answer_facts(answer, &facts);
        examine_ledger(answer);
        examine_journal(answer);
        examine_reader(answer, &facts);
        examine_keys(answer, &facts);
        examine_hooks(answer, &facts);
        examine_outbox(answer);
        examine_closed(answer);
        examine_held(answer);
        examine_contacts(answer);
        examine_disk(answer);
        answer_examine_copies(answer);
        examine_clock(answer);
        examine_hours(answer);
        examine_alarms(answer, &facts);
        answer_examine_keys(answer, FALSE);
        answer_facts_clear(&facts);
    }
    if (context->prove && !context->prove(context->desk, first))
        answer->next = json_pack("{s:b,s:i}", "asked", TRUE, "again_ms", ASK_AGAIN_MS);
    else
        examine_servers(answer);
    return TRUE;
}

/* A team, a mail and a history, for the tests of the desk. */
#pragma once
#include "category.h"
#include "desk.h"
#include <string.h>

static char *aliases[] = {(char *)"soc@sakura.example", NULL};
static char *languages[] = {(char *)"ja", (char *)"en", NULL};
static char *never_to[] = {
    (char *)"robot@hinode.example", (char *)"@silent.example", (char *)"alerts@", NULL};

static inline GPtrArray *usual_categories(void)
{
    static GPtrArray *list;

    return list ? list : (list = category_list_usual());
}

static inline struct settings team(void)
{
    struct settings settings = {0};

    settings.categories = usual_categories();
    settings.team.address = (char *)"csirt@sakura.example";
    settings.team.aliases = aliases;
    settings.team.languages = languages;
    settings.intake.authserv_id = (char *)"mx.sakura.example";
    settings.tickets.tag = (char *)"SAKURA";
    settings.handling.default_in = (char *)"TLP:AMBER";
    settings.acknowledge.mode = (char *)"auto";
    settings.acknowledge.never_to = never_to;
    settings.acknowledge.per_address_daily = 10;
    settings.acknowledge.per_ticket_daily = 1;
    settings.acknowledge.per_domain_hourly = 20;
    settings.acknowledge.hourly = 200;
    settings.notices.to = (char *)"duty@sakura.example";
    return settings;
}

static inline void put(char **field, const char *value)
{
    g_free(*field);
    *field = g_strdup(value);
}

static inline void put_list(char ***field, const char *first)
{
    g_strfreev(*field);
    *field = g_new0(char *, 2);
    (*field)[0] = g_strdup(first);
}

static inline struct message *report_from(const char *address, const char *subject)
{
    struct message *message = message_new();

    g_ptr_array_add(message->from, mailbox_new("山吹 花子", address));
    g_ptr_array_add(message->to, mailbox_new("", "csirt@sakura.example"));
    put(&message->subject, subject);
    put(&message->text, "下記のサイトについてお知らせします。\n");
    put(&message->language, "ja");
    message->message_id = g_strdup("1@yamabuki.example");
    return message;
}

static inline struct message *report(void)
{
    return report_from("hanako@yamabuki.example", "報告");
}

static inline struct history *asked(void)
{
    struct history *history = history_new();

    history->consulted = TRUE;
    return history;
}

static inline void know(
    struct history *history, const char *number, gboolean token_ok, gboolean correspondent)
{
    struct known_incident *incident = g_new0(struct known_incident, 1);

    incident->id = 42;
    incident->number = g_strdup(number);
    incident->state = g_strdup("open");
    incident->token_ok = token_ok;
    incident->correspondent = correspondent;
    incident->reopens = TRUE;
    g_ptr_array_add(history->incidents, incident);
}

static inline struct plan *decide(const struct message *message, const struct history *history)
{
    struct settings settings = team();
    g_autoptr(mado_question) question = desk_ask(message, NULL, &settings);

    return desk_decide(message, NULL, question, history, &settings);
}

static inline const char *value_of(const struct plan *plan, enum action_kind kind, int field)
{
    const struct action *action = plan_find(plan, kind);
    return action ? action->value[field] : NULL;
}

static inline void assert_no_ack(const struct plan *plan, const char *why)
{
    const struct action *no_ack = plan_find(plan, ACTION_NO_ACK);

    g_assert_null(plan_find(plan, ACTION_ACK));
    g_assert_nonnull(no_ack);
    if (!strstr(no_ack->why, why))
        g_error("\"%s\" instead of \"%s\"", no_ack->why, why);
}

#define OURS "2026-0042.0123456789abcdef.u1@sakura.example"

/* Of a server, about the domain of the mail's From. */
static inline void result(struct message *m, const char *server, const char *dmarc)
{
    const struct mailbox *from = m->from->len ? m->from->pdata[0] : NULL;
    const char *at = from ? strchr(from->addr, '@') : NULL;

    g_ptr_array_add(m->auth_results, auth_result_new(server, dmarc, at ? at + 1 : ""));
}

/* One test a row; its name is the first field. */
static inline void add_rows(const char *folder, gconstpointer rows, gsize size, gsize length,
    void (*test)(gconstpointer row))
{
    for (gsize i = 0; i < length; i++) {
        const guint8 *row = (const guint8 *)rows + i * size;
        const char *sentence;
        g_autofree char *path = NULL;
        memcpy(&sentence, row, sizeof sentence); /* the first field */
        path = g_strdup_printf("/%s/%s", folder, sentence);
        g_test_add_data_func(path, row, test);
    }
}

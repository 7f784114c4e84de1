#include <mado/history.h>

static void claim_free(gpointer data)
{
    struct claim *claim = data;

    g_free(claim->number);
    g_free(claim->token);
    g_free(claim);
}

static void known_incident_free(gpointer data)
{
    struct known_incident *incident = data;

    g_free(incident->number);
    g_free(incident->state);
    g_free(incident);
}

struct claim *claim_new(
    int year, int sequence, const char *number, gboolean check_ok, const char *token)
{
    struct claim *claim = g_new0(struct claim, 1);

    claim->year = year;
    claim->sequence = sequence;
    claim->number = g_strdup(number);
    claim->check_ok = check_ok;
    claim->token = g_strdup(token);
    return claim;
}

struct question *question_new(void)
{
    struct question *question = g_new0(struct question, 1);
    question->claims = g_ptr_array_new_with_free_func(claim_free);
    return question;
}

void question_free(struct question *question)
{
    if (!question)
        return;
    g_free(question->address);
    g_free(question->domain);
    g_free(question->message_id);
    g_free(question->text_sha256);
    g_ptr_array_unref(question->claims);
    g_free(question);
}

struct history *history_new(void)
{
    struct history *history = g_new0(struct history, 1);
    history->incidents = g_ptr_array_new_with_free_func(known_incident_free);
    return history;
}

void history_free(struct history *history)
{
    if (!history)
        return;
    g_ptr_array_unref(history->incidents);
    g_free(history);
}

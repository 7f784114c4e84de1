/* A store in a folder of its own, and mails to put into it. */
#pragma once
#include "error.h"
#include "fd.h"
#include "folder.h"
#include "statement.h"
#include <string.h>
#include <unistd.h>

#define NOW G_GINT64_CONSTANT(1790000000)

struct place {
    char *folder, *path;
    struct store *store;
};

G_GNUC_UNUSED static void must(gboolean done, GError *error)
{
    g_assert_no_error(error);
    g_assert_true(done);
}
/* Runs `call`, which takes &error as its last argument. */
#define MUST(call)                                                                                 \
    do {                                                                                           \
        g_autoptr(GError) error = NULL;                                                            \
        gboolean done = (call) != 0;                                                               \
        must(done, error);                                                                         \
    } while (0)
#define MUST_FAIL(call, code)                                                                      \
    do {                                                                                           \
        g_autoptr(GError) error = NULL;                                                            \
        g_assert_false((call) != 0);                                                               \
        g_assert_error(error, MADO_ERROR, code);                                                   \
    } while (0)

G_GNUC_UNUSED static void place_open(struct place *place)
{
    MUST(place->store = store_open(place->path, &error));
}

G_GNUC_UNUSED static void place_close(struct place *place)
{
    g_clear_pointer(&place->store, store_close);
}

G_GNUC_UNUSED static struct place place_new(void)
{
    struct place place = {.folder = g_dir_make_tmp("mado-store-XXXXXX", NULL)};

    place.path = g_build_filename(place.folder, "mado.db", NULL);
    place_open(&place);
    return place;
}

G_GNUC_UNUSED static void place_clear(struct place *place)
{
    place_close(place);
    folder_remove(place->folder);
    g_free(place->path);
}

/* Changes the file behind the store's back. */
G_GNUC_UNUSED static void tamper(struct place *place, const char *sql)
{
    sqlite3 *db;
    char *message = NULL;

    place_close(place);
    g_assert_cmpint(sqlite3_open(place->path, &db), ==, SQLITE_OK);
    sqlite3_exec(db, sql, NULL, NULL, &message);
    g_assert_cmpstr(message, ==, NULL);
    sqlite3_close(db);
    place_open(place);
}

G_GNUC_UNUSED static gint64 count(struct store *store, const char *sql)
{
    gint64 number = -1;

    MUST(statement_number(store, sql, NULL, &number, &error));
    return number;
}

G_GNUC_UNUSED static int memory(const void *bytes, gsize size)
{
    int fd = fd_new_memory("mail", NULL);
    guint64 sealed;

    g_assert_true(fd_write_all(fd, bytes, size, NULL));
    g_assert_true(fd_seal(fd, size, &sealed, NULL));
    return fd;
}

G_GNUC_UNUSED static guint64 take_from(
    struct store *store, const char *bytes, const char *uid, gboolean *again)
{
    struct arrival arrival = {"inbox", 7, uid, NOW};
    gsize size = strlen(bytes);
    g_autofree char *sha256 = g_compute_checksum_for_string(G_CHECKSUM_SHA256, bytes, -1);
    int fd = memory(bytes, size);
    guint64 mail = 0;

    MUST(store_take_mail(store, &arrival, fd, size, sha256, &mail, again, &error));
    close(fd);
    return mail;
}

G_GNUC_UNUSED static guint64 take(struct store *store, const char *bytes)
{
    gboolean again;

    return take_from(store, bytes, bytes, &again);
}

G_GNUC_UNUSED static struct message *letter_from(
    const char *addr, const char *subject, const char *text)
{
    struct message *message = message_new();

    g_ptr_array_add(message->from, mailbox_new("山吹 花子", addr));
    g_free(message->subject);
    message->subject = g_strdup(subject);
    g_free(message->text);
    message->text = g_strdup(text);
    return message;
}

G_GNUC_UNUSED static char *number_of(int year, int sequence)
{
    return g_strdup_printf("%d-%04d-K7", year, sequence);
}

G_GNUC_UNUSED static guint64 open_incident(
    struct store *store, const char *subject, const char *label, gint64 at)
{
    struct new_incident wanted = {
        2026, "medium", "phishing", label, subject, "山吹 花子", "hanako@yamabuki.example", at};
    g_autofree char *number = NULL;
    guint64 incident = 0;
    int sequence;

    MUST(store_open_incident(store, &wanted, number_of, &incident, &sequence, &number, &error));
    return incident;
}

/* Its id; 0 if its cause has one already. What `wanted` leaves out is the same for all. */
G_GNUC_UNUSED static guint64 queue_letter(struct store *store, const struct new_letter *wanted)
{
    g_autoptr(GBytes) bytes = g_bytes_new(wanted->cause, strlen(wanted->cause));
    struct new_letter letter = *wanted;
    gboolean queued;

    letter.sender = "";
    letter.subject = "受付";
    letter.bytes = bytes;
    if (!letter.message_id)
        letter.message_id = "1@sakura.example";
    MUST(store_queue_letter(store, &letter, &queued, &error));
    return queued ? (guint64)count(store, "SELECT max(id) FROM outbox") : 0;
}

/* A mail that was read and opened an incident. */
G_GNUC_UNUSED static guint64 report(struct store *store, const char *subject, const char *text,
    const char *label, guint64 *incident)
{
    g_autofree char *bytes = g_strdup_printf("Subject: %s\n\n%s\n", subject, text);
    g_autoptr(mado_message) message = letter_from("Hanako@Yamabuki.example", subject, text);
    guint64 mail = take(store, bytes);

    if (!*incident)
        *incident = open_incident(store, subject, label, NOW);
    MUST(store_keep_message(store, mail, message, "00", &error));
    MUST(store_settle_mail(store, mail, LEDGER_INCIDENT, *incident, "", "a report", NOW, &error));
    return mail;
}

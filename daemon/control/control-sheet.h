/* What a letter of a person is for, and to whom it goes: the first half of every order about one.
 */
#pragma once
#include "control-work.h"

/* What letters are for, and what they make of the ticket: from one of those states to another. */
struct purpose {
    const char *name, *template;
    const char *from[3], *behind; /* from: NULL-terminated; empty: any; behind "": none */
    gboolean (*check)(const struct answer *answer, const struct sheet *sheet,
        const struct incident *incident, GError **error);
};
/* Fills the sheet but for what it says; NULL with an error. The caller clears it, also then. */
const struct purpose *sheet_begin(struct answer *answer, struct sheet *sheet, GError **error);
/* NULL without an error: nobody's whom we know. The caller frees it. */
struct contact *sheet_contact(const struct answer *answer, const char *address, GError **error);

/* -- control-coord.c -- */
/* The coordination that the argument `coordination` names; NULL with an error. The caller frees it.
 */
struct coordination *answer_find_coordination(const struct answer *answer, GError **error);
/* Adds `coordinations` to the row of a ticket. */
gboolean answer_coordinations(
    const struct answer *answer, guint64 incident, json_t *row, GError **error);
/* A letter that belongs to one was taken back, or given up: nobody was asked. */
gboolean answer_taken_back(
    struct answer *answer, const struct writing *writing, const char *why, GError **error);
/* -- control-undo.c -- */
/* A letter was given up that has not gone: who was to be asked was not, and nobody waits for them.
 */
gboolean answer_given_up(
    struct answer *answer, const struct outbox_row *letter, const char *reason, GError **error);
/* -- control-party.c -- */
/* Before the letter, within the same change: its coordination. */
gboolean party_open(struct answer *answer, struct sheet *sheet, GError **error);
/* Behind the letter: who may answer, and who was escalated to. */
gboolean party_keep(
    struct answer *answer, const struct sheet *sheet, guint64 letter, GError **error);

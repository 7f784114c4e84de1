/* A mail of layers that are only said to be there: for test-open and for the fuzz target. */
#pragma once
#include "open.h"
#include <glib.h>
#include <string.h>

#define ALICE "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define BOB "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
#define CAROL "CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC" /* nobody has pinned it */
#define OURS "0123456789ABCDEF0123456789ABCDEF01234567"

enum { ARRIVED = 1793600000 };

/* The directory: Alice's contact has two addresses, Bob's has one. */
static inline GPtrArray *some_keys(void)
{
    GPtrArray *known = g_ptr_array_new_with_free_func(known_key_free);
    const char *alice[] = {"alice@yamabuki.example", "aoki@yamabuki.example", NULL};
    const char *bob[] = {"bob@hinode.example", NULL};

    g_ptr_array_add(known, known_key_new(ALICE, "Alice Aoki", (char **)alice));
    g_ptr_array_add(known, known_key_new(BOB, "Bob", (char **)bob));
    return known;
}

static inline GBytes *bytes_of(const char *text)
{
    return g_bytes_new(text, strlen(text));
}

/* Document 0 is the mail itself; each says which it is. */
static inline struct facts *some_facts(guint document, const char *from)
{
    struct facts *facts = facts_new();
    struct message *message = facts->message;

    g_free(message->text);
    message->text = g_strdup_printf("document %u", document);
    g_free(message->text_from);
    message->text_from = g_strdup("plain");
    if (document == 0) {
        g_autofree char *subject = g_strdup("outer subject");
        g_ptr_array_add(message->from, mailbox_new("", from));
        g_free(message->subject);
        message->subject = g_steal_pointer(&subject);
    }
    return facts;
}

/* "A good, B bad" -> signatures of a day before the mail came; "A old" is good, and of last month.
 */
static inline void add_signatures(struct opened *opened, const char *list)
{
    g_auto(GStrv) all = g_strsplit(list, ", ", 0);

    for (char **one = all; *one; one++) {
        static const char *const keys[] = {ALICE, BOB, CAROL};
        const char *word = *one + 2;
        gint64 at = ARRIVED - (g_str_equal(word, "old") ? 30 : 1) * 24 * 3600;
        enum signature_state state = SIGNATURE_GOOD;
        for (int i = 0; i < SIGNATURE_STATES; i++)
            if (g_str_equal(signature_state_name(i), word))
                state = i;
        g_ptr_array_add(opened->signatures, signature_new(keys[**one - 'A'], state, at));
    }
}

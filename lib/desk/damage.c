/*
 * What a leak of personal data might cost
 *
 * The JO model that the JNSA has published: 500 yen x (10^(x-1) + 5^(y-1)) x how easily somebody is
 * identified (6, 3, 1) x responsibility in society (2, 1) x how it was dealt with (1, 2), a person;
 * x is the distress and y the loss, 1 to 3, of that kind of data for which the sum is the largest.
 */
#include "record.h"
#include "error.h"
#include "say.h"
#include <inttypes.h>
#include <string.h>

#define MOST_PERSONS G_GINT64_CONSTANT(10000000000)

enum { YEN = 500, WORST = 3 };

const char *const damage_caution =
    N_("A rough figure by a public formula (JNSA JO model), whose coefficients are disputed: it is "
       "no claim that anybody has made, and no loss that was measured.");

static const struct choice {
    const char *word;
    gint64 factor;
} easy[] = {{"easy", 6}, {"partial", 3}, {"hard", 1}, {NULL, 0}},
  social[] = {{"high", 2}, {"normal", 1}, {NULL, 0}},
  dealt[] = {{"good", 1}, {"poor", 2}, {NULL, 0}};

static const struct field {
    const char *name;
    gsize offset;
    gint64 most;                  /* of a number from 1 on */
    const struct choice *choices; /* of a word */
} fields[] = {
    {"persons", G_STRUCT_OFFSET(struct damage, persons), MOST_PERSONS},
    {"distress", G_STRUCT_OFFSET(struct damage, distress), WORST},
    {"loss", G_STRUCT_OFFSET(struct damage, loss), WORST},
    {"identification", G_STRUCT_OFFSET(struct damage, identification), .choices = easy},
    {"responsibility", G_STRUCT_OFFSET(struct damage, responsibility), .choices = social},
    {"response", G_STRUCT_OFFSET(struct damage, response), .choices = dealt},
};

static const struct choice *find_choice(const struct choice *choices, const char *word)
{
    while (choices->word && !g_str_equal(choices->word, word))
        choices++;
    return choices;
}

static char *words_of(const struct choice *choices)
{
    g_autoptr(GString) all = g_string_new(NULL);

    for (; choices->word; choices++)
        g_string_append_printf(all, "%s%s", all->len ? ", " : "", choices->word);
    return g_string_free(g_steal_pointer(&all), FALSE);
}

static gboolean set_number(
    gint64 *into, const struct field *field, const char *value, GError **error)
{
    guint64 number;

    if (!g_ascii_string_to_unsigned(value, 10, 1, (guint64)field->most, &number, NULL))
        return error_set(error, MADO_E_BAD_DATA,
            "%s is a number from 1 to %" PRIi64 ", and not \"%s\". Nothing was changed.",
            field->name, field->most, value);
    *into = (gint64)number;
    return TRUE;
}

static gboolean set_word(char **into, const struct field *field, const char *value, GError **error)
{
    const struct choice *choice = find_choice(field->choices, value);
    g_autofree char *all = words_of(field->choices);

    if (!choice->word)
        return error_set(error, MADO_E_BAD_DATA,
            "%s is one of %s, and not \"%s\". Nothing was changed.", field->name, all, value);
    g_free(*into);
    *into = g_strdup(choice->word);
    return TRUE;
}

gboolean damage_set(struct damage *damage, const char *word, GError **error)
{
    const char *sign = strchr(word, '=');
    g_autofree char *name = sign ? g_strndup(word, (gsize)(sign - word)) : NULL;

    for (gsize i = 0; name && i < G_N_ELEMENTS(fields); i++) {
        gpointer into = G_STRUCT_MEMBER_P(damage, fields[i].offset);
        if (!g_str_equal(fields[i].name, name))
            continue;
        return fields[i].choices ? set_word(into, &fields[i], sign + 1, error)
                                 : set_number(into, &fields[i], sign + 1, error);
    }
    return error_set(error, MADO_E_BAD_DATA,
        "\"%s\" sets nothing of it. There are persons, distress, loss, identification, "
        "responsibility and response. Nothing was changed.",
        word);
}

char *damage_missing(const struct damage *damage)
{
    g_autoptr(GString) all = g_string_new(NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
        gconstpointer at = (const char *)damage + fields[i].offset;
        gboolean said = fields[i].choices ? **(char *const *)at != '\0' : *(const gint64 *)at > 0;
        if (!said)
            g_string_append_printf(all, "%s%s", all->len ? " " : "", fields[i].name);
    }
    return g_string_free(g_steal_pointer(&all), FALSE);
}

static gint64 power(gint64 base, gint64 exponent)
{
    return exponent > 0 ? base * power(base, exponent - 1) : 1;
}

struct damage_sum damage_reckon(const struct damage *damage)
{
    struct damage_sum sum = {.base = YEN,
        .sensitivity = power(10, damage->distress - 1) + power(5, damage->loss - 1),
        .ease = find_choice(easy, damage->identification)->factor,
        .responsibility = find_choice(social, damage->responsibility)->factor,
        .response = find_choice(dealt, damage->response)->factor};

    sum.per_person = sum.base * sum.sensitivity * sum.ease * sum.responsibility * sum.response;
    sum.total = sum.per_person * damage->persons;
    return sum;
}

/* What kind of incident a new report is about, so that lists can be sorted before a person has read
 * it: what a rule says, else the report itself, else words in it. The last is a guess, and said to
 * be one. */
#include "category.h"
#include "fold.h"
#include "matter.h"
#include "reason.h"
#include "say.h"
#include <string.h>

enum { TEXT_BYTES = 4096 };

/* Japanese has no blanks between words; an ASCII word must stand alone ("scan", not "scandal"). */
static gboolean has_word(const char *text, const char *word)
{
    gsize length = strlen(word);

    for (const char *at = text; (at = strstr(at, word)); at += length) {
        gboolean begins = at == text || !g_ascii_isalnum(*word) || !g_ascii_isalnum(at[-1]);
        gboolean ends = !g_ascii_isalnum(word[length - 1]) || !g_ascii_isalnum(at[length]);
        if (begins && ends)
            return TRUE;
    }
    return FALSE;
}

static gboolean has_word_of(const struct category *category, const char *text)
{
    for (char **word = category->words; word && *word; word++)
        if (has_word(text, *word))
            return TRUE;
    return FALSE;
}

const struct category *desk_category_by_words(const GPtrArray *list, const char *text)
{
    g_autofree char *folded = fold_text(text, TEXT_BYTES);

    for (guint i = 0; i < list->len; i++)
        if (has_word_of(list->pdata[i], folded))
            return list->pdata[i];
    return NULL;
}

/* What is decided, by what, and why in a clause. */
struct sorting {
    const struct category *category;
    const char *by;
    char *why;
};

static gboolean sort_by_rule(const struct matter *matter, struct sorting *sorting)
{
    const char *id = matter->rules->value[RULE_CATEGORY];

    if (!id || !(sorting->category = category_find(matter->settings->categories, id)))
        return FALSE;
    sorting->by = matter->rules->by[RULE_CATEGORY];
    sorting->why = g_strdup(sorting->by);
    return TRUE;
}

static gboolean sort_by_report(const struct matter *matter, struct sorting *sorting)
{
    const char *class = matter->message->report->category;

    sorting->category = category_of_class(matter->settings->categories, class);
    sorting->by = "report";
    if (sorting->category)
        sorting->why = reason_make(REASON_REPORT_SAYS, class, NULL);
    return sorting->category != NULL;
}

static gboolean sort_by_words(const struct matter *matter, struct sorting *sorting)
{
    const GPtrArray *list = matter->settings->categories;
    enum reason where = REASON_WORD_IN_TITLE;

    sorting->category = desk_category_by_words(list, matter->message->subject);
    if (!sorting->category) {
        where = REASON_WORD_IN_TEXT;
        sorting->category = desk_category_by_words(list, matter->message->text);
    }
    sorting->by = "proposal";
    if (sorting->category)
        sorting->why = reason_make(where, sorting->category->id, NULL);
    return sorting->category != NULL;
}

static void sort(const struct matter *matter, struct sorting *sorting)
{
    if (sort_by_rule(matter, sorting) || sort_by_report(matter, sorting) ||
        sort_by_words(matter, sorting))
        return;
    sorting->category = category_find(matter->settings->categories, CATEGORY_OTHER);
    sorting->by = "default";
    sorting->why =
        g_strdup(N_("no word of a category is in the subject or at the start of the text"));
}

/* That of the category, unless a rule says more. */
static const char *severity_of(
    const struct matter *matter, const struct sorting *sorting, const char **by)
{
    const char *severity = matter->rules->value[RULE_SEVERITY];

    *by = severity ? matter->rules->by[RULE_SEVERITY] : sorting->by;
    return severity ?: sorting->category->severity;
}

/* What could not be read may ask for more than was known; nothing here lowers what a person set. */
void triage_change(const struct matter *matter, struct plan *plan)
{
    struct sorting sorting = {0};
    const char *severity, *by;

    sort(matter, &sorting);
    severity = severity_of(matter, &sorting, &by);
    plan_add(plan, ACTION_SET, sorting.why, "category", sorting.category->id, sorting.by, NULL);
    plan_add(plan, ACTION_SET, matter->rules->by[RULE_SEVERITY] ?: sorting.why, "severity",
        severity, by, NULL);
    label_raise(matter, matter->history->own_label, plan);
    rules_tell(matter, plan);
    g_free(sorting.why);
}

void triage_open(const struct matter *matter, struct plan *plan)
{
    struct sorting sorting = {0};
    g_autofree char *label = label_for_new(matter, FALSE);
    const char *severity, *by;

    sort(matter, &sorting);
    severity = severity_of(matter, &sorting, &by);
    plan_add(plan, ACTION_OPEN, sorting.why, sorting.category->id, severity, label, sorting.by, by,
        label_source(matter), NULL);
    label_flag(matter, plan);
    rules_assign(matter, plan);
    rules_tell(matter, plan);
    g_free(sorting.why);
}

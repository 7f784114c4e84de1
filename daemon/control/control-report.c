/* stats, report, and what of status is for those who decide: figures, drawn as they are asked for.
 */
#include "control-answers.h"
#include "control-figures.h"
#include "error.h"
#include <string.h>

enum { WIDTH = 80, NARROWEST = 40, WIDEST = 200 };

static const char *const kinds[] = {
    "weekly", "monthly", "quarterly", "half", "yearly", "commander", "meeting", NULL};
static const char *const languages[] = {"ja", "en", NULL};
static const char *const labels[] = {
    "TLP:RED", "TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR", NULL};

/* -- how it is drawn -- */

static char *draw_text(const struct answer *answer, const struct figures *figures)
{
    const char *typed = answer_string(answer, "width");
    guint64 width = typed ? g_ascii_strtoull(typed, NULL, 10) : WIDTH;

    return figures_text(figures, (int)CLAMP(width, NARROWEST, WIDEST));
}

/* A report is for people and their spreadsheets, figures are for programs, too. */
static char *draw_csv(const struct answer *answer, const struct figures *figures)
{
    return figures_csv(figures, answer_flag(answer, "mark"));
}

static char *draw_html(const struct answer *answer, const struct figures *figures)
{
    return figures_html(figures);
}

static const struct format {
    const char *name;
    char *(*draw)(const struct answer *answer, const struct figures *figures);
} formats[] = {{"text", draw_text}, {"csv", draw_csv}, {"html", draw_html}, {"json", NULL}};
static const char *const format_names[] = {"text", "csv", "html", "json", NULL};

static const struct format *format_of(const struct answer *answer)
{
    const char *name = answer_string(answer, "format");
    gsize i = 0;

    while (name && i + 1 < G_N_ELEMENTS(formats) && !g_str_equal(formats[i].name, name))
        i++;
    return &formats[i];
}

static json_t *row_of(const struct answer *answer, const struct figures *figures)
{
    const struct format *format = format_of(answer);
    g_autofree char *json = format->draw ? NULL : figures_json(figures);
    g_autofree char *content = format->draw ? format->draw(answer, figures) : NULL;
    json_t *row;

    if (json)
        return json_loads(json, 0, NULL);
    row = ctl_row();
    answer_set(row, "report", ctl_string(figures->kind));
    answer_set(row, "period", ctl_string(figures->period));
    answer_set(row, "label", ctl_string(figures->label));
    answer_set(row, "format", ctl_string(format->name));
    answer_set(row, "figures", answer_integer(figures->figures->len));
    answer_set(row, "content", ctl_string(content));
    return row;
}

/* -- what is asked for -- */

static gboolean is_asked_well(
    const struct answer *answer, const struct figures_order *order, GError **error)
{
    return answer_is_one_of("kind of report", order->kind, kinds, error) &&
           answer_is_one_of("audience", order->audience, control_audiences, error) &&
           answer_is_one_of("language", order->language, languages, error) &&
           answer_is_one_of("label", order->label, labels, error) &&
           answer_is_one_of("format", answer_string(answer, "format"), format_names, error) &&
           answer_is_one_of("dimension", order->by, figures_dimensions(), error);
}

static gboolean tell(struct answer *answer, const struct figures_order *order, GError **error)
{
    struct figures *figures =
        is_asked_well(answer, order, error) ? control_figures(answer->context, order, error) : NULL;

    if (!figures)
        return FALSE;
    answer_add(answer, row_of(answer, figures));
    figures_free(figures);
    return TRUE;
}

static struct figures_order order_of(const struct answer *answer)
{
    const char *language = answer_string(answer, "language");

    return (struct figures_order){.kind = answer_string(answer, "kind"),
        .period = answer_string(answer, "period"),
        .audience = answer_string(answer, "audience"),
        .by = answer_string(answer, "by"),
        .language = language ? language : say_language(),
        .label = answer_string(answer, "label"),
        .role = ctl_role_name(answer->role),
        .user = answer->user};
}

/* Who asks for a report gives it to others. */
gboolean answer_report(struct answer *answer, GError **error)
{
    struct figures_order order = order_of(answer);

    if (!order.kind)
        return answer_refuse(error, MADO_E_USAGE,
            "Which report? Write: madoctl report weekly, monthly, quarterly, half or yearly.");
    if (!order.audience)
        order.audience = control_audiences[0];
    return tell(answer, &order, error);
}

gboolean answer_stats(struct answer *answer, GError **error)
{
    struct figures_order order = order_of(answer);

    return tell(answer, &order, error);
}

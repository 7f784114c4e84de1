/* How others write: the numbers of their trackers, and forms that people fill in. */
#include "conf-table.h"

static const struct conf_row foreign_rows[] = {
    {"authority", &conf_text, offsetof(struct foreign, authority), .flags = CONF_REQUIRED,
        .max = 50, .sample = "ACME-CERT", .help = "Whose numbers they are."},
    {"shape", &conf_shape, offsetof(struct foreign, shape), .flags = CONF_REQUIRED, .max = 60,
        .sample = "ACME-000000",
        .help = "What one looks like: 0 stands for a digit, 0+ for one or more, ? for a letter or "
                "digit, a blank for any number of blanks, and everything else for itself."},
    {0},
};
const struct conf_element conf_foreign_element = {foreign_rows, sizeof(struct foreign)};

static const struct conf_row form_rows[] = {
    {"name", &conf_account, offsetof(struct form_described, name), .flags = CONF_REQUIRED,
        .sample = "acme-1", .help = "What the form is called: a report says \"form:acme-1\"."},
    {"sign", &conf_text, offsetof(struct form_described, sign), .flags = CONF_REQUIRED, .max = 100,
        .sample = "ACME インシデント連絡票",
        .help = "The line that stands above its fields. Width, blanks, numbers and brackets do "
                "not count; a version may follow."},
    {"fields", &conf_form_field, offsetof(struct form_described, fields), .max = 100, .min = 1,
        .flags = CONF_REQUIRED | CONF_LIST, .sample = "氏名=name 送信元=source-address ログ=log",
        .help = "A label of the form and the name of the fact that is written behind or below it "
                "(madoctl(1) lists them; others may be given). A label that stands under several "
                "headings is \"heading > label = name\"."},
    {0},
};
const struct conf_element conf_form_element = {form_rows, sizeof(struct form_described)};

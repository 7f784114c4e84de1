#include "smtp-parts.h"

static void end_line(struct smtp_body *body, GString *wire)
{
    g_string_append_len(wire, "\r\n", 2);
    body->size += 2;
    body->in_line = FALSE;
    body->after_cr = FALSE;
}

static void add_byte(struct smtp_body *body, char byte, GString *wire)
{
    if (byte == '\n') { /* also the one behind a CR */
        end_line(body, wire);
        return;
    }
    if (body->after_cr) /* a bare CR */
        end_line(body, wire);
    if (byte == '\r') {
        body->after_cr = TRUE;
        return;
    }
    if (byte == '.' && !body->in_line)
        g_string_append_c(wire, '.');
    g_string_append_c(wire, byte);
    body->eight_bit |= (guchar)byte >= 0x80;
    body->in_line = TRUE;
    body->size++;
}

void smtp_body_add(struct smtp_body *body, const char *bytes, gsize size, GString *wire)
{
    for (gsize i = 0; i < size; i++)
        add_byte(body, bytes[i], wire);
}

void smtp_body_end(struct smtp_body *body, GString *wire)
{
    if (body->after_cr || body->in_line)
        end_line(body, wire);
}

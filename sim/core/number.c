#include "core/number.h"

#include <glib.h>
#include <math.h>

char *number_text(double value)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];
    if (fabs(value) < 1e15 && value == floor(value))
        return g_strdup_printf("%.0f", value + 0.0); /* + 0.0: no "-0" */
    for (int digits = 1; digits <= 17; digits++) {
        char format[8];
        g_snprintf(format, sizeof format, "%%.%dg", digits);
        g_ascii_formatd(buffer, sizeof buffer, format, value);
        if (g_ascii_strtod(buffer, NULL) == value)
            break;
    }
    return g_strdup(buffer);
}

/* Real numbers as text, for scenarios and results. */
#ifndef SIM_CORE_NUMBER_H
#define SIM_CORE_NUMBER_H

/* The shortest text that reads back to the same number, in any locale; whole numbers below 1e15
 * without an exponent. Free with g_free. */
char *number_text(double value);

#endif

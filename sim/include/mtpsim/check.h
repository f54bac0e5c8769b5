/* SIM_CHECK: a condition that only a programming error can break. Prints where, what and a message,
 * and aborts. It stays on in optimised builds; errors of the user are GErrors instead. */
#ifndef MTPSIM_CHECK_H
#define MTPSIM_CHECK_H

#if defined(__GNUC__)
#define SIM_API               __attribute__((visibility("default")))
#define SIM_PRINTF(at, first) __attribute__((format(printf, at, first)))
#define SIM_LIKELY(x)         __builtin_expect(!!(x), 1)
#define SIM_UNLIKELY(x)       __builtin_expect(!!(x), 0)
#else
#define SIM_API
#define SIM_PRINTF(at, first)
#define SIM_LIKELY(x)   (x)
#define SIM_UNLIKELY(x) (x)
#endif

SIM_API _Noreturn void sim_check_failed(const char *file, int line, const char *condition,
                                        const char *format, ...) SIM_PRINTF(4, 5);

#define SIM_CHECK(condition, ...)                                                                  \
    do {                                                                                           \
        if (SIM_UNLIKELY(!(condition)))                                                            \
            sim_check_failed(__FILE__, __LINE__, #condition, __VA_ARGS__);                         \
    } while (0)

#endif

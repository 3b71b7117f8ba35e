/* Answers lines of JSON: Rosenbrock's function of the vector `x`. POSIX C, nothing else. */

#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 1000

/* What follows `"key":` in the object `line`, or NULL. Enough for the lines genetic-pool sends, which hold no spaces. */
static const char *value(const char *line, const char *key)
{
    char name[64];
    snprintf(name, sizeof name, "\"%s\":", key);
    const char *found = strstr(line, name);
    return found ? found + strlen(name) : NULL;
}

/* Reads the list of numbers at `text` into `numbers`; how many. strtod reads the very bits that were printed. */
static int list(const char *text, double *numbers)
{
    int count = 0;
    if (!text || *text != '[')
        return 0;
    while (count < MOST && (*text == '[' || *text == ',')) {
        char *end;
        numbers[count] = strtod(text + 1, &end);
        if (end == text + 1)
            break;
        count++;
        text = end;
    }
    return count;
}

int main(void)
{
    char *line = NULL;
    size_t size = 0;
    static double x[MOST];

    if (getline(&line, &size, stdin) < 0)
        return 1;
    const char *version = value(line, "genetic-pool");
    if (!version || atoi(version) != 1) {
        puts("{\"genetic-pool\":1,\"error\":\"this program speaks version 1 of the protocol\"}");
        return 1;
    }
    puts("{\"genetic-pool\":1}");
    fflush(stdout);

    while (getline(&line, &size, stdin) > 0) {
        const char *candidate = value(line, "candidate");
        int count = list(value(line, "x"), x);
        if (!candidate)
            return 1;
        /* The name with its quotes. */
        int length = (int)strcspn(candidate, ",}");
        if (count < 2) {
            printf("{\"candidate\":%.*s,\"failure\":\"`x` must be a vector of at least 2\"}\n", length, candidate);
        } else {
            double cost = 0;
            for (int i = 0; i + 1 < count; i++) {
                double a = x[i + 1] - x[i] * x[i];
                double b = 1 - x[i];
                cost += 100 * a * a + b * b;
            }
            printf("{\"candidate\":%.*s,\"outcome\":%.17g}\n", length, candidate, cost);
        }
        fflush(stdout);
    }
    free(line);
    return 0;
}

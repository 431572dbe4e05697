/* Preloaded into Kamailio where it serves TLS: without it, hostile handshakes make Debian's Kamailio 5.6.3 crash.
 *
 * Kamailio starts OpenSSL in its first process and then forks. OpenSSL 3 keeps its error queue and random generator per
 * thread, and Kamailio lets OpenSSL take memory from the segment that all its processes share; so all of them write into
 * one error queue (kamailio issues 3695 and 3791). Each process gets its own once it forgets the one it has inherited.
 * Later versions of Kamailio do the same (tls_threads_mode 2).
 */
#include <pthread.h>
#include <stddef.h>

#define KEYS 32 /* more than the libraries of Kamailio's modules make */

static void forget_what_was_inherited(void) {
    for (pthread_key_t key = 0; key < KEYS; key++) {
        if (pthread_getspecific(key) != NULL)
            pthread_setspecific(key, NULL);
    }
}

__attribute__((constructor)) static void begin(void) {
    pthread_atfork(NULL, NULL, forget_what_was_inherited);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL's EVP interface takes a context from the heap for each digest. Kept contexts were
 * considered and left out: they would make a digest somebody's state, and a digest is made once per
 * alert or per record that matched, never per event. */
#include "proto/digest.h"

#include <assert.h>
#include <openssl/evp.h>

static bool digest_pieces(EVP_MD_CTX *context, const EVP_MD *kind, uint8_t *out,
                          const struct slice pieces[], size_t count)
{
    if (EVP_DigestInit_ex(context, kind, NULL) != 1)
        return false;
    for (size_t i = 0; i < count; i++)
        if (EVP_DigestUpdate(context, pieces[i].data, pieces[i].len) != 1)
            return false;
    return EVP_DigestFinal_ex(context, out, NULL) == 1;
}

static int digest(const EVP_MD *kind, uint8_t *out, const struct slice pieces[], size_t count)
{
    assert(out != NULL && (pieces != NULL || count == 0));
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL)
        return STATUS_LIBRARY;
    bool done = digest_pieces(context, kind, out, pieces, count);
    EVP_MD_CTX_free(context);
    return done ? 0 : STATUS_LIBRARY;
}

int digest_sha256(uint8_t out[SHA256_BYTES], const struct slice pieces[], size_t count)
{
    return digest(EVP_sha256(), out, pieces, count);
}

int digest_sha1(uint8_t out[SHA1_BYTES], const struct slice pieces[], size_t count)
{
    return digest(EVP_sha1(), out, pieces, count);
}

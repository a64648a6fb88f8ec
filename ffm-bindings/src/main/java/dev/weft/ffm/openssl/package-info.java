/** AES-GCM of OpenSSL 3, by its EVP functions. */
package dev.weft.ffm.openssl;

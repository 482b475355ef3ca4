import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'

/** PEM files; each `null` = without. */
export type KafkaTlsFiles = Readonly<{
  caFile: string | null
  certFile: string | null
  keyFile: string | null
}>

const read = (what: string, path: string | null): string | null => {
  if (path === null) return null
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'unreadable'
    throw new Error(`${what} ${path} cannot be read (${why})`)
  }
}

/**
 * What they hold now: read at each connection, so a renewed certificate needs no restart.
 * @throws Error that names the file
 */
export const tlsOptionsOf = ({ caFile, certFile, keyFile }: KafkaTlsFiles): ConnectionOptions => {
  const ca = read('CURFEW_KAFKA_SSL_CA_FILE', caFile)
  const cert = read('CURFEW_KAFKA_SSL_CERT_FILE', certFile)
  const key = read('CURFEW_KAFKA_SSL_KEY_FILE', keyFile)
  return {
    ...(ca === null ? {} : { ca }),
    ...(cert === null || key === null ? {} : { cert, key }),
  }
}

const fixes: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'renew it',
  CERT_NOT_YET_VALID: 'wait, or set the clock of this host',
  ERR_TLS_CERT_ALTNAME_INVALID: 'name the broker as its certificate does, in both lists',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'give its authority in CURFEW_KAFKA_SSL_CA_FILE',
  SELF_SIGNED_CERT_IN_CHAIN: 'give its authority in CURFEW_KAFKA_SSL_CA_FILE',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'give its authority in CURFEW_KAFKA_SSL_CA_FILE',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'give its authority in CURFEW_KAFKA_SSL_CA_FILE',
}

/** Adds the fix to what is wrong with a broker's certificate; any other error stays as it is. */
export const withTlsFix = (error: Error): Error => {
  const fix = fixes[(error as NodeJS.ErrnoException).code ?? '']
  if (fix) error.message = `the broker's certificate is refused: ${error.message}; ${fix}`
  return error
}

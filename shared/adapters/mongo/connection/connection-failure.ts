import { errorCode } from '../../../kernel/error-code.ts'

/** Why a server was not reached. `mend`: no waiting helps, somebody has to change something. */
export type ConnectionFailure = Readonly<{
  what: string
  fix: string | null
  mend: boolean
  /** Nothing is wrong with it. */
  up?: boolean
}>

const trust =
  /^(?:SELF_SIGNED_CERT|DEPTH_ZERO_SELF|UNABLE_TO_(?:VERIFY|GET)|CERT_UNTRUSTED|CERT_SIG)/
const tls = /^(?:ERR_SSL_|ERR_TLS_|ERR_OSSL_|CERT_)/
const wait = (what: string, fix: string | null = null): ConnectionFailure => ({
  what,
  fix,
  mend: false,
})
const mend = (what: string, fix: string): ConnectionFailure => ({ what, fix, mend: true })

/** The failure of a server that never answered. */
export const silent: ConnectionFailure = wait(
  'does not answer in time',
  'it is frozen, or a firewall drops what is sent',
)

const ofTls = (code: string): ConnectionFailure | null => {
  if (trust.test(code)) {
    return mend('its certificate is of nobody trusted here', 'name its CA with tlsCAFile')
  }
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return mend('its certificate has expired', 'renew it')
    case 'CERT_NOT_YET_VALID':
      return mend('its certificate is not valid yet', 'look at the clocks')
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return mend('its certificate is for another name', 'use the name of the certificate')
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return mend('it speaks no TLS', 'take tls=true away, or turn TLS on there')
  }
  if (/ALERT/.test(code)) {
    return mend('it refuses our certificate, or our TLS', 'give it one with tlsCertificateKeyFile')
  }
  return tls.test(code) ? mend('TLS fails', 'compare the TLS settings of both sides') : null
}

const ofSocket = (code: string): ConnectionFailure | null => {
  switch (code) {
    case 'ECONNREFUSED':
      return wait('refuses the connection', 'start it there, or mend host and port')
    case 'ENOTFOUND':
    case 'ENODATA':
    case 'EBADNAME':
      return wait('DNS does not know the name', 'mend the host, or DNS')
    case 'EAI_AGAIN':
    case 'ESERVFAIL':
    case 'ETIMEOUT':
      return wait('DNS does not answer')
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ECONNABORTED':
      return wait('the connection broke', 'a server that wants TLS closes it too: tls=true')
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return wait('no way leads there', 'look at routes and firewalls')
    case 'ETIMEDOUT':
      return silent
  }
  return null
}

const isOldServer = (error: unknown): boolean =>
  error instanceof Error && error.name === 'MongoCompatibilityError'

const codesOf = (error: unknown): string[] => {
  const codes: string[] = []
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const code = errorCode(at)
    if (typeof code === 'string') codes.push(code)
  }
  return codes
}

const isTimeout = (error: unknown): boolean =>
  error instanceof Error && /Timeout|TimedOut/.test(error.name)

/** Reads the chain of causes; the driver wraps what Node says. */
export const connectionFailureOf = (error: unknown): ConnectionFailure => {
  for (const code of codesOf(error)) {
    const found = ofTls(code) ?? ofSocket(code)
    if (found) return { ...found, what: `${found.what} (${code})` }
  }
  if (isTimeout(error)) return silent
  if (isOldServer(error)) {
    return mend('is of a version that the driver does not speak to', 'take MongoDB 7 or 8')
  }
  return wait('the connection broke', 'a server that wants TLS closes it too: tls=true')
}

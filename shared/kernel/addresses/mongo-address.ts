/**
 * An address that was understood, or what is wrong with it, in words that hold nothing of it. A
 * user or a password that is not percent-encoded ends early or late, and what a parser takes for
 * the host, or for an option, is a piece of it then: so nothing is quoted, and no parser that might
 * quote sees what this one refuses.
 */
export type MongoAddress =
  | Readonly<{
      ok: true
      scheme: string
      hosts: readonly string[]
      database: string | null
      /** Each as `name=value`. */
      options: readonly string[]
      usesTls: boolean
    }>
  | Readonly<{ ok: false; mistake: string }>

const wrong = (mistake: string): MongoAddress => ({ ok: false, mistake })

const encodeFix =
  'write the user and the password percent-encoded (@ is %40, : is %3A, / is %2F, ? is %3F, ' +
  '# is %23, [ is %5B, ] is %5D, % is %25, a blank is %20)'

const isEncoded = (part: string): boolean => {
  if (/[:/?#[\]@]/.test(part)) return false
  try {
    decodeURIComponent(part)
    return true
  } catch {
    return false
  }
}

const credentialMistake = (credentials: string): string | null => {
  const [user = '', ...passwords] = credentials.split(':')
  if (passwords.length > 1 || ![user, ...passwords].every(isEncoded)) {
    return `has a reserved character or a lone % before its @: ${encodeFix}`
  }
  return user === '' ? 'has no user before its @' : null
}

const hostPattern = /^(?:\[[0-9a-fA-F:.]+\]|[\p{L}\p{N}._%-]+)(?::(\d{1,5}))?$/u
const isHost = (host: string): boolean => {
  const match = hostPattern.exec(host)
  return match !== null && (match[1] === undefined || Number(match[1]) <= 65_535)
}

const schemePattern = /^(mongodb(?:\+srv)?):\/\/(.*)$/s
const placePattern = /^([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s
const tlsOption = /^(?:tls|ssl)=true$/i

/** Reads `url` before anything else does. */
export const readMongoAddress = (url: string): MongoAddress => {
  const [, scheme, rest = ''] = schemePattern.exec(url) ?? []
  if (scheme === undefined) return wrong('does not begin with mongodb:// or mongodb+srv://')
  if (/[\s\p{C}]/u.test(url)) {
    return wrong(`has a blank, a line end or an unprintable character: ${encodeFix}`)
  }
  const at = rest.lastIndexOf('@')
  if (at !== rest.indexOf('@')) return wrong(`has more than one @: ${encodeFix}`)
  const mistake = at < 0 ? null : credentialMistake(rest.slice(0, at))
  if (mistake !== null) return wrong(mistake)
  const [, list = '', path = '', query = ''] = placePattern.exec(rest.slice(at + 1)) ?? []
  const hosts = list.split(',')
  if (!hosts.every(isHost)) {
    return wrong('has no host:port, or several with commas between, where they belong')
  }
  if (!isEncoded(path)) return wrong('has a database name with a reserved character in it')
  const options = query.split('&').filter((option) => option !== '')
  const database = path === '' ? null : decodeURIComponent(path)
  const usesTls = scheme === 'mongodb+srv' || options.some((option) => tlsOption.test(option))
  return { ok: true, scheme, hosts, database, options, usesTls }
}

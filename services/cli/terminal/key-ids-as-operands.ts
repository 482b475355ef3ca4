/** A SHA-256 in base64url (RFC 7638): one in 64 begins with a dash. */
const keyIdLikeAnOption = /^-[A-Za-z0-9_-]{42}$/

/** The same words, with ids of keys behind `--`: commander would take them for options. */
export const keyIdsAsOperands = (argv: readonly string[]): readonly string[] => {
  const ids = argv.filter((word) => keyIdLikeAnOption.test(word))
  if (ids.length === 0 || argv.includes('--')) return argv
  return [...argv.filter((word) => !ids.includes(word)), '--', ...ids]
}
